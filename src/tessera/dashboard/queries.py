"""What pages show: functions from marts and filters to tables, the same on both engines.

Everything is of one store and read from marts, never from events: what a page costs grows with people, segments and days, not
with what people did. Numbers are those of the marts; sums and counts are made here, shares and rates are not.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tessera.pictures.canvas import words
from tessera.warehouse.marts import Marts

TEXT, WHOLE, NUMBER, TRUTH, TIME, DAY = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us"), pa.date32())
STORE = "(store)"
# What tells who somebody is; shown with --show-personal alone.
PERSONAL = ("display_name", "first_name", "last_name", "email", "phone", "city", "state", "external_ids", "custom_attributes")
# Ids that are an address or a number themselves are shown by their hash, by which they are found again.
_HIDDEN = "customer_id like 'email:%' or customer_id like 'phone:%' or customer_id like 'customer:%' or customer_id like '%@%'"
_ALIAS = "'person-' || substring(md5(customer_id) from 1 for 12)"
_MOST = 500


def columns(**types: pa.DataType) -> pa.Schema:
    """Columns of a query by name, in order."""
    return pa.schema(list(types.items()))


def stores(marts: Marts) -> pa.Table:
    """Every store: its name, time zone and currency, and the night that the marts are of."""
    found = columns(store_id=TEXT, name=TEXT, timezone=TEXT, currency=TEXT, updated_at=TIME)
    return marts.read("stores", found, {}).sort_by("store_id")


def cards(marts: Marts, store: str) -> pa.Table:
    """The cards on top: one row of `segment_kpis`, and how many customers are known on its day."""
    counts = columns(activity_date=DAY, total_segments=WHOLE, total_members=WHOLE, active_segments=WHOLE, average_size=NUMBER)
    others = columns(revenue_28d=NUMBER, revenue_change_28d=NUMBER, total_customers=WHOLE)
    statement = """
        select kpis.*, days.total_customers
        from {marts}.segment_kpis as kpis
        left join {marts}.behavioral_analytics as days
            on kpis.store_id = days.store_id and kpis.activity_date = days.activity_date and days.is_store
        where kpis.store_id = $1"""
    return marts.ask(statement, pa.unify_schemas([counts, others]), store)


def segments(marts: Marts, store: str) -> pa.Table:
    """Segments in force, largest first: of rules, lists, axes and clusters."""
    found = columns(
        segment_id=TEXT,
        name=TEXT,
        description=TEXT,
        segment_type=TEXT,
        member_count=WHOLE,
        average_value=NUMBER,
        rules=TEXT,
        is_active=TRUTH,
        last_calculated_at=TIME,
    )
    table = marts.read("segments", found, {"store_id": store})
    table = _worded(table.filter(table["is_active"]), "name")
    return table.sort_by([("member_count", "descending"), ("name", "ascending"), ("segment_id", "ascending")])


def overlaps(marts: Marts, store: str, segment: str) -> pa.Table:
    """Segments that share members with one, those that share most first."""
    found = columns(other_segment_id=TEXT, name=TEXT, shared_count=WHOLE, shared_rate=NUMBER, jaccard_index=NUMBER)
    statement = """
        select pairs.*, segments.name
        from {marts}.segment_overlaps as pairs
        inner join {marts}.segments as segments
            on pairs.store_id = segments.store_id and pairs.other_segment_id = segments.segment_id
        where pairs.store_id = $1 and pairs.segment_id = $2"""
    table = _worded(marts.ask(statement, found, store, segment), "name")
    return table.sort_by([("shared_count", "descending"), ("other_segment_id", "ascending")])


def segment_days(marts: Marts, store: str, segment: str, since: date) -> pa.Table:
    """Members of a segment by day, and who came and went."""
    found = columns(activity_date=DAY, members=WHOLE, members_joined=WHOLE, members_left=WHOLE)
    return _days(marts, "daily_metrics", found, store, segment, since)


def movements(marts: Marts, store: str, segment: str) -> pa.Table:
    """Why people entered and left a segment, by night."""
    found = columns(as_of=TIME, movement=TEXT, reason=TEXT, moved_fields=TEXT, people=WHOLE)
    statement = """
        with moves as (
            select as_of, movement, moved_fields,
                case when is_redefined then 'other rules' else coalesce(reason, source) end as reason
            from {marts}.segment_movements
            where store_id = $1 and segment_id = $2
        )
        select as_of, movement, reason, moved_fields, count(*) as people
        from moves
        group by as_of, movement, reason, moved_fields"""
    table = marts.ask(statement, found, store, segment)
    return table.sort_by(
        [("as_of", "descending"), ("people", "descending"), ("movement", "ascending"), ("moved_fields", "ascending")]
    )


def members(marts: Marts, store: str, segment: str, personal: bool) -> pa.Table:
    """Members of a segment tonight, those worth most first, at most 500."""
    statement = f"""
        select
            {_who(personal, "members.")},
            members.joined_at as since,
            profiles.total_orders,
            profiles.total_revenue,
            profiles.last_order_at,
            profiles.churn_risk,
            profiles.predicted_ltv,
            profiles.lifecycle_stage
        from {{marts}}.segment_memberships as members
        inner join {{marts}}.audience_profiles as profiles
            on members.store_id = profiles.store_id and members.customer_id = profiles.customer_id
        where members.store_id = $1 and members.segment_id = $2 and members.is_current
        order by profiles.total_revenue desc nulls last, members.customer_id
        limit {_MOST}"""
    found = columns(
        person=TEXT,
        since=TIME,
        total_orders=WHOLE,
        total_revenue=NUMBER,
        last_order_at=TIME,
        churn_risk=NUMBER,
        predicted_ltv=NUMBER,
        lifecycle_stage=TEXT,
    )
    return _by(marts.ask(statement, found, store, segment), "total_revenue", "person")


def days(marts: Marts, store: str, segment: str, since: date) -> pa.Table:
    """What customers of a store (segment ``(store)``), or members of a segment, did and spent by day."""
    found = columns(
        activity_date=DAY,
        is_whole_day=TRUTH,
        revenue=NUMBER,
        total_purchases=WHOLE,
        visits=WHOLE,
        new_customers=WHOLE,
        active_customers=WHOLE,
        lapsing_customers=WHOLE,
        at_risk_customers=WHOLE,
        churned_customers=WHOLE,
        prospect_customers=WHOLE,
        conversion_rate=NUMBER,
        bounce_rate=NUMBER,
        repeat_purchase_rate=NUMBER,
        avg_order_value=NUMBER,
    )
    return _days(marts, "behavioral_analytics", found, store, segment, since)


def forecast(marts: Marts, store: str) -> pa.Table:
    """Revenue of the next 90 days, with its interval."""
    found = columns(forecast_date=DAY, expected_revenue=NUMBER, revenue_low=NUMBER, revenue_high=NUMBER, forecast_model=TEXT)
    return marts.read("revenue_forecast", found, {"store_id": store}).sort_by("forecast_date")


def performance(marts: Marts, store: str, since: date) -> pa.Table:
    """How every segment does on its last day, and what its members spent since a day."""
    found = columns(
        segment_id=TEXT,
        name=TEXT,
        member_count=WHOLE,
        active_members=WHOLE,
        churn_rate=NUMBER,
        lifetime_value=NUMBER,
        avg_order_value=NUMBER,
        purchase_frequency=NUMBER,
        email_open_rate=NUMBER,
        engagement_score=NUMBER,
        revenue=NUMBER,
    )
    statement = """
        with days as (
            select
                *,
                sum(revenue_generated) over (partition by segment_id) as revenue,
                max(activity_date) over (partition by segment_id) as last_date
            from {marts}.segment_performance
            where store_id = $1 and activity_date >= cast($2 as date) and is_whole_day
        )
        select days.*, segments.name
        from days
        inner join {marts}.segments as segments on days.store_id = segments.store_id and days.segment_id = segments.segment_id
        where days.activity_date = days.last_date"""
    return _by(_worded(marts.ask(statement, found, store, since.isoformat()), "name"), "revenue", "segment_id")


def alerts(marts: Marts, store: str) -> pa.Table:
    """What was out of the ordinary in the last 90 days, what still is first."""
    found = columns(sentence=TEXT, first_seen_on=DAY, last_seen_on=DAY, is_open=TRUTH, scope=TEXT, metric=TEXT, alert_id=TEXT)
    table = marts.read("drift_alerts", found, {"store_id": store})
    order = [("is_open", "descending"), ("last_seen_on", "descending"), ("alert_id", "ascending")]
    return table.sort_by(order).drop_columns(["alert_id"])


def revenue_change(marts: Marts, store: str, segment: str) -> pa.Table:
    """What changed a segment's revenue from the 28 days before to the last 28, in parts that add up to the change."""
    names = ("joined_effect", "left_effect", "orders_per_member_effect", "value_per_order_effect", "refunds_effect")
    found = columns(**dict.fromkeys(names, NUMBER))
    table = marts.read("segment_revenue_change", found, {"store_id": store, "segment_id": segment})
    effects = [
        {"effect": words(name.removesuffix("_effect")), "revenue": row[name]} for row in table.to_pylist() for name in names
    ]
    return pa.Table.from_pylist(effects, schema=columns(effect=TEXT, revenue=NUMBER))


