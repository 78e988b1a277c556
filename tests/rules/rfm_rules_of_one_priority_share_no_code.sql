-- If this fails, two rows of rfm_segments.csv or of custom_rfm_segments.csv both fit a code and neither is asked first: the
-- spelling of their rule_id would decide.
select
    rules.scheme,
    rules.priority,
    rules.rule_id,
    other_rules.rule_id as other_rule_id
from {{ ref('int_rfm_rules') }} as rules
inner join {{ ref('int_rfm_rules') }} as other_rules
    on
        rules.scheme = other_rules.scheme
        and rules.is_custom = other_rules.is_custom
        and rules.priority = other_rules.priority
        and {{ byte_order('rules.rule_id') }} < {{ byte_order('other_rules.rule_id') }}
where
    greatest(rules.recency_min, other_rules.recency_min) <= least(rules.recency_max, other_rules.recency_max)
    and greatest(rules.frequency_min, other_rules.frequency_min) <= least(rules.frequency_max, other_rules.frequency_max)
    and greatest(rules.monetary_min, other_rules.monetary_min) <= least(rules.monetary_max, other_rules.monetary_max)
