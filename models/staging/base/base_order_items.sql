{%- set no_amount -%}
    when {{ too_large('price', 'quantity') }} then 'too_large:price'
{%- endset -%}

with validated as (

    select
        *,
        coalesce(
            {{ given_id('line', 'line_id') }},
            'product:' || {{ composed_key(['product_id', 'variant_id', 'cast(price as text)']) }}
        ) as line_key,
        {{ rejection(['order_id', 'quantity', 'price'], not_negative=['quantity'], also=no_amount) }} as rejection
    from {{ source('input', 'order_items') }}
    where arrived_at < {{ as_of() }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, order_id, line_key, rejection is null
            order by {{ past('updated_at') }} desc nulls last, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    order_id,
    line_id,
    line_key,
    product_id,
    variant_id,
    product_name,
    category,
    product_type,
    quantity,
    price,
    discount_amount,
    refund_amount,
    refunded_quantity,
    refunded_at,
    updated_at,
    loaded_at,
    arrived_at,
    row_hash,
    rejection,
    broken_columns,
    {{ fate() }} as fate,
    case when rejection is not null then raw_row end as raw_row
from versions