def campaigns(marts: Marts, store: str, since: date, model: str) -> pa.Table:
    """Which sources and campaigns a model of attribution credits since a day, and what they cost; most net revenue first."""
    names = columns(source=TEXT, medium=TEXT, campaign=TEXT)
    sums = columns(
        visits=WHOLE,
        orders=NUMBER,
        new_customers=NUMBER,
        net_revenue=NUMBER,
        kept_revenue=NUMBER,
        cost=NUMBER,
        return_on_ad_spend=NUMBER,
    )
    statement = """
        select
            source, medium, campaign, sum(visits) as visits, sum(orders) as orders, sum(new_customers) as new_customers,
            sum(net_revenue) as net_revenue, sum(kept_revenue) as kept_revenue, sum(cost) as cost,
            cast(sum(kept_revenue) as double precision) / nullif(cast(sum(cost) as double precision), 0) as return_on_ad_spend
        from {marts}.campaign_performance
        where store_id = $1 and is_store and activity_date >= cast($2 as date) and attribution_model = $3
        group by source, medium, campaign"""
    table = marts.ask(statement, pa.unify_schemas([names, sums]), store, since.isoformat(), model)
    return _by(table, "net_revenue", "source", "medium", "campaign")


def attribution_models(marts: Marts, store: str) -> pa.Table:
    """The models of attribution there are."""
    statement = "select distinct attribution_model from {marts}.campaign_performance where store_id = $1 and is_store"
    return marts.ask(statement, columns(attribution_model=TEXT), store).sort_by("attribution_model")


