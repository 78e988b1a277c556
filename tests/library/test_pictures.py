"""Pictures: what is drawn from tables made by hand, what the command writes, and what it says where it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from itertools import combinations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from support.shops import connect
from tessera.cli import main
from tessera.pictures import axes, customer, predictions
from tessera.pictures.axes import axis_figure, axis_names, one_axis, skipped_axes
from tessera.pictures.canvas import BLUE, PictureError, percent, save, signed, styled, text_width, wrap
from tessera.pictures.customer import CustomerFrames, customer_figure
from tessera.pictures.predictions import PredictionFrames, calibration_figure, last_chosen, skipped_pictures, tracking_figure

NIGHT = datetime(2025, 6, 30)
LONG = "remarkably_loyal_discount_hunting_buyers"


def segment(number, name, people, axis="purchase_frequency", axis_number=1, centre=None, **other):
    """A row of dim_segment_master: of an axis with 100 people."""
    return {
        "store_id": "s",
        "axis_name": axis,
        "axis_number": axis_number,
        "segment_id": f"{axis}-{number}",
        "segment_number": number,
        "segment_name": name,
        "customer_count": people,
        "population_percentage": people / 100,
        "cluster_center_scaled": json.dumps(centre or {"spread": 2.0 * number - 4, "flat": 0.01}),
        "silhouette": 0.42,
        "is_low_quality": False,
        "is_gradual": False,
        "last_fitted_at": NIGHT,
        **other,
    }


def fit(axis="purchase_frequency", **other):
    """A row of axis_fits."""
    return {
        "store_id": "s",
        "axis_name": axis,
        "as_of": NIGHT,
        "is_trial": False,
        "status": "fitted",
        "reason": None,
        "population": 100,
        "sample_size": 100,
        "segment_count": 3,
        "silhouettes": json.dumps({"2": 0.31, "3": 0.42, "10": 0.35}),
        **other,
    }


def skip(axis, reason, **other):
    return fit(axis, status="skipped", reason=reason, segment_count=None, silhouettes=None, **other)


def membership(number, name, value, axis="purchase_frequency", dominant=False):
    """A row of axis_memberships of the customer c."""
    return {
        "store_id": "s",
        "customer_id": "c",
        "axis_name": axis,
        "segment_id": f"{axis}-{number}",
        "segment_name": name,
        "membership": value,
        "is_dominant": dominant,
    }


SEGMENTS = [
    segment(3, "high_frequency_loyalists", 20),
    segment(1, "one_time_customers", 70),
    segment(2, "occasional_buyers", 10),
    segment(1, "light_spenders", 60, "purchase_value", 2, is_low_quality=True),
    segment(2, "premium_spenders", 40, "purchase_value", 2, is_low_quality=True),
    segment(1, "rare_support_users", 55, "support_history", 14),
    segment(2, "heavy_support_users", 45, "support_history", 14),
]
FITS = [
    fit(),
    fit(is_trial=True, segment_count=2),
    fit("purchase_value"),
    fit("support_history"),
    skip("purchase_cadence", "45 of at least 100 people"),
    fit("behavior_clusters"),
]
MEMBERSHIPS = [
    membership(1, "one_time_customers", 0.2),
    membership(2, "occasional_buyers", 0.3),
    membership(3, "high_frequency_loyalists", 0.5, dominant=True),
    membership(1, "light_spenders", 0.9, "purchase_value", True),
    membership(2, "premium_spenders", 0.1, "purchase_value"),
]
PROFILES = [
    {
        "store_id": "s",
        "customer_id": "c",
        "interpretation": "high_frequency_loyalists, light_spenders",
        "membership_strength": json.dumps({"purchase_frequency": "balanced", "purchase_value": "strong"}),
        "updated_at": NIGHT,
    }
]
ARCHETYPES = [
    {"store_id": "s", "customer_id": "c", "archetype_id": "archetype-7", "archetype_membership": 0.31, "is_exact": True}
]


def quality(target="churn", **other):
    """A row of ltv_model_quality: of a chosen model, with a calibration of two tenths."""
    bins = [{"n": 12, "predicted": 0.2, "actual": 0.25}, {"n": 13, "predicted": 0.8, "actual": 0.5}]
    return {
        "store_id": "s",
        "as_of": NIGHT,
        "target": target,
        "model_name": "bg_nbd",
        "is_chosen": True,
        "reason": "Best.",
        "holdout_customers": 25,
        "total_error": 0.123,
        "gini": 0.5,
        "auc": 0.81,
        "calibration": json.dumps(bins),
        "baseline_spend_gini": 0.41,
        "baseline_rate_gini": 0.32,
        "baseline_recency_auc": 0.7,
        "baseline_frequency_auc": 0.6,
        "beats_baselines": True,
        **other,
    }


def week(number, actual, expected):
    """A row of ltv_tracking."""
    return {
        "store_id": "s",
        "week_number": number,
        "week_end": date(2025, 1, 5) + timedelta(7 * number),
        "actual_orders": actual,
        "expected_orders": expected,
    }


QUALITY = [
    quality("orders"),
    quality(),
    quality("value", total_error=None, beats_baselines=False),
    quality("first_order", calibration=json.dumps([{"n": 25, "predicted": 0.01, "actual": 0.0}]), auc=None),
    quality("spend", calibration=None),
    quality("churn", model_name="mbg_nbd", is_chosen=False),
    quality("churn", model_name="last week's", as_of=NIGHT - timedelta(7)),
]
TRACKING = [week(1, 10, 8.0), week(2, 30, 24.5), week(3, 60, 45.0)]


def prediction_frames(rows=QUALITY, weeks=TRACKING):
    return PredictionFrames(
        last_chosen(pa.Table.from_pylist(rows, predictions.QUALITY)), pa.Table.from_pylist(weeks, predictions.TRACKING)
    )


def axis_frames(axis="purchase_frequency", segments=SEGMENTS, fits=FITS):
    """The two tables of one axis, as they are read."""
    fits = [row for row in fits if not row["is_trial"]]
    return one_axis(pa.Table.from_pylist(segments, axes.SEGMENTS), pa.Table.from_pylist(fits, axes.FITS), axis)


def customer_frames(segments=SEGMENTS, memberships=MEMBERSHIPS, profiles=PROFILES, archetypes=ARCHETYPES):
    return CustomerFrames(
        pa.Table.from_pylist(segments, customer.SEGMENTS),
        pa.Table.from_pylist(memberships, customer.MEMBERSHIPS),
        pa.Table.from_pylist(profiles, customer.PROFILE),
        pa.Table.from_pylist(archetypes, customer.ARCHETYPE),
    )


def panel(figure, label):
    return next(found for found in figure.axes if found.get_label() == label)


def row_names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def texts(figure):
    """Everything that is written on a figure outside of its panels' scales."""
    written = [*figure.texts, *(text for found in figure.axes for text in found.texts)]
    return [" ".join(text.get_text().split()) for text in written]


