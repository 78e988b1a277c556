"""The subcommand `export`: a segment, for a tool or as a file."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from tessera.dashboard.command import add_target
from tessera.export.contacts import ALL, Audience, Contact, contacts, read_contacts
from tessera.export.files import WRITERS, ExportError, write_requests
from tessera.export.tools import TOOLS, Tool
from tessera.warehouse import Marts, open_marts

FORMATS = (*WRITERS, *TOOLS)
_TEXT = pa.string()


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `tessera`."""
    export = commands.add_parser(
        "export",
        help="write a segment's contacts to a file, as a tool takes them",
        description="Writes those who may be met (marketing_export) to one file: rows, or the requests of a tool's API, one a "
        "line. It sends nothing. The file is written whole or not at all.",
    )
    add_target(export)
    export.add_argument("segment", metavar="SEGMENT", help="id, slug or name of a segment; all for everybody of the destination")
    export.add_argument("--format", choices=FORMATS, default="csv", help="of the file (default: csv)")
    export.add_argument("--store", help="its store_id (default: the only one)")
    export.add_argument(
        "--destination", help="of the seed export_destinations (default: email, for ad platforms ads)", metavar="ID"
    )
    export.add_argument(
        "--since",
        metavar="NIGHT",
        help="the night that the tool was told last: only what changed since, with who left and who is to be removed",
    )
    export.add_argument("--list", default="", metavar="ID", help="id that the tool gave to the list or audience")
    export.add_argument("--account", default="", metavar="ID", help="account of an ad platform")
    export.add_argument("--output", type=Path, help="the file (default: SEGMENT with the format behind it)")
    export.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    with open_marts(options.target) as marts:
        said = export(
            marts,
            options.segment,
            options.format,
            store=options.store,
            destination=options.destination,
            since=options.since,
            output=options.output,
            members=options.list,
            account=options.account,
        )
    print(said)


def export(
    marts: Marts,
    segment: str,
    form: str = "csv",
    *,
    store: str | None = None,
    destination: str | None = None,
    since: str | None = None,
    output: Path | None = None,
    members: str = "",
    account: str = "",
) -> str:
    """Write a segment's contacts to a file.

    Parameters
    ----------
    marts
        Open.
    segment
        Id, slug or name; ``all`` for everybody of the destination.
    form
        csv, jsonl, parquet or the name of a tool.
    store, destination
        Their ids; None for the only store, and for the usual destination of the format.
    since
        The night, as text, whose state the tool has; None for everybody as they are.
    output
        The file; None for one that is called after the segment, in the working directory.
    members, account
        What the tool gave to the list or audience, and the account of an ad platform.

    Returns
    -------
    str
        What was written, in a sentence.

    Raises
    ------
    ExportError
        If something that is named is not there or does not go together, or the file cannot be written.
    WarehouseError
        If the marts are not there.
    """
    if form not in FORMATS:
        raise ExportError(f"There is no format '{form}'; there are: {', '.join(FORMATS)}")
    tool = TOOLS.get(form)
    for given, what in ((members, tool and tool.needs_members), (account, tool and tool.needs_account)):
        if what and not given and not (form == "meta" and members):
            raise ExportError(f"The format {form} needs {what}")
    takes = {"--list": bool(tool and tool.takes_members), "--account": bool(tool and tool.takes_account)}
    for name, given in (("--list", members), ("--account", account)):
        if given and not takes[name]:
            raise ExportError(f"{name} means nothing to the format {form}")
    store = _store(marts, store)
    destination = destination or (tool.destination if tool else "email")
    channel, is_neutral = _destination(marts, store, destination)
    if tool:
        _check_told(form, tool, destination, channel, is_neutral)
    night = _night(marts, store, destination, since) if since is not None else None
    audience = _audience(marts, store, destination, segment, is_neutral, members, account)
    slug = audience.segment_id.replace("/", "_").replace(":", "_")
    path = output or Path(f"{slug}.{form}.jsonl" if tool else f"{slug}.{form}")
    if not path.parent.is_dir():
        raise ExportError(f"There is no folder '{path.parent}'")
    found = read_contacts(marts, store, destination, audience.segment_id, night)
    told_of = contacts(found)
    count = write(path, form, audience, _without_ids(told_of) if is_neutral else told_of)
    moves = found["move"].to_pylist()
    told = ", ".join(
        f"{moves.count(move):,} {said}"
        for move, said in (("upsert", "to add or change"), ("leave", "who left"), ("remove", "to remove"))
        if moves.count(move) or move == "upsert"
    )
    if not moves.count("upsert") and night is None:
        told += _refusals(marts, store, destination, audience.segment_id)
    name = f" as {audience.name}" if is_neutral and audience.segment_id != ALL else ""
    return f"{path}: {count:,} {'requests' if tool else 'rows'}; {told}, of the destination {destination} in {store}{name}"


def _refusals(marts: Marts, store: str, destination: str, segment: str) -> str:
    """Why nobody of a segment may be met, as the end of a sentence."""
    found = marts.ask(
        """
        select coalesce(refused.reason, 'no_identifier') as reason, cast(count(*) as bigint) as people
        from {marts}.audience_profiles as people
        left join {steps}.int_export_permissions as refused on people.store_id = refused.store_id
            and people.customer_id = refused.customer_id and refused.destination_id = $2
        where people.store_id = $1 and refused.is_allowed is distinct from true and ($3 = $4 or people.customer_id in (
            select customer_id from {marts}.segment_memberships where store_id = $1 and segment_id = $3 and is_current
        ))
        group by coalesce(refused.reason, 'no_identifier')""",
        pa.schema([("reason", _TEXT), ("people", pa.int64())]),
        store,
        destination,
        segment,
        ALL,
    ).to_pylist()
    found.sort(key=lambda row: (-row["people"], row["reason"]))
    reasons = ", ".join(f"{row['reason']} {row['people']:,}" for row in found)
    return f" (nobody of {sum(row['people'] for row in found):,} may be met: {reasons})" if found else " (it has no members)"