def cohorts(marts: Marts, store: str) -> pa.Table:
    """Every cohort that has or had members; `cohort_id` is acquisition-month (or another period), or that of its definition."""
    found = columns(
        cohort_key=TEXT,
        cohort_id=TEXT,
        cohort_name=TEXT,
        cohort_type=TEXT,
        cohort_period=TEXT,
        acquisition_start_date=DAY,
        description=TEXT,
        member_count=WHOLE,
    )
    return marts.read("cohorts", found, {"store_id": store}).sort_by(
        [("cohort_type", "ascending"), ("acquisition_start_date", "ascending"), ("cohort_key", "ascending")]
    )


def retention(marts: Marts, store: str, period: str) -> pa.Table:
    """Retention and value per customer of cohorts of acquisition by period (``week``, ``month`` or ``quarter``)."""
    found = columns(
        cohort=TEXT,
        started=DAY,
        period_number=WHOLE,
        customers=WHOLE,
        active_customers=WHOLE,
        retention_rate=NUMBER,
        revenue=NUMBER,
        cumulative_value_per_customer=NUMBER,
        is_complete=TRUTH,
    )
    statement = """
        select retention.*, cohorts.cohort_name as cohort, cohorts.acquisition_start_date as started
        from {marts}.cohort_retention as retention
        inner join {marts}.cohorts as cohorts
            on retention.store_id = cohorts.store_id and retention.cohort_key = cohorts.cohort_key
        where retention.store_id = $1 and retention.cohort_id = $2"""
    return marts.ask(statement, found, store, f"acquisition-{period}").sort_by(
        [("started", "ascending"), ("period_number", "ascending")]
    )


