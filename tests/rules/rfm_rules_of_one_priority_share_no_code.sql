-- If this fails, two rows of seeds/scores/rfm_segments.csv both fit a code and neither is asked first: the spelling of their
-- rule_id would decide.
select
    rules.scheme,
    rules.priority,
    rules.rule_id,
    other_rules.rule_id as other_rule_id
from {{ ref('rfm_segments') }} as rules
inner join {{ ref('rfm_segments') }} as other_rules
    on
        rules.scheme = other_rules.scheme
        and rules.priority = other_rules.priority
        and {{ byte_order('rules.rule_id') }} < {{ byte_order('other_rules.rule_id') }}
where
    greatest(rules.recency_min, other_rules.recency_min) <= least(rules.recency_max, other_rules.recency_max)
    and greatest(rules.frequency_min, other_rules.frequency_min) <= least(rules.frequency_max, other_rules.frequency_max)
    and greatest(rules.monetary_min, other_rules.monetary_min) <= least(rules.monetary_max, other_rules.monetary_max)
