{#- The rule compiler. Rules are rows of int_valid_rules; these macros read them when a model runs and write them as plain
    predicates. A field is one of seed profile_fields, an operator one of rule_operators, and a value is always a literal:
    whatever text it holds is compared, never run. Bad rules never get here, see refuse_bad_rules(). -#}

{#- The rules of some kinds, as a list of rows, in one order on every engine. Empty while the project is parsed, and where
    int_valid_rules was not built yet. Unit tests override it with rows of their own.
    kinds: of score, lifecycle, segment, cohort_entry, cohort_exit, action. Example: {% set rules = rules_of(['segment']) %} -#}
{% macro rules_of(kinds) -%}
    {%- set relation = ref('int_valid_rules') -%}
    {%- set rules = [] -%}
    {%- if execute and load_relation(relation) is not none -%}
        {%- set found = run_query(
            'select * from ' ~ relation ~ ' where rule_kind in ' ~ sql_list(kinds) ~ ' order by rule_kind, owner_id, priority, rule_id'
        ) -%}
        {%- for row in found.rows -%}{%- do rules.append(row.dict()) -%}{%- endfor -%}
    {%- endif -%}
    {{- return(rules | sort(attribute='rule_id') | sort(attribute='priority') | sort(attribute='owner_id') | sort(attribute='rule_kind')) -}}
{%- endmacro %}

{#- Of rules those about what somebody did, counted by_day (from the daily rollup, which has a column for the event's type) or else
    from the events themselves, as their properties are. Example: {{ behavior_rules(rules_of(['segment']), by_day=true) }} -#}
{% macro behavior_rules(rules, by_day) -%}
    {%- set found = [] -%}
    {%- for rule in rules if rule.is_behavior -%}
        {%- set is_by_day = rule.event_type in counted_event_types() and not fromjson(rule.properties or '{}') -%}
        {%- if is_by_day == by_day -%}{%- do found.append(rule) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The SQL of the field that a rule asks for. An axis_position is that of the axis in the list; an axis_membership stands in the list
    where the store's list of keys has the key. Example: {{ rule_field(rule, 'facts') }} -> facts.axis_position[2] -#}
{% macro rule_field(rule, alias) -%}
    {%- if rule.field.startswith('axis_membership.') -%}
        {{- return(alias ~ '.axis_membership[array_position(' ~ alias ~ '.axis_membership_keys, ' ~ sql_text(rule.field[16:]) ~ ')]') -}}
    {%- endif -%}
    {{- return(alias ~ '.' ~ ('axis_position[' ~ rule.axis_number ~ ']' if rule.axis_number else rule.field)) -}}
{%- endmacro %}

{#- What a rule that is met says of a person, null where it is not: its description and, of a number, a text or a time, what it is; of
    a place among others how many are below. Example: {{ rule_reason(rule, 'facts') }} -> Has spent more than 500 (total revenue 612.5) -#}
{% macro rule_reason(rule, alias) -%}
    {%- set said = sql_text(rule.description or rule.field or rule.event_type) -%}
    {%- if not rule.is_behavior and rule.field_type in ('number', 'text', 'timestamp') and rule.operator != 'is_null' -%}
        {%- set field = rule_field(rule, alias) -%}
        {%- if rule.field.startswith('axis_position.') -%}
            {%- set value = "'above ' || cast(floor(100 * " ~ field ~ ") as integer) || '% of people'" -%}
        {%- elif rule.field_type == 'number' -%}
            {%- set value = "rtrim(rtrim(cast(cast(" ~ round_to(field, 2) ~ " as numeric(28, 2)) as text), '0'), '.')" -%}
        {%- elif rule.field_type == 'timestamp' -%}{%- set value = 'cast(cast(' ~ field ~ ' as date) as text)' -%}
        {%- else -%}{%- set value = field -%}{%- endif -%}
        {%- set said = said ~ " || ' (" ~ (rule.field.split('.')[-1] | replace('wtp_', 'willingness to pay ') | replace('rfm_', 'RFM ') | replace('_', ' ') | replace(':', ': ')) ~ " ' || " ~ value ~ " || ')'" -%}
    {%- endif -%}
    case when {{ rule_condition(rule, alias) }} then {{ said }} end
{%- endmacro %}

{#- One rule as a condition over what is known of a person, false or null where it is not met: a value that is not known meets
    is_null alone. An empty list counts as none. alias: of the table that has the field; behaviors, of int_behavior_rules_met, is asked
    for what somebody did.
    Example: {{ rule_condition(rule, 'facts') }} -> facts.total_orders > 2 -#}
{% macro rule_condition(rule, alias) -%}
    {%- if rule.is_behavior -%}
        {{- return(('not ' if rule.operator == 'did_not' else '') ~ 'coalesce(' ~ list_holds('behaviors.rules_met', sql_text(rule.rule_id)) ~ ', false)') -}}
    {%- endif -%}
    {%- set field = rule_field(rule, alias) -%}
    {%- set one = rule_literal(rule.value, rule.field_type) -%}
    {%- set symbols = {
        'equals': '=', 'not_equals': '<>', 'greater_than': '>', 'less_than': '<', 'greater_or_equal': '>=', 'less_or_equal': '<='
    } -%}
    {%- set is_list = rule.field_type == 'list' -%}
    {%- if rule.operator in symbols -%}{{ field }} {{ symbols[rule.operator] }} {{ one }}
    {%- elif rule.operator in ('between', 'range') -%}
        {%- set ends = rule.value.split('..') -%}
        {{ field }} between {{ rule_literal(ends[0], rule.field_type) }} and {{ rule_literal(ends[1], rule.field_type) }}
    {%- elif rule.operator in ('in', 'not_in') -%}
        {%- set values = [] -%}
        {%- for value in rule.value.split('|') -%}{%- do values.append(rule_literal(value, rule.field_type)) -%}{%- endfor -%}
        {{ field }} {{ rule.operator | replace('_', ' ') }} ({{ values | join(', ') }})
    {%- elif rule.operator == 'contains' -%}{% if is_list %}{{ list_holds(field, one) }}{% else %}position({{ one }} in {{ field }}) > 0{% endif %}
    {%- elif rule.operator == 'not_contains' -%}{% if is_list %}({{ field }} is not null and {{ one }} <> all({{ field }})){% else %}position({{ one }} in {{ field }}) = 0{% endif %}
    {%- elif rule.operator == 'is_null' -%}{% if is_list %}coalesce(array_length({{ field }}, 1), 0) = 0{% else %}{{ field }} is null{% endif %}
    {%- elif rule.operator in ('is_not_null', 'exists') -%}{% if is_list %}coalesce(array_length({{ field }}, 1), 0) > 0{% else %}{{ field }} is not null{% endif %}
    {%- endif -%}
{%- endmacro %}

{#- A rule's value as a SQL literal. Times are a date, a date and time in UTC, or so long ago: '90 days ago' is as_of less
    90 days, to the second. Example: {{ rule_literal('90 days ago', 'timestamp') }} -#}
{% macro rule_literal(value, field_type) -%}
    {%- if value is none -%}
    {%- elif field_type in ('number', 'boolean') -%}{{ value }}
    {%- elif field_type == 'timestamp' and value.endswith(' ago') -%}
        {{ shift_time(as_of(), '-' ~ value.split(' ')[0], value.split(' ')[1]) }}
    {%- elif field_type == 'timestamp' -%}cast({{ sql_text(value) }} as timestamp)
    {%- else -%}{{ sql_text(value) }}
    {%- endif -%}
{%- endmacro %}

{#- The rules of one owner as one condition. Rules of a group are ANDed, groups
    beside each other ORed; group 1.2 lies within group 1, whose own rules must hold too. Rules without a group must always hold.
    Groups a, a.x, a.y and b mean: (a and (x or y)) or b. alias: of the table that has the fields.
    Example: {{ rules_joined(rules, 'facts') }} -> (facts.total_orders > 2 and (facts.is_new or facts.city = 'Rome')) -#}
{% macro rules_joined(rules, alias) -%}
    {%- set groups = [] -%}
    {%- for rule in rules if rule.rule_group -%}
        {%- set parts = rule.rule_group.split('.') -%}
        {%- for depth in range(1, parts | length + 1) if parts[:depth] not in groups -%}{%- do groups.append(parts[:depth]) -%}{%- endfor -%}
    {%- endfor -%}
    {{- group_joined(rules, groups | sort, [], alias) -}}
{%- endmacro %}

{#- One group of rules_joined with all that lies within it; path: its name in parts, empty for the whole. -#}
{% macro group_joined(rules, groups, path, alias) -%}
    {%- set terms = [] -%}
    {%- for rule in rules if (rule.rule_group or '') == path | join('.') -%}{%- do terms.append(rule_condition(rule, alias)) -%}{%- endfor -%}
    {%- set within = [] -%}
    {%- for group in groups if group | length == path | length + 1 and group[:-1] == path -%}
        {%- do within.append(group_joined(rules, groups, group, alias)) -%}
    {%- endfor -%}
    {%- if within | length == 1 -%}{%- do terms.append(within[0]) -%}
    {%- elif within -%}{%- do terms.append('(' ~ within | join(' or ') ~ ')') -%}{%- endif -%}
    {%- if terms | length > 1 -%}({{ terms | join(' and ') }}){%- else -%}{{ terms | join('') }}{%- endif -%}
{%- endmacro %}

{#- Hours after which a segment is looked at again, of the text of its definition: whole days (7), or hours (1 hour, 6 hours).
    Example: {{ refresh_hours('refresh_days') }} -#}
{% macro refresh_hours(value) -%}
    cast(split_part({{ value }}, ' ', 1) as integer) * case when {{ value }} like '% hour%' then 1 else 24 end
{%- endmacro %}

{#- Whether a rule's value can be read as its field's type. kind, value: SQL expressions of text. -#}
{% macro is_rule_value(value, field_type) -%}
    case {{ field_type }}
        when 'number' then {{ matches(value, '[+-]?[0-9]{1,15}([.][0-9]{1,6})?') }}
        when 'boolean' then {{ value }} in ('true', 'false')
        when 'timestamp' then
            {{ matches(value, '[0-9]{1,4} (minute|hour|day|week|month|year)s? ago') }}
            or (
                {{ matches(value, '[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}(:[0-9]{2})?)?') }}
                and {{ try_timestamp(value) }} is not null
            )
        else {{ value }} <> ''
    end
{%- endmacro %}

{#- Whether a rule's value, or one of a range or a list, is a number that its field cannot be. Without bounds nothing is.
    value: SQL expression of text; least, greatest: of the bounds. -#}
{% macro is_out_of_bounds(value, least, greatest) -%}
    exists (
        select 1
        from unnest(string_to_array(replace({{ value }}, '..', '|'), '|')) as parts (part)
        where {{ try_number('parts.part', 'numeric(28, 6)') }} not between {{ least }} and {{ greatest }}
    )
{%- endmacro %}

{#- A pre-hook of int_valid_rules: stops the build, with a sentence for each bad rule, before anything uses one. Rules of actions are
    let through: an action with a bad one is left out there, since what is done tonight can wait and who is who cannot. -#}
{% macro refuse_bad_rules() -%}
    {%- if execute -%}
        {%- set found = run_query('select source_seed, owner_id, rule_id, reason from ' ~ ref('int_rule_errors') ~ " where source_seed not like '%activation%' order by 1, 2, 3, 4").rows -%}
        {%- if found | length > 0 -%}
            {%- set lines = [] -%}
            {%- for row in found[:20] -%}
                {%- do lines.append(
                    '  ' ~ row[0] ~ ': ' ~ ('rule ' ~ row[2] ~ ' of ' if row[2] else '') ~ row[1] ~ ': ' ~ row[3]
                ) -%}
            {%- endfor -%}
            {%- if found | length > 20 -%}{%- do lines.append('  and ' ~ (found | length - 20) ~ ' more, see int_rule_errors') -%}{%- endif -%}
            {{- exceptions.raise_compiler_error('Rules that cannot be used; nothing that rules decide was changed.\n' ~ lines | join('\n')) -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The points of a score rule, null where it is not met: score_adjustment, at most max_contribution in size. facts: alias of what it is
    compiled over; applies_to new means is_new. Example: {{ rule_points(rule) }} -> case when facts.total_orders > 2 then 15 end -#}
{% macro rule_points(rule) -%}
    {%- set condition = rule_condition(rule, 'facts') -%}
    {%- if rule.applies_to != 'all' -%}
        {%- set condition = ('facts.is_new' if rule.applies_to == 'new' else 'not facts.is_new') ~ ' and (' ~ condition ~ ')' -%}
    {%- endif -%}
    {%- set size = [rule.score_adjustment | abs, rule.max_contribution if rule.max_contribution is not none else rule.score_adjustment | abs] | min -%}
    case when {{ condition }} then {{ size if rule.score_adjustment > 0 else -size }} end
{%- endmacro %}

{#- A person's score: its base and the points of the rules that are met, within its limits. A sum of sums, since engines limit how deep
    an expression may be. rules: of rules_of(['score']); score: alias of its row of seed scores, and its name.
    Example: {{ score_value(rules, 'wtp') }} as wtp_score -#}
{% macro score_value(rules, score) -%}
    {%- set sums = [] -%}
    {%- for some in rules | selectattr('owner_id', 'equalto', score) | batch(100) -%}
        {%- set points = [] -%}
        {%- for rule in some -%}{%- do points.append('coalesce(' ~ rule_points(rule) ~ ', 0)') -%}{%- endfor -%}
        {%- do sums.append('(' ~ points | join(' + ') ~ ')') -%}
    {%- endfor -%}
    {%- set total = score ~ '.base + ' ~ (sums | join(' + ') if sums else '0') -%}
    cast(greatest({{ score }}.min_score, least({{ score }}.max_score, {{ total }})) as bigint)
{%- endmacro %}

{#- What each score rule that is met gives each person, one row per person and rule. rules: of rules_of(['score']); relation: has the
    fields. Example: {{ score_points(rules, ref('int_profile_facts')) }} -#}
{% macro score_points(rules, relation) -%}
    select
        store_id,
        customer_id,
        score,
        rule_id,
        cast(points as bigint) as contribution
    from (
        select
            facts.store_id,
            facts.customer_id,
            {%- if rules %}
            unnest({{ text_list(rules | map(attribute='owner_id')) }}) as score,
            unnest({{ text_list(rules | map(attribute='rule_id')) }}) as rule_id,
            unnest(array[
                {%- for rule in rules %}
                {{ rule_points(rule) }}{{ ',' if not loop.last }}
                {%- endfor %}
            ]) as points
            {%- else %}
            cast(null as text) as score,
            cast(null as text) as rule_id,
            0 as points
            {%- endif %}
        from {{ relation }} as facts
    ) as rules
    where points <> 0
{%- endmacro %}