def value_curves(table: pa.Table) -> pa.Table:
    """Of `retention` the periods that are over, of the six youngest cohorts that have three of them."""
    done = table.filter(table["is_complete"])
    counts: dict[str, int] = {}
    for cohort in done["cohort"].to_pylist():
        counts[cohort] = counts.get(cohort, 0) + 1
    chosen = [cohort for cohort, periods in counts.items() if periods >= 3][-6:]
    return done.filter(pc.is_in(done["cohort"], pa.array(chosen, TEXT)))


def funnel(marts: Marts, store: str) -> pa.Table:
    """Stages of the journey: who entered, who is there, who went on."""
    found = columns(
        stage=TEXT,
        stage_rank=WHOLE,
        entered=WHOLE,
        entered_by_waiting=WHOLE,
        current_customers=WHOLE,
        reached_next_stage=WHOLE,
        skipped=WHOLE,
        conversion_rate=NUMBER,
        drop_off_rate=NUMBER,
        median_days_to_next=NUMBER,
    )
    return marts.read("journey_funnel", found, {"store_id": store}).sort_by("stage_rank")


def transitions(marts: Marts, store: str) -> pa.Table:
    """How many people went from stage to stage, and how long they had been there."""
    statement = """
        select moves.stage, moves.to_stage, count(*) as people, avg(moves.days_in_stage) as mean_days,
            min(stages.stage_rank) as stage_rank, min(next_stages.stage_rank) as to_rank
        from {marts}.journey_transitions as moves
        inner join {marts}.journey_funnel as stages on moves.store_id = stages.store_id and moves.stage = stages.stage
        inner join {marts}.journey_funnel as next_stages
            on moves.store_id = next_stages.store_id and moves.to_stage = next_stages.stage
        where moves.store_id = $1
        group by moves.stage, moves.to_stage"""
    found = columns(stage=TEXT, to_stage=TEXT, people=WHOLE, mean_days=NUMBER, stage_rank=WHOLE, to_rank=WHOLE)
    table = marts.ask(statement, found, store).sort_by([("stage_rank", "ascending"), ("to_rank", "ascending")])
    return table.drop_columns(["stage_rank", "to_rank"])


def axes(marts: Marts, store: str) -> pa.Table:
    """Segments of every axis with their sizes, centres and quality."""
    found = columns(
        axis_number=WHOLE,
        axis_name=TEXT,
        segment_number=WHOLE,
        segment_id=TEXT,
        segment_key=TEXT,
        segment_name=TEXT,
        interpretation=TEXT,
        customer_count=WHOLE,
        population_percentage=NUMBER,
        cluster_center_scaled=TEXT,
        silhouette=NUMBER,
        is_gradual=TRUTH,
        is_low_quality=TRUTH,
        drift_velocity=NUMBER,
        last_fitted_at=TIME,
    )
    table = _worded(marts.read("dim_segment_master", found, {"store_id": store}), "segment_name")
    return table.sort_by([("axis_number", "ascending"), ("segment_number", "ascending"), ("segment_id", "ascending")])


def centres(segments_of_axis: pa.Table) -> pa.Table:
    """Centres of an axis, one row per segment and feature, in standard deviations from everybody's mean."""
    rows = [
        {"segment_name": row["segment_name"], "feature": words(feature), "centre": centre}
        for row in segments_of_axis.to_pylist()
        for feature, centre in sorted(json.loads(row["cluster_center_scaled"]).items())
    ]
    return pa.Table.from_pylist(rows, schema=columns(segment_name=TEXT, feature=TEXT, centre=NUMBER))


def archetypes(marts: Marts, store: str) -> pa.Table:
    """The most frequent combinations of dominant segments."""
    found = columns(archetype_number=WHOLE, interpretation=TEXT, exact_count=WHOLE, member_count=WHOLE, average_value=NUMBER)
    return _worded(marts.read("archetypes", found, {"store_id": store}), "interpretation").sort_by("archetype_number")


