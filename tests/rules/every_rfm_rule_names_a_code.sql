-- If this fails, a row of rfm_segments.csv or custom_rfm_segments.csv does nothing, whatever its author meant by it: it fits no
-- code, or rows of the same file that are asked before it take every code that it fits.
with scores as (

    select cast(score as bigint) as score
    from generate_series(1, 5) as numbers (score)

),

fitting as (

    select
        rules.scheme,
        rules.rule_id,
        row_number() over (
            partition by rules.scheme, rules.is_custom, recency.score, frequency.score, monetary.score
            order by rules.priority, {{ byte_order('rules.rule_id') }}
        ) as rule_rank
    from {{ ref('int_rfm_rules') }} as rules
    inner join scores as recency on recency.score between rules.recency_min and rules.recency_max
    inner join scores as frequency on frequency.score between rules.frequency_min and rules.frequency_max
    inner join scores as monetary on monetary.score between rules.monetary_min and rules.monetary_max

),

best_ranks as (

    select
        scheme,
        rule_id,
        min(rule_rank) as best_rank
    from fitting
    group by scheme, rule_id

)

select
    rules.scheme,
    rules.rule_id,
    case
        when
            rules.recency_min > rules.recency_max
            or rules.frequency_min > rules.frequency_max
            or rules.monetary_min > rules.monetary_max
            then 'a lowest score is above its highest'
        when best_ranks.best_rank is null then 'it fits no code of scores from 1 to 5'
        else 'rows that are asked before it take all of its codes'
    end as reason
from {{ ref('int_rfm_rules') }} as rules
left join best_ranks on rules.scheme = best_ranks.scheme and rules.rule_id = best_ranks.rule_id
where best_ranks.best_rank is null or best_ranks.best_rank > 1
