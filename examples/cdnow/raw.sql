-- CDNOW, the one-in-ten sample: customers with an order each, and nothing else, as the raw contract.

create table raw.stores as
select
    'cdnow' as store_id,
    'CDNOW' as name,
    'UTC' as timezone,
    'USD' as currency;

-- Fields are set apart by runs of blanks: id in the whole cohort, id in the sample, day, discs, dollars.
create table raw.orders as
with file_rows as (
    select
        row_number() over () as line_number,
        regexp_split_to_array(trim(line), '\s+') as fields
    from read_csv(
        getvariable('data') || '/CDNOW_sample.txt',
        header = false, columns = { 'line': 'varchar' }, delim = '\0', quote = '', escape = '', auto_detect = false
    )
),

transactions as (
    select
        line_number,
        fields[2] as customer_id,
        strptime(fields[3], '%Y%m%d') as ordered_on,
        cast(fields[5] as decimal(18, 2)) as dollars
    from file_rows
)

select
    'cdnow' as store_id,
    -- Transactions have no number. Those of one customer and day stay apart here, as in the file.
    customer_id || '-' || row_number() over (partition by customer_id order by line_number) as order_id,
    customer_id,
    -- Days without a clock time: midnight UTC, in a store whose time zone is UTC, stays on that day.
    ordered_on as ordered_at,
    dollars as total_price,
    'USD' as currency
from transactions;