def at_risk(marts: Marts, store: str, personal: bool) -> pa.Table:
    """Whom the store may lose: those with most value at stake, at most 500.

    That is what the next year is expected to bring, times the probability of no order in 90 days: what they were worth was paid.
    """
    statement = f"""
        select
            {_who(personal, "")},
            current_ltv,
            churn_probability,
            predicted_ltv_1year - current_ltv as expected_value_1year,
            (predicted_ltv_1year - current_ltv) * churn_probability as value_at_stake,
            expected_next_order_at,
            confidence_score
        from {{marts}}.customer_ltv_predictions
        where store_id = $1
        order by (predicted_ltv_1year - current_ltv) * churn_probability desc nulls last, customer_id
        limit {_MOST}"""
    found = columns(
        person=TEXT,
        value_at_stake=NUMBER,
        expected_value_1year=NUMBER,
        churn_probability=NUMBER,
        current_ltv=NUMBER,
        expected_next_order_at=TIME,
        confidence_score=NUMBER,
    )
    return _by(marts.ask(statement, found, store), "value_at_stake", "person")


def models(marts: Marts, store: str) -> pa.Table:
    """Which model predicts what, and why that one."""
    found = columns(target=TEXT, model_name=TEXT, reason=TEXT, customers=WHOLE, repeat_buyers=WHOLE, holdout_customers=WHOLE)
    return marts.read("model_sufficiency", found, {"store_id": store}).sort_by("target")


def calibration(marts: Marts, store: str) -> pa.Table:
    """What the chosen models of the last fit predicted for tenths of the holdout's people, and what came."""
    found = columns(target=TEXT, model_name=TEXT, calibration=TEXT)
    statement = """
        with fits as (
            select *, max(as_of) over () as last_fit
            from {marts}.ltv_model_quality
            where store_id = $1 and is_chosen
        )
        select * from fits
        where as_of = last_fit and calibration is not null"""
    rows = [
        {"target": row["target"], "model_name": row["model_name"], "tenth": tenth, **_tenth(part)}
        for row in marts.ask(statement, found, store).sort_by("target").to_pylist()
        for tenth, part in enumerate(json.loads(row["calibration"]) or [], start=1)
    ]
    return pa.Table.from_pylist(
        rows, schema=columns(target=TEXT, model_name=TEXT, tenth=WHOLE, people=WHOLE, predicted=NUMBER, actual=NUMBER)
    )


def tracking(marts: Marts, store: str) -> pa.Table:
    """Repeat purchases since the first week, as they were and as the chosen model expects them."""
    found = columns(week_number=WHOLE, week_end=DAY, actual_orders=WHOLE, expected_orders=NUMBER)
    return marts.read("ltv_tracking", found, {"store_id": store}).sort_by("week_number")


def expected(marts: Marts, store: str) -> pa.Table:
    """What all people together are expected to order in 90 days, beside the forecast of the store's own weeks."""
    found = columns(
        customers=WHOLE,
        expected_orders=NUMBER,
        expected_orders_low=NUMBER,
        expected_orders_high=NUMBER,
        newcomer_orders=NUMBER,
        forecast_orders=NUMBER,
        expected_value_1year=NUMBER,
    )
    return marts.read("ltv_totals", found, {"store_id": store})


def find_person(marts: Marts, store: str, text: str, personal: bool) -> pa.Table:
    """Who is meant by an id as pages show it, or by an e-mail address where personal data is shown; at most one row."""
    statement = "select customer_id from {marts}.audience_profiles where store_id = $1 and "
    if text.startswith("person-"):
        statement += f"{_ALIAS} = $2"
    else:
        statement += "(customer_id = $2 or email = lower($2))" if personal else f"customer_id = $2 and not ({_HIDDEN})"
    return marts.ask(f"{statement} order by customer_id limit 1", columns(customer_id=TEXT), store, text)


def profile(marts: Marts, store: str, customer: str, personal: bool) -> pa.Table:
    """Who somebody is and what they did, in one row."""
    found = columns(
        is_identified=TRUTH,
        country=TEXT,
        first_seen_at=TIME,
        last_seen_at=TIME,
        total_sessions=WHOLE,
        total_pageviews=WHOLE,
        total_orders=WHOLE,
        total_revenue=NUMBER,
        average_order_value=NUMBER,
        first_order_at=TIME,
        last_order_at=TIME,
        email_subscribed=TRUTH,
        acquisition_source=TEXT,
        lifecycle_stage=TEXT,
        journey_stage=TEXT,
        rfm_segment=TEXT,
        engagement_score=WHOLE,
        wtp_score=WHOLE,
        lead_score=WHOLE,
        health_score=WHOLE,
        churn_risk=NUMBER,
        predicted_ltv=NUMBER,
        next_purchase_probability=NUMBER,
    )
    if personal:
        found = pa.unify_schemas([found, columns(**dict.fromkeys(PERSONAL, TEXT))])
    return marts.read("audience_profiles", found, {"store_id": store, "customer_id": customer})


