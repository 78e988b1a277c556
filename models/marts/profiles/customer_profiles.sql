{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

{%- set texts = [] %}
{%- for axis in var('archetype_axes') %}
    {%- do texts.append("cast(named.dominant_segments as " ~ json_type() ~ ") ->> " ~ sql_text(axis)) %}
{%- endfor %}

select
    cast(fingerprints.store_id as text) as store_id,
    cast(fingerprints.customer_id as text) as customer_id,
    cast(memberships.archetype_id as text) as archetype_id,
    cast(named.segment_memberships as {{ json_type() }}) as segment_memberships,
    cast(named.dominant_segments as {{ json_type() }}) as dominant_segments,
    cast(fingerprints.feature_vectors as {{ json_type() }}) as feature_vectors,
    cast(fingerprints.membership_strength as {{ json_type() }}) as membership_strength,
    nullif(concat_ws(', ', {{ texts | join(', ') }}), '') as interpretation,
    {{ known_money('net_revenue', 'totals') }} as lifetime_value,
    cast(predictions.churn_probability as double precision) as churn_risk_score,
    {{ as_of() }} as updated_at
from {{ ref('axis_fingerprints') }} as fingerprints
inner join {{ ref('named_fingerprints') }} as named
    on fingerprints.store_id = named.store_id and fingerprints.customer_id = named.customer_id
left join {{ ref('archetype_memberships') }} as memberships
    on fingerprints.store_id = memberships.store_id and fingerprints.customer_id = memberships.customer_id
left join {{ ref('int_activity_totals') }} as totals
    on fingerprints.store_id = totals.store_id and fingerprints.customer_id = totals.customer_id
left join {{ ref('int_predictions') }} as predictions
    on fingerprints.store_id = predictions.store_id and fingerprints.customer_id = predictions.customer_id
