{#- Why a row of the raw contract is refused, as '<reason>:<column>', or null. Reasons: missing; those for which
    input_broken_columns() left a value out (invalid, too_large, too_old, future); future (more than a day after its own
    arrival), negative.
    required: columns without which the row says nothing; times: those of them that are times; not_negative: numbers.
    Example: {{ rejection(['order_id', 'ordered_at'], times=['ordered_at'], not_negative=['total_price']) }} -#}
{% macro rejection(required, times=[], not_negative=[], also=none) -%}
    case
        {%- for column in ['store_id'] + required %}
        when {{ column }} is null
            then case
                {%- for reason in ['invalid', 'too_large', 'too_old', 'future'] %}
                when broken_columns like '%,{{ reason }}:{{ column }},%' then '{{ reason }}:{{ column }}'
                {%- endfor %}
                else 'missing:{{ column }}'
            end
        {%- endfor %}
        {%- for column in times %}
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

{#- Whether an amount is too large to count with, times a number of pieces or a rate: sums of what remains fit where they are kept.
    Example: {{ too_large('price', 'quantity') }} -#}
{% macro too_large(amount, times) -%}
    abs(cast({{ amount }} as double precision) * cast({{ times }} as double precision)) >= 1e12
{%- endmacro %}

{#- Which of two versions of a row that arrived together comes first: by what they say, by which of their values could not be
    read, and by their JSON, which each engine orders in its own way. Example: order by arrived_at desc, {{ by_content() }} -#}
{% macro by_content(json_columns=[]) -%}
    row_hash asc, {{ byte_order('broken_columns') }} asc nulls first
    {%- for column in json_columns -%}
        , {{ byte_order('cast(' ~ column ~ ' as text)') }} asc nulls first
    {%- endfor -%}
{%- endmacro %}

{#- A time of which a loader tells, where it lies before as_of; null where it does not: what has not happened yet is not known.
    Example: {{ past('cancelled_at') }} as cancelled_at -#}
{% macro past(time) -%}case when {{ time }} < {{ as_of() }} then {{ time }} end{%- endmacro %}

{#- A time that lasts on, as far as as_of has come: the last moment before it where it lies later.
    Example: {{ reached('events.ended_at') }} as ended_at -#}
{% macro reached(time) -%}least({{ time }}, {{ shift_time(as_of(), -1, 'microsecond') }}){%- endmacro %}

{#- Whether what a row tells of happens at or after as_of: its own time says so. Rows without one are facts when they arrive.
    Example: {{ is_not_yet('ordered_at') }} as is_not_yet -#}
{% macro is_not_yet(own_time) -%}coalesce({{ own_time }} >= {{ as_of() }}, false){%- endmacro %}

{#- Whether a row came at or after as_of, in the order of versions: what came in time goes before what did not.
    Example: order by {{ is_late() }}, arrived_at desc -#}
{% macro is_late() -%}arrived_at >= {{ as_of() }}{%- endmacro %}

{#- Whether what a row tells of was there a day before as_of. A row that came late and is the only one of such a thing has been written
    over by a loader that keeps one row per id: it counts as it now is, since without it the thing would not have been.
    own_time: of the row; or_unknown: whether rows without one tell of what is there, as customers do.
    Example: {{ fate(was_there=was_there('created_at', or_unknown=true)) }} -#}
{% macro was_there(own_time, or_unknown=false) -%}coalesce({{ own_time }} < {{ shift_time(as_of(), -1, 'day') }}, {{ or_unknown | lower }}){%- endmacro %}

{#- Why a row is refused; what came late is not judged yet. Example: {{ refused() }} as rejection -#}
{% macro refused() -%}case when not {{ is_late() }} then rejection end{%- endmacro %}

{#- The fate of a row, given why it was refused, whether it is not yet, which version of its id it is among rows of the same kind (1
    counts; rows that are refused or not yet displace nothing, nor do such as came late one that came in time), and whether what it
    tells of was there, see was_there().
    Example: {{ fate(not_yet='is_not_yet', was_there=was_there('ordered_at')) }} as fate -#}
{% macro fate(rejection='rejection', not_yet='false', version='version', was_there='false') -%}
    case
        when {{ is_late() }} and ({{ rejection }} is not null or {{ version }} > 1 or not {{ was_there }}) then 'not_yet'
        when {{ rejection }} is not null then 'rejected'
        when {{ not_yet }} then 'not_yet'
        when {{ version }} > 1 then 'duplicate'
        else 'accepted'
    end
{%- endmacro %}

{#- The fate of an event on this night. Events are staged once for all nights, also such as lie after this one, so fates are told
    when they are read: fact_at is when the row becomes a fact, repeated_at when it becomes a repetition of another one.
    events: alias of rows with fact_at, repeated_at and fate; stores: alias of stg_stores in a left join, for events of stores that
    left the raw tables: they wait for their store.
    Example: where {{ event_fate('events') }} = 'accepted' -#}
{% macro event_fate(events, stores=none) -%}
    case
        when {{ events }}.fate = 'deleted' then 'deleted'
        {%- if stores %}
        when {{ stores }}.store_id is null then 'of_no_store'
        {%- endif %}
        when {{ events }}.fact_at >= {{ as_of() }} then 'not_yet'
        when {{ events }}.fate = 'rejected' then 'rejected'
        when {{ events }}.repeated_at < {{ as_of() }} then 'duplicate'
        else 'accepted'
    end
{%- endmacro %}

{#- Why an event is refused; two models ask. -#}
{% macro event_rejection() -%}
    {{ rejection(['event_id', 'event_type', 'occurred_at'], times=['occurred_at']) }}
{%- endmacro %}

{#- Why an order is refused, money in other currencies aside; two models ask. also: further branches of the case. -#}
{% macro order_rejection(also=none) -%}
    {{ rejection(['order_id', 'ordered_at', 'total_price'], times=['ordered_at'], not_negative=['total_price'], also=also) }}
{%- endmacro %}

{#- Why a line, a record of a customer or a ticket is refused: their models ask, and input, which keeps refused rows. -#}
{% macro order_item_rejection() -%}
    {{ rejection(
        ['order_id', 'quantity', 'price'], not_negative=['quantity'],
        also='when ' ~ too_large('price', 'quantity') ~ " then 'too_large:price'"
    ) }}
{%- endmacro %}
{% macro customer_rejection() -%}{{ rejection(['customer_id']) }}{%- endmacro %}
{% macro support_ticket_rejection() -%}{{ rejection(['ticket_id', 'opened_at'], times=['opened_at']) }}{%- endmacro %}
