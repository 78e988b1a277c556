with ids as (
    select 1 as id
    union all
    select 2 as id
),

one as (
    select
        1 as one_id,
        true as a_boolean,
        cast(1 as smallint) as a_smallint,
        cast(-2147483648 as integer) as an_integer,
        cast(9223372036854775807 as bigint) as a_bigint,
        cast(1.5 as real) as a_real,
        cast('NaN' as double precision) as a_double,
        cast('-Infinity' as double precision) as an_infinite_double,
        cast(1234567890123456.78 as numeric(18, 2)) as money,
        cast(-0.00000001 as numeric(38, 8)) as a_numeric,
        cast('caffè " \ ''' as text) as a_text,
        cast('abc' as varchar(5)) as a_varchar,
        cast('abc' as char(5)) as a_char,
        cast('c0ffee00-0000-4000-8000-00000000beef' as uuid) as a_uuid,
        cast('\x01' as bytea) as some_bytes,
        cast('{"a": [1, null], "b": "x"}' as json) as some_json,
        cast('1752-09-14' as date) as a_date,
        cast('23:59:59.999999' as time) as a_time,
        cast('2024-02-29 12:00:00.123456' as timestamp) as a_timestamp,
        cast('2024-02-29 12:00:00.123456+02' as timestamptz) as a_timestamptz,
        cast('1 month 2 days 3 seconds' as interval) as an_interval,
        cast(array['a', null, 'b,c'] as text[]) as texts,
        cast(array[1, 2] as integer[]) as integers,
        cast(array[1.5, null] as double precision[]) as doubles,
        cast(array[1.25] as numeric(5, 2)[]) as numerics,
        cast(array[cast('2024-01-01' as date)] as date[]) as dates
)

select
    ids.id,
    one.*
from ids
left join one on ids.id = one.one_id
