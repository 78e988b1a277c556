{#- The fifth in which a value stands, 1 (lowest) to 5, in whole numbers: by its percentile, the
    share of values strictly below. Equal values share their score, which ntile would not give them.
    below: number of values strictly below; total: number of values. Example: {{ quintile('customers_below', 'customers') }} -#}
{% macro quintile(below, total) -%}
    case
        when {{ below }} * 5 <= {{ total }} then 1
        when {{ below }} * 5 <= {{ total }} * 2 then 2
        when {{ below }} * 5 <= {{ total }} * 3 then 3
        when {{ below }} * 5 <= {{ total }} * 4 then 4
        else 5
    end
{%- endmacro %}

{#- The three scores of a row as one code, such as 555. -#}
{% macro rfm_code(recency='rfm_recency') -%}
    cast({{ recency }} * 100 + rfm_frequency * 10 + rfm_monetary as text)
{%- endmacro %}

{#- The recency by which a group is named: of who has not ordered for 180 days, as lapsed-customers has it, at most the middle one.
    Scores compare, and where everybody has been silent for long the latest were not late. -#}
{% macro named_recency() -%}
    case when recency_days > 180 then least(rfm_recency, 3) else rfm_recency end
{%- endmacro %}

{#- What stands for the code of a group where there are too few buyers for fifths; no scheme names it. -#}
{% macro few_buyers() -%}case when rfm_monetary is not null then 'few' end{%- endmacro %}

{#- Refuses a var that names nothing: a run whose var is not among the values of a column stops in a sentence that lists
    them. Asked when the model runs, since the relation may be made in the same run; an empty one (`--empty`) refuses nothing. A
    pre_hook.
    Example: {{ refuse_unknown('rfm_scheme', ref('int_rfm_rules'), 'scheme') }} -#}
{% macro refuse_unknown(name, relation, column) -%}
    {%- if execute -%}
        {%- set known = run_query('select distinct ' ~ column ~ ' from ' ~ relation).columns[0].values() | sort -%}
        {%- if known and var(name) not in known -%}
            {{- exceptions.raise_compiler_error(
                "The var " ~ name ~ " is '" ~ var(name) ~ "', which no row of seeds names. Known are: " ~ known | join(', ') ~ '.'
            ) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