def contributions(marts: Marts, store: str, customer: str) -> pa.Table:
    """Why somebody's scores are what they are: the rules that are met, and their points."""
    found = columns(score=TEXT, rule_id=TEXT, description=TEXT, contribution=WHOLE)
    statement = """
        select points.*, coalesce(rules.description, replace(points.rule_id, '_', ' ')) as description
        from {marts}.score_contributions as points
        left join {marts}.scoring_rules as rules on points.score = rules.score and points.rule_id = rules.rule_id
        where points.store_id = $1 and points.customer_id = $2"""
    table = marts.ask(statement, found, store, customer)
    return table.sort_by([("score", "ascending"), ("contribution", "descending"), ("rule_id", "ascending")])


def fingerprint(marts: Marts, store: str, customer: str) -> pa.Table:
    """How much somebody is of each kind, on every axis."""
    found = columns(
        axis_number=WHOLE, axis_name=TEXT, segment_number=WHOLE, segment_name=TEXT, membership=NUMBER, is_dominant=TRUTH
    )
    statement = """
        select memberships.*, axes.axis_number, axes.segment_number
        from {marts}.axis_memberships as memberships
        inner join {marts}.dim_segment_master as axes
            on memberships.store_id = axes.store_id and memberships.segment_id = axes.segment_id
        where memberships.store_id = $1 and memberships.customer_id = $2"""
    table = _worded(marts.ask(statement, found, store, customer), "segment_name")
    return table.sort_by([("axis_number", "ascending"), ("segment_number", "ascending")])


def predictions(marts: Marts, store: str, customer: str) -> pa.Table:
    """What is expected of somebody, with what is known of it and what drove it."""
    found = columns(
        prediction_type=TEXT,
        predicted_value=NUMBER,
        interval_low=NUMBER,
        interval_high=NUMBER,
        horizon_days=WHOLE,
        confidence=NUMBER,
        model_version=TEXT,
        features_used=TEXT,
    )
    return marts.read("predictions", found, {"store_id": store, "customer_id": customer}).sort_by("prediction_type")


def recommendations(marts: Marts, store: str, customer: str) -> pa.Table:
    """Products that somebody may want, new ones and those to buy again, with the reason."""
    found = columns(list_name=TEXT, recommendation_rank=WHOLE, product_name=TEXT, reason=TEXT, method=TEXT)
    table = marts.read("product_recommendations", found, {"store_id": store, "customer_id": customer})
    return table.sort_by([("list_name", "ascending"), ("recommendation_rank", "ascending")])


def memberships(marts: Marts, store: str, customer: str) -> pa.Table:
    """Segments that somebody is in or was in, the latest first."""
    found = columns(
        segment_id=TEXT, name=TEXT, segment_type=TEXT, joined_at=TIME, left_at=TIME, left_reason=TEXT, is_current=TRUTH
    )
    statement = """
        select spells.*, segments.name, segments.segment_type
        from {marts}.segment_memberships as spells
        inner join {marts}.segments as segments on spells.store_id = segments.store_id and spells.segment_id = segments.segment_id
        where spells.store_id = $1 and spells.customer_id = $2"""
    table = _worded(marts.ask(statement, found, store, customer), "name")
    return table.sort_by([("is_current", "descending"), ("joined_at", "descending"), ("segment_id", "ascending")])


