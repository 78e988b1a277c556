-- If this fails, the seed raw_tables says nothing of a table of the contract, or speaks of one that there is not: data_completeness
-- lists what it says. A run with --empty reads no seed either.
select coalesce(contract.table_name, described.table_name) as table_name
from unnest(array{{ contract_tables() | list | tojson | replace('"', "'") }}) as contract (table_name)
full outer join {{ ref('raw_tables') }} as described on contract.table_name = described.table_name
where (contract.table_name is null or described.table_name is null){{ ' and false' if flags.EMPTY }}
