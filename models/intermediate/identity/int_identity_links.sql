{#- A row ties what it names to the best of it: a customer, else an address, else a number. -#}
{%- set kinds = ['customer', 'email', 'phone', 'anon', 'external'] -%}

with pairs as (

    {%- for left_kind in kinds[:3] %}
        {%- set left_index = loop.index %}
        {%- for right_kind in kinds[left_index:] %}
            select
                store_id,
                source,
                {{ left_kind }}_identifier as left_identifier,
                {{ right_kind }}_identifier as right_identifier,
                '{{ right_kind }}' as right_kind,
                first_at
            from {{ ref('int_identity_rows') }}
            where
                {{ left_kind }}_identifier is not null
                and {{ right_kind }}_identifier is not null
                {%- for better in kinds[:left_index - 1] %}
                    and {{ better }}_identifier is null
                {%- endfor %}
            {%- if not (left_kind == 'phone' and loop.last) %}
                union all
            {%- endif %}
        {%- endfor %}
    {%- endfor %}

),

evidence as (

    select
        value as source,
        min(priority) as priority
    from {{ ref('stg_identity_rules') }}
    where rule = 'evidence'
    group by value

)

select
    pairs.store_id,
    pairs.left_identifier,
    pairs.right_identifier,
    pairs.source,
    -- a source that no rule names counts least
    coalesce(evidence.priority, 1000) as priority,
    min(pairs.first_at) as first_at,
    -- what may put two customer ids together: an equal external id, a row that was made to say who it was, and whatever
    -- the var merge_customers_by names
    bool_or(
        pairs.right_kind = 'external'
        or (pairs.source = 'identities' and pairs.right_kind <> 'anon')
        {%- for kind in var('merge_customers_by') %}
            or pairs.right_kind = '{{ kind }}'
        {%- endfor %}
    ) as joins_customers
from pairs
left join evidence on pairs.source = evidence.source
group by pairs.store_id, pairs.left_identifier, pairs.right_identifier, pairs.source, coalesce(evidence.priority, 1000)