def timeline(marts: Marts, store: str, customer: str) -> pa.Table:
    """What became of somebody, the latest first: first and last acts, stages, segments, predictions that came due."""
    statement = """
        select first_seen_at as happened_at, 'activity' as kind, 'First seen' as what
        from {marts}.audience_profiles where store_id = $1 and customer_id = $2
        union all
        select first_order_at, 'order', 'First order'
        from {marts}.audience_profiles where store_id = $1 and customer_id = $2
        union all
        select last_order_at, 'order', 'Latest order'
        from {marts}.audience_profiles where store_id = $1 and customer_id = $2 and last_order_at > first_order_at
        union all
        select last_seen_at, 'activity', 'Last seen'
        from {marts}.audience_profiles where store_id = $1 and customer_id = $2
        union all
        select entered_at, 'journey', 'Entered the stage ' || stage
        from {marts}.journey_transitions where store_id = $1 and customer_id = $2
        union all
        select spells.joined_at, 'segment', 'Joined ' || segments.name
        from {marts}.segment_memberships as spells
        inner join {marts}.segments as segments on spells.store_id = segments.store_id and spells.segment_id = segments.segment_id
        where spells.store_id = $1 and spells.customer_id = $2 and segments.segment_type <> 'axis'
        union all
        select spells.left_at, 'segment', 'Left ' || segments.name || coalesce(' (' || spells.left_reason || ')', '')
        from {marts}.segment_memberships as spells
        inner join {marts}.segments as segments on spells.store_id = segments.store_id and spells.segment_id = segments.segment_id
        where spells.store_id = $1 and spells.customer_id = $2 and segments.segment_type <> 'axis'"""
    table = marts.ask(statement, columns(happened_at=TIME, kind=TEXT, what=TEXT), store, customer)
    table = table.filter(pc.is_valid(table["happened_at"]))
    return table.sort_by([("happened_at", "descending"), ("kind", "ascending"), ("what", "ascending")])


def quality(marts: Marts, store: str) -> pa.Table:
    """What became of the rows that came in, by table."""
    found = columns(
        table_name=TEXT,
        raw_rows=WHOLE,
        accepted_rows=WHOLE,
        duplicate_rows=WHOLE,
        rejected_rows=WHOLE,
        not_yet_rows=WHOLE,
        nulled_values=WHOLE,
        unknown_event_types=WHOLE,
    )
    return marts.read("staging_quality", found, {"store_id": store}).sort_by("table_name")


def issues(marts: Marts, store: str) -> pa.Table:
    """What was refused, emptied or flagged, and why; the most frequent first."""
    found = columns(table_name=TEXT, issue=TEXT, reason=TEXT, column_name=TEXT, row_count=WHOLE)
    return _by(marts.read("staging_issues", found, {"store_id": store}), "row_count", "table_name", "reason", "column_name")


def completeness(marts: Marts, store: str) -> pa.Table:
    """Which inputs a store lacks, and what that leaves empty."""
    found = columns(table_name=TEXT, has_rows=TRUTH, accepted_rows=WHOLE, stands_in=TEXT, leaves_empty=TEXT)
    return marts.read("data_completeness", found, {"store_id": store}).sort_by("table_name")


def _days(marts: Marts, mart: str, found: pa.Schema, store: str, segment: str, since: date) -> pa.Table:
    """Rows of a mart of days that are not before one, in order."""
    statement = f"""
        select * from {{marts}}.{mart}
        where store_id = $1 and segment_id = $2 and activity_date >= cast($3 as date)"""
    return marts.ask(statement, found, store, segment, since.isoformat()).sort_by("activity_date")


def _by(table: pa.Table, most: str, *ties: str) -> pa.Table:
    """Rows with most of something first, those where it is unknown last."""
    return table.sort_by([(most, "descending"), *((name, "ascending") for name in ties)])


def _worded(table: pa.Table, column: str) -> pa.Table:
    """Names in a column as people read them, without underscores."""
    return table.set_column(table.schema.get_field_index(column), column, pc.replace_substring(table[column], "_", " "))


def _who(personal: bool, alias: str) -> str:
    """The id that pages show, as a column `person`."""
    hidden, shown = (text.replace("customer_id", f"{alias}customer_id") for text in (_HIDDEN, _ALIAS))
    return (
        f"{alias}customer_id as person" if personal else f"case when {hidden} then {shown} else {alias}customer_id end as person"
    )


def _tenth(part: dict[str, Any]) -> dict[str, Any]:
    """A tenth of people of a calibration."""
    return {"people": part["n"], "predicted": part["predicted"], "actual": part["actual"]}
