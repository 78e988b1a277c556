{#- What a ledger (change rows keyed by night) last said of each key: the newest row of every key among those that meet a
    condition, for the body of a CTE. The caller's condition says which nights count: the ones before this night where a
    ledger compares itself with what it said, so that a night run again finds what it found the first time; this night
    too where the ledger is read. keys, columns: names.
    Example: {{ last_of_ledger(this, ['store_id', 'identifier'], ['customer_id'], 'as_of < ' ~ as_of()) }} -#}
{% macro last_of_ledger(relation, keys, columns, condition) -%}
    select
        {{ (keys + columns) | join(',\n        ') }}
    from (
        select
            {{ (keys + columns) | join(',\n            ') }},
            row_number() over (partition by {{ keys | join(', ') }} order by as_of desc) as recency_rank
        from {{ relation }}
        where {{ condition }}
    ) as nights
    where recency_rank = 1
{%- endmacro %}

{#- What a ledger said of each key in the last night before this one, for the body of a CTE: nothing where the table is made
    anew. keys: names of columns of text; columns: name -> type. is_incremental is the model's own, so that a unit test can
    set it. Example: {{ previous_state(is_incremental(), this, ['store_id', 'customer_id'], {'rfm_code': 'text'}) }} -#}
{% macro previous_state(is_incremental, relation, keys, columns) -%}
    {%- if is_incremental -%}
        {{ last_of_ledger(relation, keys, columns.keys() | list, 'as_of < ' ~ as_of()) }}
    {%- else -%}
        select
            {%- for key in keys %}
                cast(null as text) as {{ key }},
            {%- endfor %}
            {%- for column, type in columns.items() %}
                cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    {%- endif %}
{%- endmacro %}

{#- What a ledger said in all nights before this one, by whom its people are now, for the body of a CTE: store_id, customer_id, earlier_id
    (whom the row names) and as_of beside the columns, name -> type. A model that calls it depends on int_person_ids.
    Example: {{ said_before(is_incremental(), this, {'action_id': 'text'}) }} -#}
{% macro said_before(is_incremental, relation, columns) -%}
    {%- if is_incremental -%}
        select
            said.store_id,
            persons.customer_id,
            said.customer_id as earlier_id,
            {%- for column in columns %}
                said.{{ column }},
            {%- endfor %}
            said.as_of
        from {{ relation }} as said
        inner join {{ ref('int_person_ids') }} as persons
            on said.store_id = persons.store_id and said.customer_id = persons.earlier_id
        where said.as_of < {{ as_of() }}
    {%- else -%}
        select
            {%- for column in ['store_id', 'customer_id', 'earlier_id'] %}
                cast(null as text) as {{ column }},
            {%- endfor %}
            {%- for column, type in columns.items() %}
                cast(null as {{ type }}) as {{ column }},
            {%- endfor %}
            cast(null as timestamp) as as_of
        where false
    {%- endif %}
{%- endmacro %}