def test_bars_are_the_sizes_in_order_of_the_segments():
    sizes = panel(axis_figure(*axis_frames()), "sizes")
    assert [bar.get_width() for bar in sizes.patches] == [70, 10, 20]
    assert row_names(sizes) == ["one time customers", "occasional buyers", "high frequency loyalists"]
    assert [text.get_text() for text in sizes.texts] == ["70 (70%)", "10 (10%)", "20 (20%)"]
    assert sizes.yaxis_inverted()


def test_centres_stand_beside_their_segment_and_the_widest_feature_first():
    figure = axis_figure(*axis_frames())
    assert [found.get_label() for found in figure.axes] == ["sizes", "centre spread", "centre flat", "silhouettes"]
    spread = panel(figure, "centre spread")
    assert [text.get_text() for text in spread.texts] == ["\N{MINUS SIGN}2.0", "0.0", "+2.0"]
    assert spread.get_ylim() == panel(figure, "sizes").get_ylim()
    dots = [line for line in spread.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [-1, 0, 1]
    assert [dot.get_markerfacecolor() for dot in dots] == ["white", BLUE, BLUE]


def test_a_feature_that_a_centre_lacks_is_left_out_there():
    segments = [segment(1, "a", 1, centre={"x": 1.0}), segment(2, "b", 1, centre={"x": -1.0, "y": 0.5})]
    assert [text.get_text() for text in panel(axis_figure(*axis_frames(segments=segments)), "centre y").texts] == ["+0.5"]


def test_silhouettes_are_in_order_of_the_number_and_the_chosen_one_is_marked():
    silhouettes = panel(axis_figure(*axis_frames()), "silhouettes")
    assert list(silhouettes.lines[0].get_xdata()) == [2, 3, 10]
    assert [text.get_text() for text in silhouettes.texts] == ["0.31", "0.42", "0.35"]
    assert [label.get_text() for label in silhouettes.get_xticklabels()] == ["2", "3\nchosen", "10"]


def test_the_last_fit_counts_and_a_trial_does_not():
    later = fit(as_of=datetime(2025, 7, 7), segment_count=10)
    _, fits = axis_frames(fits=[later, *FITS])
    silhouettes = panel(axis_figure(axis_frames()[0], fits), "silhouettes")
    assert [label.get_text() for label in silhouettes.get_xticklabels()] == ["2", "3", "10\nchosen"]


def test_silhouettes_that_nobody_recorded_are_said_to_be():
    assert "not recorded" in texts(axis_figure(*axis_frames(fits=[])))


def test_negative_silhouettes_stay_on_the_scale():
    silhouettes = panel(axis_figure(*axis_frames(fits=[fit(silhouettes='{"2": -0.4, "3": -0.1, "4": null}')])), "silhouettes")
    assert silhouettes.get_ylim()[0] == -0.4
    assert list(silhouettes.lines[0].get_xdata()) == [2, 3]


def test_low_quality_is_flagged_only_where_it_is():
    assert any(text.startswith("Low quality") for text in texts(axis_figure(*axis_frames("purchase_value"))))
    assert not any(text.startswith("Low quality") for text in texts(axis_figure(*axis_frames())))


def test_an_axis_without_gaps_says_so():
    gradual = [{**row, "is_gradual": True} for row in SEGMENTS]
    drawn = axis_figure(
        *(
            table.filter(pc.equal(table["axis_name"], "purchase_frequency"))
            for table in (pa.Table.from_pylist(gradual, axes.SEGMENTS), pa.Table.from_pylist(FITS, axes.FITS))
        )
    )
    assert any(text.startswith("People differ by degrees") for text in texts(drawn))
    assert not any(text.startswith("People differ by degrees") for text in texts(axis_figure(*axis_frames())))


def test_axes_are_in_order_and_those_without_segments_have_a_reason():
    segments, fits = pa.Table.from_pylist(SEGMENTS, axes.SEGMENTS), pa.Table.from_pylist(FITS, axes.FITS)
    assert axis_names(segments) == ["purchase_frequency", "purchase_value", "support_history"]
    assert skipped_axes(segments, fits) == {"purchase_cadence": "45 of at least 100 people"}


def test_memberships_are_stacked_from_the_lowest_segment_and_the_dominant_one_is_dark():
    from matplotlib.colors import to_hex

    bars = panel(customer_figure(customer_frames()), "memberships")
    drawn = [
        tuple(round(float(number), 6) for number in (bar.get_y() + bar.get_height() / 2, bar.get_x(), bar.get_width()))
        for bar in bars.patches
    ]
    assert drawn == [(0, 0, 0.2), (0, 0.2, 0.3), (0, 0.5, 0.5), (1, 0, 0.9), (1, 0.9, 0.1)]
    assert [to_hex(bar.get_facecolor()) == BLUE for bar in bars.patches] == [False, False, True, True, False]
    assert row_names(bars) == ["Purchase frequency", "Purchase value", "Support history"]


def test_beside_the_bars_stand_the_dominant_segment_the_next_and_the_strength():
    written = texts(customer_figure(customer_frames()))
    assert {
        "Customer c",
        "high frequency loyalists, light spenders",
        "high frequency loyalists 50%",
        "next: occasional buyers 30%",
        "balanced",
        "light spenders 90%",
        "strong",
    } <= set(written)
    assert "s, 2025-06-30, archetype-7 (membership 31%, exactly this combination)" in written
    assert written.count("not on this axis") == 1


def test_a_person_without_an_archetype_is_drawn():
    profiles = [{**PROFILES[0], "interpretation": None}]
    for archetypes in ([], [{**ARCHETYPES[0], "archetype_id": None, "archetype_membership": None, "is_exact": None}]):
        written = texts(customer_figure(customer_frames(profiles=profiles, archetypes=archetypes)))
        assert "s, 2025-06-30, no archetype, as not on all the axes that make one" in written


def test_every_prediction_with_a_calibration_has_bars_of_what_came_and_dots_of_what_was_predicted():
    figure = calibration_figure(prediction_frames())
    assert [found.get_label() for found in figure.axes] == ["churn", "value", "orders", "first_order"]
    churn = panel(figure, "churn")
    assert [bar.get_height() for bar in churn.patches] == [0.25, 0.5]
    assert list(churn.lines[0].get_ydata()) == [0.2, 0.8]
    assert [label.get_text() for label in churn.get_xticklabels()] == ["12", "13"]


def test_above_a_panel_stand_the_chosen_model_its_total_and_its_measure_beside_the_baselines():
    written = texts(calibration_figure(prediction_frames()))
    assert written.count("by bg_nbd, 25 people, in total 12.3% too high") == 3
    assert "by bg_nbd, 25 people, in total nothing came" in written
    assert "AUC 0.81, beside 0.70 of recency and 0.60 of frequency" in written
    assert written.count("Gini 0.50, beside 0.41 of spend so far and 0.32 of own rate") == 2
    assert written.count("Not better than simple guesses") == 1
    assert not any("mbg_nbd" in text or "last week" in text for text in written)


def test_a_measure_without_baselines_stands_beside_chance():
    written = texts(calibration_figure(prediction_frames([quality("upgrade", total_error=-0.0001)])))
    assert {"AUC 0.81, beside 0.50 of chance", "by bg_nbd, 25 people, in total right"} <= set(written)


def test_one_prediction_for_everybody_is_one_bar_and_money_given_back_is_below_zero():
    value = quality("value", calibration=json.dumps([{"n": 1_234_567, "predicted": 3.0, "actual": -20.0}]))
    axes_ = panel(calibration_figure(prediction_frames([value])), "value")
    assert axes_.get_xlabel() == "people, who all have one prediction"
    assert [label.get_text() for label in axes_.get_xticklabels()] == ["1.23M"]
    assert axes_.get_ylim()[0] < -20


def test_repeat_purchases_add_up_above_and_stand_by_week_below():
    figure = tracking_figure(prediction_frames())
    total, by_week = panel(figure, "total"), panel(figure, "week")
    made, expected = (line for line in total.lines if line.get_label() in ("made", "expected"))
    assert [list(line.get_xdata()) for line in (made, expected)] == [[0, 1, 2, 3]] * 2
    assert list(made.get_ydata()) == [0, 10, 30, 60]
    assert list(expected.get_ydata()) == [0, 8, 24.5, 45]
    assert [bar.get_height() for bar in by_week.patches] == [10, 20, 30]
    assert list(by_week.lines[0].get_ydata()) == [8, 16.5, 20.5]
    assert [text.get_text() for text in total.texts] == ["60 made", "45 expected"]
    assert [label.get_text() for label in total.get_xticklabels()] == ["1\n2025-01-12", "2\n2025-01-19", "3\n2025-01-26"]
    written = texts(figure)
    assert "s, by bg_nbd of 2025-06-30, which knows of each person only when they first bought" in written
    assert "Full is what was made, dashed what was expected: up to 2025-01-26 in total 25.0% too low" in written


@pytest.mark.parametrize(
    "weeks",
    [
        [week(1, 0, 0.0)],
        [week(1, 3, 3.0)],
        [week(number, 10 * number, 10.1 * number) for number in range(1, 521)],
        [week(number, 9_876_543 * number, 9_876_000.0 * number) for number in range(1, 80)],
    ],
)
def test_one_week_many_weeks_and_ends_that_meet_lie_on_nothing(weeks):
    assert collisions(tracking_figure(prediction_frames(weeks=weeks))) == []


def test_long_names_of_models_and_many_people_lie_on_nothing():
    bins = json.dumps([{"n": 312_345, "predicted": 1e6 * place, "actual": 1e6} for place in range(10)])
    rows = [
        quality(
            target,
            model_name="pareto_nbd_x_gamma_gamma_" * 4,
            holdout_customers=3_123_450,
            calibration=bins,
            beats_baselines=False,
        )
        for target in ("churn", "value", "orders", "first_order", "spend", "upgrade")
    ]
    assert collisions(calibration_figure(prediction_frames(rows))) == []


def test_pictures_of_predictions_that_cannot_be_drawn_have_a_reason():
    assert skipped_pictures(prediction_frames()) == {}
    rows = [quality("orders", model_name="ratio", reason="12 of at least 25 people.", calibration=None)]
    assert skipped_pictures(prediction_frames(rows, [])) == {
        "calibration": "no prediction could be held against a holdout",
        "tracking": "no whole week with a fitted model of orders (ratio: 12 of at least 25 people.)",
    }


def crowd():
    """14 axes with six segments each, 40 characters in every name, and a person who is on all of them."""
    numbers = range(1, 7)
    named = [(f"{LONG[:36]}_{axis:02d}x", axis) for axis in range(1, 15)]
    centre = {f"average_preferred_feature_{number}": -3.0 + number for number in numbers}
    segments = [
        segment(number, LONG, 1_234_567, name, axis, centre, is_low_quality=True, population_percentage=1 / 6)
        for name, axis in named
        for number in numbers
    ]
    fits = [fit(name, silhouettes=json.dumps({str(k): 0.3 for k in range(2, 10)})) for name, _ in named]
    memberships = [membership(number, LONG, 1 / 6, name, number == 3) for name, _ in named for number in numbers]
    profiles = [
        {
            **PROFILES[0],
            "customer_id": "x" * 60,
            "interpretation": ", ".join([LONG] * 6),
            "membership_strength": json.dumps({name: "balanced" for name, _ in named}),
        }
    ]
    return segments, fits, memberships, profiles


def collisions(figure):
    """Pairs of texts that lie on one another, and texts that leave the picture."""
    renderer = figure.canvas.get_renderer()
    figure.draw_without_rendering()
    scales = [
        label
        for found in figure.axes
        for label in (*found.get_xticklabels(), *found.get_yticklabels(), found.xaxis.label, found.title)
    ]
    written = [*figure.texts, *(text for found in figure.axes for text in found.texts), *scales]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in written if text.get_text()]
    outside = [text for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1]
    return outside + [
        (one, other)
        for (one, box), (other, second) in combinations(boxes, 2)
        if min(box.x1, second.x1) - max(box.x0, second.x0) > 1 and min(box.y1, second.y1) - max(box.y0, second.y0) > 1
    ]


