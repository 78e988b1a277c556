"""What all pages share: the store and the time they are of, and how a table or a chart is shown."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, cast

import pyarrow as pa
import pyarrow.csv as csv
import streamlit as st

from tessera.dashboard import queries
from tessera.dashboard.charts import Chart
from tessera.dashboard.reading import Reader
from tessera.pictures.canvas import heading
from tessera.warehouse import Marts, WarehouseBusyError, WarehouseError

P = ParamSpec("P")
PERIODS = {"30 days": 30, "90 days": 90, "1 year": 365, "All": 36_500}
_SHARES = ("rate", "share", "probability", "risk", "percentage", "membership", "confidence")


@dataclass(frozen=True)
class View:
    """What pages are of.

    Parameters
    ----------
    read
        Asks queries.
    store
        A store_id.
    currency
        Of the store's money.
    night
        That the marts are of.
    period
        A name of `PERIODS`.
    personal
        Whether names and addresses are shown.
    """

    read: Reader
    store: str
    currency: str
    night: datetime
    period: str
    personal: bool

    @property
    def since(self) -> date:
        """The first day of the period."""
        last = self.night.date()
        return last - timedelta(days=min(PERIODS[self.period], last.toordinal() - 1))

    def ask(self, query: Callable[Concatenate[Marts, str, P], pa.Table], *values: P.args, **named: P.kwargs) -> pa.Table:
        """Ask a query of the store."""
        return self.read(query, self.store, *values, **named)

    def money(self, amount: float | None) -> str:
        """An amount in the store's currency."""
        return "not known" if amount is None else f"{amount:,.2f} {self.currency}"


# one for all who look
reader = st.cache_resource(Reader)


def open_view() -> View | None:
    """What the address and the filters say; nothing where there is no store."""
    read = reader(os.environ.get("TESSERA_TARGET") or "duckdb")
    known = {row["store_id"]: row for row in read(queries.stores).to_pylist()}
    if not known:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        store = choose("Store", {key: row["name"] or key for key, row in known.items()}, "store", width=280)
        period = st.segmented_control(
            "Period", list(PERIODS), default="90 days", required=True, key="period", bind="query-params"
        )
        night = known[store]["updated_at"]
        st.caption(f"As of the night of {night.date()}, days and hours in {known[store]['timezone']}")
    is_shown = os.environ.get("TESSERA_SHOW_PERSONAL") == "1"
    return View(read, store, known[store]["currency"] or "", night, period or "90 days", is_shown)


def choose(label: str, names: Mapping[str, str], key: str, default: str | None = None, width: int | str = "stretch") -> str:
    """Let one be chosen, and keep its id in the address.

    Parameters
    ----------
    label
        Of the choice.
    names
        What there is to choose, at least one: ids and the names that people read.
    key
        The parameter of the address.
    default
        The id that is chosen at first and not in the address; the first of all where it is not there.
    width
        Of the widget, see Streamlit.

    Returns
    -------
    str
        The id.
    """
    first = default if default in names else next(iter(names))
    asked = st.session_state.get(key, st.query_params.get(key))
    st.session_state[key] = asked if asked in names else first
    chosen = str(st.selectbox(label, list(names), format_func=names.__getitem__, key=key, width=cast(Any, width)))
    if chosen != first:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen


@contextmanager
def part() -> Iterator[None]:
    """Let what a part of a page reads be missing, in a warehouse that was upgraded since its last night, and say so there."""
    try:
        yield
    except WarehouseBusyError:
        raise
    except WarehouseError as error:
        st.info(f"{error}.", icon=":material/info:")


def go(path: str, view: View, **more: str) -> None:
    """Go to a page by its path, with more in its address than the store."""
    st.switch_page(st.Page(lambda: None, url_path=path), query_params={"store": view.store, **more})


def figure(title: str, table: pa.Table, draw: Callable[[], Chart], missing: str, note: str = "") -> None:
    """Show a chart under its title, with its data to look at and to download.

    Parameters
    ----------
    title
        The heading.
    table
        What is drawn.
    draw
        Makes the chart, where there are rows.
    missing
        Said where there are none: what is missing, and what makes it.
    note
        How to read it.
    """
    st.subheader(title, anchor=False)
    if not table.num_rows:
        st.info(missing, icon=":material/info:")
        return
    if note:
        st.caption(note)
    chart = draw()
    st.altair_chart(chart)
    with st.container(horizontal=True, gap="small"):
        with st.popover("Table", icon=":material/table_rows:", help=f"The numbers of: {title}"):
            rows(table, key=None)
        _download(title, table)


def listed(title: str, table: pa.Table, missing: str, note: str = "", key: str | None = None) -> dict[str, Any] | None:
    """Show a table under its title; the row that is chosen, where a key lets one be chosen."""
    st.subheader(title, anchor=False)
    if not table.num_rows:
        st.info(missing, icon=":material/info:")
        return None
    if note:
        st.caption(note)
    chosen = rows(table, key)
    _download(title, table)
    return chosen


def rows(table: pa.Table, key: str | None) -> dict[str, Any] | None:
    """Show rows under the names that people read; the row that is chosen, where a key lets one be chosen."""
    settings: Mapping[str, Any] = {field.name: _column(field) for field in table.schema}
    look: dict[str, Any] = {"hide_index": True, "column_config": settings, "placeholder": "", "height": "content"}
    if table.num_rows > 12:
        look["height"] = 440
    if key is None:
        st.dataframe(table, **look)
        return None
    state = st.dataframe(table, **look, key=key, on_select="rerun", selection_mode="single-row")
    marked = state["selection"]["rows"]
    return table.slice(marked[0], 1).to_pylist()[0] if marked else None


def as_csv(table: pa.Table) -> bytes:
    """A table as CSV."""
    file = io.BytesIO()
    csv.write_csv(table, file)
    return file.getvalue()


def _download(title: str, table: pa.Table) -> None:
    name = title.lower().replace(" ", "_")
    st.download_button(
        "CSV",
        as_csv(table),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        help=f"Download the data of: {title}",
        on_click="ignore",
        key=f"csv_{name}",
    )


def _column(field: pa.Field) -> Any:
    """How a column is headed and written."""
    label = heading(field.name)
    if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type):
        return st.column_config.DateColumn(label, format="YYYY-MM-DD")
    if pa.types.is_floating(field.type):
        is_share = field.name.endswith(_SHARES)
        return st.column_config.NumberColumn(label, format="percent" if is_share else "%.2f")
    if pa.types.is_integer(field.type):
        return st.column_config.NumberColumn(label, format="localized")
    return st.column_config.Column(label)