def write(path: Path, form: str, audience: Audience, found: Iterable[Contact]) -> int:
    """Write contacts in a format, whole or not at all.

    Parameters
    ----------
    path
        The file.
    form
        csv, jsonl, parquet or the name of a tool.
    audience
        What is exported.
    found
        Contacts, those first who leave.

    Returns
    -------
    int
        Rows or requests.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    if form in TOOLS:
        return write_requests(path, TOOLS[form].requests(audience, found))
    return WRITERS[form](path, found)


def _store(marts: Marts, given: str | None) -> str:
    stores = sorted(marts.read("stores", pa.schema([("store_id", _TEXT)]), {})["store_id"].to_pylist())
    if given is None and len(stores) == 1:
        return str(stores[0])
    if given in stores:
        return str(given)
    if given:
        raise ExportError(f"There is no store '{given}' (--store)")
    raise ExportError(f"There are several stores, name one with --store: {', '.join(stores)}")


def _destination(marts: Marts, store: str, destination: str) -> tuple[str, bool]:
    """Channel of a destination, and whether it gets neutral names and no ids."""
    wanted = pa.schema([(name, _TEXT) for name in ("destination_id", "channel", "names")])
    found = marts.ask(
        "select destination_id, channel, names from {steps}.int_export_destinations where store_id = $1", wanted, store
    )
    known = {row["destination_id"]: (row["channel"], row["names"] == "neutral") for row in found.to_pylist()}
    if destination in known:
        return known[destination]
    # one that is not used any more may still be told whom to remove, and by what they are known there
    wanted = pa.schema([("email", _TEXT), ("phone", _TEXT)])
    rows = marts.read("marketing_export", wanted, {"store_id": store, "destination_id": destination})
    if not rows.num_rows:
        raise ExportError(
            f"The seed export_destinations has no active destination '{destination}' for the store {store}; there are: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    channel = next((channel for name, channel in (("email", "email"), ("phone", "sms")) if any(rows[name].to_pylist())), "ads")
    return channel, channel == "ads"


def _check_told(form: str, tool: Tool, destination: str, channel: str, is_neutral: bool) -> None:
    """Refuse a tool that cannot be told what the destination tells, or would be told more."""
    if channel not in tool.channels:
        raise ExportError(
            f"The format {form} cannot tell the destination {destination}, of the channel {channel}; it takes: "
            f"{', '.join(tool.channels)}"
        )
    if is_neutral and not tool.takes_hashes:
        raise ExportError(f"The destination {destination} is told nothing but hashes, and the format {form} makes profiles")


def _night(marts: Marts, store: str, destination: str, since: str) -> str:
    """A night as the warehouse compares it."""
    try:
        night = dt.datetime.fromisoformat(since)
    except ValueError as error:
        raise ExportError(f"'{since}' is no night (--since): a day such as 2025-06-29, with or without a time") from error
    if night.tzinfo:
        raise ExportError(f"'{since}' has a time zone (--since): nights are told without one, as in changed_at")
    statement = """
        select cast(max(updated_at) as text) as last_night from {marts}.marketing_export
        where store_id = $1 and destination_id = $2"""
    last = marts.ask(statement, pa.schema([("last_night", _TEXT)]), store, destination)["last_night"][0].as_py()
    if last and night > dt.datetime.fromisoformat(last):
        raise ExportError(f"The last night is that of {last}: a tool cannot have been told on {since} (--since)")
    return night.isoformat(sep=" ")


def _without_ids(found: Iterable[Contact]) -> Iterator[Contact]:
    """Contacts for somebody who is told nothing but hashes."""
    return (replace(contact, customer_id=None) for contact in found)


def _audience(marts: Marts, store: str, destination: str, segment: str, is_neutral: bool, members: str, account: str) -> Audience:
    if segment == ALL:
        return Audience("Everybody", ALL, members, account)
    columns = pa.schema([(name, _TEXT) for name in ("segment_id", "slug", "name", "neutral_name")])
    found = marts.ask(
        """
        select segment_id, slug, name, neutral_name from {steps}.int_export_segments
        where store_id = $1 and segment_list in (
            select segment_list from {steps}.int_export_destinations where store_id = $1 and destination_id = $2
        )""",
        columns,
        store,
        destination,
    ).to_pylist()
    asked = segment.casefold()
    for place in ("segment_id", "slug", "name", "neutral_name"):
        matching = [row for row in found if row[place].casefold() == asked]
        if len(matching) == 1:
            row = matching[0]
            return Audience(row["neutral_name" if is_neutral else "name"], row["segment_id"], members, account)
        if matching:
            ids = ", ".join(sorted(row["segment_id"] for row in matching))
            raise ExportError(f"Several segments are called '{segment}': name one by its id, {ids}")
    raise ExportError(
        f"The destination {destination} is told of no segment '{segment}' in {store}; segments of axes and clusters are told "
        f"where export_destinations names them. There are: {', '.join(sorted(row['segment_id'] for row in found)) or 'none'}"
    )