def test_long_names_of_many_segments_lie_on_nothing():
    segments, fits, memberships, profiles = crowd()
    figure = axis_figure(*axis_frames(segments[0]["axis_name"], segments, fits))
    assert collisions(figure) == []
    figure = customer_figure(customer_frames(segments, memberships, profiles))
    assert len(panel(figure, "memberships").patches) == 14 * 6
    assert collisions(figure) == []


def test_signs_of_formulas_are_written_as_they_are():
    profiles = [{**PROFILES[0], "customer_id": "a$b_c$ \\frac{"}]
    figure = customer_figure(customer_frames(profiles=profiles))
    assert "Customer a$b_c$ \\frac{" in texts(figure)
    assert collisions(figure) == []


@styled()
def test_text_is_broken_between_words_and_within_long_ones():
    broken = wrap("some words and " + "x" * 60, 1.0)
    assert broken.startswith("some words\nand\nxxx")
    assert "".join(broken.split()) == "somewordsand" + "x" * 60
    assert max(text_width(line) for line in broken.split("\n")) <= 1.0


def test_numbers_are_short():
    assert [signed(value) for value in (-0.04, 0.04, 1.25, -3.0)] == ["0.0", "0.0", "+1.2", "\N{MINUS SIGN}3.0"]
    assert [percent(share) for share in (None, 0, 0.001, 0.006, 1)] == ["0%", "0%", "<1%", "1%", "100%"]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".PNG"])
