{#- Why a row of the raw contract is refused, as '<reason>:<column>', or null. Reasons: missing, invalid (does not cast),
    too_old (before var earliest_date), future (more than a day after its own arrival), negative.
    required: columns without which the row says nothing; times: those of them that are times; not_negative: numbers.
    Example: {{ rejection(['order_id', 'ordered_at'], times=['ordered_at'], not_negative=['total_price']) }} -#}
{% macro rejection(required, times=[], not_negative=[], also=none) -%}
    case
        {%- for column in ['store_id'] + required %}
        when {{ column }} is null and broken_columns like '%,{{ column }},%' then 'invalid:{{ column }}'
        when {{ column }} is null then 'missing:{{ column }}'
        {%- endfor %}
        {%- for column in times %}
        when {{ column }} < cast('{{ var("earliest_date") }}' as timestamp) then 'too_old:{{ column }}'
        when {{ column }} > {{ shift_time('arrived_at', 1, 'day') }} then 'future:{{ column }}'
        {%- endfor %}
        {%- for column in not_negative %}
        when {{ column }} < 0 then 'negative:{{ column }}'
        {%- endfor %}
        {%- if also %}
        {{ also }}
        {%- endif %}
    end
{%- endmacro %}

{#- The fate of a row that exists for the run, given why it was refused and which version of its id it is (1 counts). -#}
{% macro fate(rejection='rejection', version='version') -%}
    case
        when {{ rejection }} is not null then 'rejected'
        when {{ version }} > 1 then 'duplicate'
        else 'accepted'
    end
{%- endmacro %}

{#- Why an event is refused; two models ask. -#}
{% macro event_rejection() -%}
    {{ rejection(['event_id', 'event_type', 'occurred_at'], times=['occurred_at']) }}
{%- endmacro %}
