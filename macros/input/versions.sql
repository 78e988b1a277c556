{#- The CTEs `repeated` and `versions`: rows with `version`, which of the rows of one id each is, 1 counts. The latest counts, then the last to
    arrive, then a hash of what they say, by which of their values could not be read, and their JSON, which each engine orders in its own
    way. Only ids that came more than once are ranked and hashed, a hundredth of them: to sort and hash all rows took as long as to read them.
    rows: the name of a CTE, materialized; key: columns of the id; said: what a row says, columns in the order of the contract, without
    doubles and JSON; times: those of them that are times; dated: whether updated_at is among them; json_columns: what holds JSON;
    condition: of rows that one may take the place of, as what is refused, or is not yet, displaces nothing: it has version 1.
    Example: {{ versions('validated', ['store_id', 'ticket_id'], said, ['opened_at']) }} -#}
{% macro versions(rows, key, said, times, dated=true, json_columns=[], condition='rejection is null') -%}
repeated as (

    select
        {{ key | join(',\n        ') }}
    from {{ rows }}
    where {{ condition }}
    group by {{ key | join(', ') }}
    having count(*) > 1

),

versions as (

    select
        {{ rows }}.*,
        cast(1 as bigint) as version
    from {{ rows }}
    left join repeated
        on
            {%- for column in key %}
            {{ 'and ' if not loop.first }}{{ rows }}.{{ column }} = repeated.{{ column }}
            {%- endfor %}
    where repeated.store_id is null or not ({{ condition }})
    union all
    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by
                {{ is_late() }},
                {{ past('updated_at') ~ ' desc nulls last,' if dated }}
                arrived_at desc,
                {{ hash_of_columns(said, times) }} asc,
                {{ byte_order('broken_columns') }} asc nulls first
                {%- for column in json_columns %},
                {{ byte_order('cast(' ~ column ~ ' as text)') }} asc nulls first
                {%- endfor %}
        ) as version
    from {{ rows }}
    where
        {{ condition }}
        and ({{ key | join(', ') }}) in (
            select
                repeated.{{ key | join(',\n                repeated.') }}
            from repeated
        )

)
{%- endmacro %}