def test_the_same_frames_give_the_same_file_whatever_the_users_settings(tmp_path, suffix):
    import matplotlib

    save(customer_figure(customer_frames()), tmp_path / f"one{suffix}")
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 20, "axes.facecolor": "red"}):
        save(customer_figure(customer_frames()), tmp_path / "made" / f"two{suffix}")
    written = (tmp_path / f"one{suffix}").read_bytes()
    assert written == (tmp_path / "made" / f"two{suffix}").read_bytes()
    assert b"dc:date" not in written and b"Software" not in written


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A DuckDB file whose catalog is called like the schema of the marts."""
    path = tmp_path / "analytics.duckdb"
    json_columns = {"cluster_center_scaled", "silhouettes", "membership_strength", "calibration"}
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema analytics")
        for name, rows in {
            "stores": [{"store_id": "s"}, {"store_id": "small"}, {"store_id": "new"}],
            "dim_segment_master": SEGMENTS,
            "axis_fits": [*FITS, skip("purchase_cadence", "8 of at least 100 people", store_id="small")],
            "axis_memberships": MEMBERSHIPS,
            "customer_profiles": PROFILES,
            "customer_archetypes": ARCHETYPES,
            "ltv_model_quality": QUALITY,
            "ltv_tracking": TRACKING,
        }.items():
            connection.register("incoming", pa.Table.from_pylist(rows))
            columns = ", ".join(f"cast({key} as json) as {key}" if key in json_columns else key for key in rows[0])
            connection.execute(f'create table analytics.analytics."{name}" as select {columns} from incoming')
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(path))
    monkeypatch.delenv("TESSERA_SCHEMA", raising=False)
    return path


def test_the_command_draws_every_axis_and_says_which_were_skipped(shop, tmp_path, capsys):
    out = tmp_path / "made" / "here"
    assert main(["draw", "axes", "--store", "s", "--output", str(out)]) == 0
    assert sorted(file.name for file in out.iterdir()) == ["purchase_frequency.png", "purchase_value.png", "support_history.png"]
    assert capsys.readouterr().out.splitlines() == [
        *(str(out / f"{name}.png") for name in ("purchase_frequency", "purchase_value", "support_history")),
        "purchase_cadence: skipped, 45 of at least 100 people",
    ]


def test_the_command_draws_one_axis_as_svg(shop, tmp_path, capsys):
    assert main(["draw", "axes", "--store", "s", "--axis", "purchase_value", "--format", "svg", "--output", str(tmp_path)]) == 0
    assert [file.name for file in tmp_path.glob("*.svg")] == ["purchase_value.svg"]
    assert main(["draw", "axes", "--store", "s", "--axis", "purchase_cadence", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "purchase_cadence: skipped, 45 of at least 100 people"
    assert not list(tmp_path.glob("purchase_cadence*"))


def test_the_command_draws_a_customer_and_leaves_the_file_as_it_was(shop, tmp_path):
    before = shop.read_bytes()
    assert main(["draw", "customer", "--store", "s", "--customer", "c", "--output", str(tmp_path / "c.png")]) == 0
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert shop.read_bytes() == before


def test_the_command_draws_predictions_and_says_what_it_could_not(shop, tmp_path, capsys):
    assert main(["draw", "predictions", "--store", "s", "--output", str(tmp_path), "--format", "svg"]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "calibration.svg"), str(tmp_path / "tracking.svg")]
    with duckdb.connect(str(shop)) as connection:
        connection.execute("delete from analytics.analytics.ltv_tracking")
    assert main(["draw", "predictions", "--store", "s", "--output", str(tmp_path / "two")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "two" / "calibration.png"),
        "tracking: skipped, no whole week with a fitted model of orders (bg_nbd: Best.)",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["axes", "--store", "nowhere"], "There is no store 'nowhere'; there are new, s, small"),
        (
            ["axes", "--store", "s", "--axis", "x"],
            "The store has no axis 'x'; it has purchase_frequency, purchase_value, support_history, purchase_cadence",
        ),
        (["predictions", "--store", "nowhere"], "There is no store 'nowhere'; there are new, s, small"),
        (["axes", "--store", "new"], "Nobody of the store 'new' is on an axis yet: most axes take an order (docs/guide-axes.md)"),
        (
            ["predictions", "--store", "new"],
            "The store 'new' has no models of predictions yet: they are fitted in the night after its first order",
        ),
        (
            ["customer", "--store", "small", "--customer", "c"],
            "The store 'small' has no segments of axes yet, which a customer could be drawn by: "
            "purchase_cadence: 8 of at least 100 people. An axis is fitted in the first night with enough people",
        ),
        (
            ["customer", "--store", "nowhere", "--customer", "c"],
            "There is no store 'nowhere'; there are new, s, small",
        ),
        (
            ["customer", "--store", "s", "--customer", "o'hara"],
            "The store 's' has no customer 'o'hara' on an axis (customer_profiles): most axes take an order",
        ),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(shop, tmp_path, capsys, arguments, sentence):
    assert main(["draw", *arguments, "--output", str(tmp_path / "x.png")]) == 1
    assert capsys.readouterr().err == f"tessera: {sentence}\n"
    assert not (tmp_path / "x.png").exists()


def test_a_file_that_is_no_picture_is_refused(shop, tmp_path, capsys):
    assert main(["draw", "customer", "--store", "s", "--customer", "c", "--output", str(tmp_path / "c.pdf")]) == 1
    assert "should end in .png or .svg" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_to_be(shop, tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["draw", "axes", "--store", "s", "--output", str(tmp_path / "taken")]) == 1
    assert capsys.readouterr().err.startswith(f"tessera: Cannot write '{tmp_path / 'taken' / 'purchase_frequency.png'}'")


def test_marts_that_were_not_built_are_named(shop, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TESSERA_SCHEMA", "elsewhere")
    assert main(["draw", "axes", "--store", "s", "--output", str(tmp_path)]) == 1
    assert "Cannot read elsewhere.stores, which `dbt build` makes: " in capsys.readouterr().err
    monkeypatch.setenv("TESSERA_DUCKDB_PATH", str(tmp_path / "none.duckdb"))
    assert main(["draw", "axes", "--store", "s", "--output", str(tmp_path)]) == 1
    assert "Cannot open the DuckDB file" in capsys.readouterr().err
    assert not (tmp_path / "none.duckdb").exists()


def test_without_matplotlib_the_other_commands_work_and_draw_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PictureError, match=r"pip install 'tessera-segmentation\[pictures\]'"):
        customer_figure(customer_frames())
    loaded = "import sys, tessera.cli; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded]).returncode == 0


def test_postgres_gives_the_same_picture(shop, tmp_path, postgres_env, monkeypatch):
    """JSON is a type of its own there."""
    for name, value in postgres_env.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("TESSERA_SCHEMA", "pictures_test")
    connection = connect(postgres_env)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("create schema pictures_test")
        cursor.execute("create table pictures_test.stores as select cast('s' as text) as store_id")
        for name, schema, rows in (("dim_segment_master", axes.SEGMENTS, SEGMENTS), ("axis_fits", axes.FITS, FITS)):
            kinds = {
                "cluster_center_scaled": "jsonb",
                "silhouettes": "jsonb",
                **{
                    field.name: {
                        pa.string(): "text",
                        pa.int64(): "bigint",
                        pa.float64(): "double precision",
                        pa.bool_(): "boolean",
                    }.get(field.type, "timestamp")
                    for field in schema
                    if field.name not in ("cluster_center_scaled", "silhouettes")
                },
            }
            columns = ", ".join(f"{field} {kinds[field]}" for field in schema.names)
            cursor.execute(f"create table pictures_test.{name} ({columns})")
            for row in rows:
                cursor.execute(
                    f"insert into pictures_test.{name} values ({', '.join(['%s'] * len(schema))})",
                    [row[field] for field in schema.names],
                )
    connection.close()
    for target, schema in (("duckdb", "analytics"), ("postgres", "pictures_test")):
        monkeypatch.setenv("TESSERA_SCHEMA", schema)
        assert main(["draw", "axes", "--target", target, "--store", "s", "--output", str(tmp_path / target)]) == 0
    for name in ("purchase_frequency.png", "purchase_value.png", "support_history.png"):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "postgres" / name).read_bytes()
