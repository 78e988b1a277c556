"""The subcommand `draw`: a parser and a run for each kind of picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from tessera.pictures.axes import axis_figure, axis_names, one_axis, read_axes, skipped_axes
from tessera.pictures.canvas import FORMATS, check_format, save
from tessera.pictures.customer import customer_figure, read_customer
from tessera.pictures.predictions import calibration_figure, read_predictions, skipped_pictures, tracking_figure
from tessera.warehouse import TARGETS
from tessera.warehouse.marts import open_marts


def add_draw(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `draw` to those of `tessera`."""
    kinds = commands.add_parser("draw", help="draw pictures from the marts").add_subparsers(required=True, metavar="PICTURE")

    axes = _add_kind(kinds, "axes", "the segments of every axis: sizes, centres, and every number of segments that was tried")
    axes.add_argument("--axis", help="only this one")
    _add_folder(axes, "a picture is called like its axis")
    axes.set_defaults(run=_run_axes)

    customer = _add_kind(kinds, "customer", "the fingerprint of one person: memberships on every axis")
    customer.add_argument("--customer", required=True, help="whose, a customer_id")
    customer.add_argument("--output", type=Path, required=True, help=f"file; its name ends in {' or '.join(FORMATS)}")
    customer.set_defaults(run=_run_customer)

    predictions = _add_kind(kinds, "predictions", "predictions beside what came: by tenths of people, and by week")
    _add_folder(predictions, "the pictures are called calibration and tracking")
    predictions.set_defaults(run=_run_predictions)


def _add_kind(kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    """Add a kind of picture with the arguments that all kinds have."""
    parser = kinds.add_parser(name, help=text, description=f"Draw {text}.")
    parser.add_argument(
        "--target", choices=[name for name in TARGETS if name != "parquet"], default="duckdb", help="where the marts are"
    )
    parser.add_argument("--store", required=True, help="its store_id")
    return parser


def _add_folder(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the arguments of a kind that draws several pictures."""
    parser.add_argument("--output", type=Path, required=True, help=f"folder; {text}")
    parser.add_argument("--format", choices=[suffix.removeprefix(".") for suffix in FORMATS], default="png", help="of the files")


def _run_axes(options: argparse.Namespace) -> None:
    with open_marts(options.target) as marts:
        segments, fits = read_axes(marts, options.store)
    if options.axis is not None:
        segments, fits = one_axis(segments, fits, options.axis)
    for axis_name in axis_names(segments):
        path = options.output / f"{axis_name}.{options.format}"
        save(axis_figure(*one_axis(segments, fits, axis_name)), path)
        print(path)
    for axis_name, reason in skipped_axes(segments, fits).items():
        print(f"{axis_name}: skipped, {reason}")


def _run_customer(options: argparse.Namespace) -> None:
    check_format(options.output)
    with open_marts(options.target) as marts:
        frames = read_customer(marts, options.store, options.customer)
    save(customer_figure(frames), options.output)
    print(options.output)


def _run_predictions(options: argparse.Namespace) -> None:
    with open_marts(options.target) as marts:
        frames = read_predictions(marts, options.store)
    skipped = skipped_pictures(frames)
    for name, draw in (("calibration", calibration_figure), ("tracking", tracking_figure)):
        if name not in skipped:
            path = options.output / f"{name}.{options.format}"
            save(draw(frames), path)
            print(path)
    for name, reason in skipped.items():
        print(f"{name}: skipped, {reason}")
