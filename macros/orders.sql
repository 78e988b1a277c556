{#- Money of a person as int_activity_totals has it, or 0 for who did nothing; it stays null where no order has a value that anybody knows.
    totals: alias of a left join. Example: {{ known_money('net_revenue', 'totals') }} -#}
{% macro known_money(column, totals) -%}
    cast(coalesce({{ totals }}.{{ column }}, case when coalesce({{ totals }}.unvalued_orders, 0) = 0 then 0 end) as numeric(18, 2))
{%- endmacro %}

{#- The mean value of a person's orders, of those whose value is known; null without any.
    Example: {{ average_order_value('totals') }} -#}
{% macro average_order_value(totals) -%}
    {{ ratio(totals ~ '.net_revenue', totals ~ '.orders - coalesce(' ~ totals ~ '.unvalued_orders, 0)') }}
{%- endmacro %}

{#- The stores that land rows of a table which has an id, whatever became of them, for the body of a CTE: events do not stand in for orders or
    refunds that are refused. table: orders or refunds; id: its column.
    Example: stores_with_orders as ({{ stores_that_land('orders', 'order_id') | indent(4) }}) -#}
{% macro stores_that_land(table, id) -%}
    select distinct store_id
    from {{ ref('base_' ~ table) }}
    where {{ id }} is not null and fate <> 'not_yet'
{%- endmacro %}

{#- Pieces of what was landed as a quantity: a weight or a length, which is no whole number, is one piece, and its price that of what was
    sold. quantity, price: expressions. Examples: {{ pieces('items.quantity') }}, {{ price_of_piece('items.price', 'items.quantity') }} -#}
{% macro pieces(quantity) -%}
    cast(case when {{ quantity }} = trunc({{ quantity }}) then {{ quantity }} else sign({{ quantity }}) end as bigint)
{%- endmacro %}
{% macro price_of_piece(price, quantity) -%}
    case when {{ quantity }} <> trunc({{ quantity }}) then {{ money(price ~ ' * abs(' ~ quantity ~ ')') }} else {{ price }} end
{%- endmacro %}

{#- Whether a store has closed: its last order is a year old. last_order: its time or its local day; now: the night or the store's day of it.
    Example: having {{ has_closed('max(last_order_at)', as_of()) }} -#}
{% macro has_closed(last_order, now) -%}{{ last_order }} <= {{ now }} - 365 * interval '1 day'{%- endmacro %}
