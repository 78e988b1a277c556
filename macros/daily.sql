{#- Columns of the daily tables that are sums over people: of any of their rows the sum is right for all of them together. -#}
{% macro daily_counts() -%}
    {{- return([
        'visits', 'engaged_visits', 'bounced_visits', 'quarantined_visits', 'visits_with_cart', 'visits_with_checkout', 'visits_with_order',
        'visit_milliseconds', 'engaged_milliseconds', 'page_views', 'product_views', 'add_to_carts', 'checkouts', 'orders', 'unvalued_orders', 'refunds',
        'new_customers', 'buyers', 'repeat_buyers', 'emails_sent', 'emails_opened', 'emails_clicked', 'sms_sent', 'sms_opened', 'sms_clicked'
    ]) -}}
{%- endmacro %}
{% macro daily_amounts() -%}{{- return(['gross_revenue', 'refunded_amount']) -}}{%- endmacro %}

{#- What a person may be at the end of a day: one of these, see int_customer_spans. -#}
{% macro daily_states() -%}{{- return(['active', 'lapsing', 'at_risk', 'churned', 'prospect']) -}}{%- endmacro %}

{#- Days of which int_segment_days has another hash than the rows that the table at hand was made of, for the body of a CTE. incremental:
    is_incremental() of the model; column: the hash of int_segment_days that the table keeps as day_hash.
    Example: {{ changed_days(is_incremental(), 'members_hash') }} -#}
{% macro changed_days(incremental, column) -%}
    select
        days.store_id,
        days.activity_date,
        days.{{ column }} as day_hash
    from {{ ref('int_segment_days') }} as days
    {%- if incremental %}
    where
        not exists (
            select 1 from {{ this }} as made
            where
                made.store_id = days.store_id
                and made.activity_date = days.activity_date
                and made.day_hash = days.{{ column }}
        )
    {%- endif %}
{%- endmacro %}

{#- What known people did on such days, for the body of a CTE: its rows with their day_hash. activity: a relation by person and day; the
    others as in changed_days. Example: {{ activity_of_changed_days(ref('int_daily_activity'), is_incremental(), 'activity_hash') }} -#}
{% macro activity_of_changed_days(activity, incremental, column) -%}
    select
        activity.*,
        changed.day_hash
    from {{ activity }} as activity
    inner join (
        {{ changed_days(incremental, column) | indent(8) }}
    ) as changed
        on activity.store_id = changed.store_id and activity.activity_date = changed.activity_date
    where activity.customer_id <> ''
{%- endmacro %}

{#- A condition: rows are of the person and day of the CTE days. Example: left join visits on {{ same_day('visits') }} -#}
{% macro same_day(rows) -%}
    days.store_id = {{ rows }}.store_id
    and days.customer_id = {{ rows }}.customer_id
    and days.activity_date = {{ rows }}.activity_date
{%- endmacro %}

{#- A condition: who acted was one of the members with whom the day began. Aliases: activity, spells (int_segment_spells). -#}
{% macro is_members_day() -%}
    activity.store_id = spells.store_id
    and activity.customer_id = spells.customer_id
    and activity.activity_date >= spells.from_date
    and (spells.until_date is null or activity.activity_date < spells.until_date)
{%- endmacro %}

{#- Conditions of the rows of such days, and of days that are no longer there, see replace_where in macros/incremental.sql. -#}
{% macro rows_of_changed_members() -%}{{ is_of_changed_day('members_hash') }}{%- endmacro %}
{% macro rows_of_changed_activity() -%}{{ is_of_changed_day('activity_hash') }}{%- endmacro %}
{% macro rows_of_changed_campaigns() -%}{{ is_of_changed_day('campaigns_hash') }}{%- endmacro %}
{% macro is_of_changed_day(column) -%}
    (store_id, activity_date, day_hash) not in (select store_id, activity_date, {{ column }} from {{ ref('int_segment_days') }})
{%- endmacro %}

{#- The part of an amount that a model of attribution credits to a visit: what is due until that visit less what was due before it, so
    that the parts of an amount add up to the cent. touches: alias of int_order_touches.
    Example: {{ credited_part('amounts.gross_revenue', 'touches') }} -#}
{% macro credited_part(amount, touches) -%}
    {%- set cents = 'cast(' ~ amount ~ ' * 100 as double precision)' -%}
    cast(
        floor({{ ratio(cents ~ ' * (' ~ touches ~ '.weight_before + ' ~ touches ~ '.weight)', touches ~ '.total_weight') }} + 0.5)
        - floor({{ ratio(cents ~ ' * ' ~ touches ~ '.weight_before', touches ~ '.total_weight') }} + 0.5)
        as numeric(18, 0)
    ) * 0.01
{%- endmacro %}
