-- Where every line of the file went: the counts add up to 541,909 and the amounts to 9,747,747.93.
-- Run after raw.sql on the same connection (README.md shows how).
select
    coalesce(fate, 'all lines') as fate,
    case
        when fate in ('sale', 'free with a sale') then 'orders, order_items'
        when fate = 'return' then 'refunds'
        when fate is not null then 'left out'
    end as raw_table,
    count(*) as lines,
    count(customer_id) as lines_with_customer,
    count(distinct invoice) as invoices,
    sum(quantity * price) as amount
from lines
group by rollup(fate)
order by grouping(fate), lines desc;
