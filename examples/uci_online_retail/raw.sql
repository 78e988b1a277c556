-- UCI Online Retail (one parquet file, one row an invoice line) as the raw contract.

-- Every line gets one fate here; check.sql adds them up. This table stays out of schema raw and so is not loaded.
create table lines as
with numbered as (
    select
        invoiceno as invoice,
        -- Clerks typed 85123A and 85123a for one article; our contract would keep them apart.
        upper(stockcode) as stock_code,
        trim(description) as description,
        quantity,
        cast(unitprice as decimal(18, 2)) as price,
        unitprice as exact_price,
        -- The file holds British wall-clock times; the contract wants UTC.
        timezone('UTC', timezone('Europe/London', invoicedate)) as invoiced_at,
        cast(customerid as varchar) as customer_id,
        country,
        -- The order of the file tells apart the 5,268 lines that repeat another one exactly.
        row_number() over (partition by invoiceno order by file_row_number) as line_number
    from read_parquet(getvariable('data') || '/online_retail.parquet', file_row_number = true)
),

sale_invoices as (
    select distinct invoice
    from numbered
    where regexp_matches(invoice, '^[0-9]') and quantity > 0 and exact_price > 0
)

select
    numbered.*,
    case
        when numbered.invoice like 'C%' then 'return'
        -- Three bookings of bad debt (invoices A563185 to A563187): neither bought nor brought back by anybody.
        when numbered.invoice like 'A%' then 'bad debt'
        -- Stock written off ('damaged', 'thrown away', '?'), always at price 0.
        when numbered.quantity < 0 then 'write-off'
        when numbered.exact_price > 0 then 'sale'
        when sale_invoices.invoice is not null then 'free with a sale'
        -- Mostly stock found again; nobody was charged, so there is no order.
        else 'free alone'
    end as fate
from numbered
left join sale_invoices on numbered.invoice = sale_invoices.invoice;

create table raw.stores as
select
    'uci' as store_id,
    'UCI Online Retail' as name,
    'Europe/London' as timezone,
    'GBP' as currency;

create table raw.customers as
with latest_country as (
    -- Eight customers have invoices from two countries: the latest one holds.
    select
        customer_id,
        country,
        row_number() over (partition by customer_id order by invoiced_at desc, invoice desc) as recency
    from lines
    where customer_id is not null
)

select distinct
    'uci' as store_id,
    customer_id,
    nullif(country, 'Unspecified') as country
from latest_country
where recency = 1;

create table raw.products as
with titles as (
    -- Free-text notes stand in for the description where stock was moved, so titles come from charged lines; the
    -- commonest one wins.
    select
        stock_code,
        description,
        row_number() over (partition by stock_code order by count(*) desc, description asc) as preference
    from lines
    where fate = 'sale'
    group by stock_code, description
)

select
    'uci' as store_id,
    stock_code as product_id,
    description as title,
    case
        -- Postage, carriage, samples, manual entries and fees were charged, but they are not goods.
        when stock_code in ('POST', 'DOT', 'C2', 'S', 'M', 'BANK CHARGES', 'AMAZONFEE') then 'service'
        when stock_code like 'GIFT%' then 'voucher'
        else 'article'
    end as product_type
from titles
where preference = 1;

-- 43 invoices run over a minute mark: an order has the time of its first line.
create table raw.orders as
select
    'uci' as store_id,
    invoice as order_id,
    any_value(customer_id) as customer_id,
    min(invoiced_at) as ordered_at,
    cast(sum(quantity * price) as decimal(18, 2)) as total_price,
    'GBP' as currency
from lines
where fate in ('sale', 'free with a sale')
group by invoice;

-- Exact repeats stay: they are in every published total of this data.
create table raw.order_items as
select
    'uci' as store_id,
    lines.invoice as order_id,
    cast(lines.line_number as varchar) as line_id,
    lines.stock_code as product_id,
    lines.description as product_name,
    products.product_type,
    lines.quantity,
    lines.price
from lines
left join raw.products as products on lines.stock_code = products.product_id
where lines.fate in ('sale', 'free with a sale');

-- A return names no invoice that it belongs to, so refunds have a customer and no order.
create table raw.refunds as
select
    'uci' as store_id,
    invoice || '-' || line_number as refund_id,
    invoiced_at as refunded_at,
    cast(-quantity * price as decimal(18, 2)) as amount,
    customer_id,
    -quantity as quantity
from lines
where fate = 'return';
