{{ config(severity='warn') }}

-- A rule that asks for an RFM group which the scheme of the var rfm_scheme does not have is met by nobody. The night goes on: this warns.
with asked as (

    select
        rules.source_seed,
        rules.owner_id,
        rules.rule_id,
        parts.part as rfm_segment
    from {{ ref('int_rules') }} as rules
    cross join unnest(string_to_array(rules.value, '|')) as parts (part)
    where rules.field = 'rfm_segment' and rules.operator in ('equals', 'in') and rules.status = 'active'

)

select
    asked.source_seed,
    asked.owner_id,
    asked.rule_id,
    'the scheme {{ var("rfm_scheme") }} has no group ' || asked.rfm_segment as reason
from asked
left join {{ ref('int_rfm_rules') }} as codes on asked.rfm_segment = codes.rfm_segment and codes.scheme = {{ sql_text(var('rfm_scheme')) }}
where codes.scheme is null
