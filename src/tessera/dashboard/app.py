"""The dashboard's script, which Streamlit runs: navigation, filters and the page that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tessera.dashboard import looks
from tessera.dashboard.screens import axes, build, overview, person, predictions, quality
from tessera.dashboard.view import View, open_view
from tessera.warehouse import WarehouseBusyError, WarehouseError


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config("Tessera", looks.ICON, layout="wide", menu_items={"About": "Tessera: behavioural customer segmentation"})
    st.html(looks.STYLE)
    chosen = st.navigation(
        [
            _page(overview.show, "Segments and days", "dashboard", "", is_default=True),
            _page(axes.show, "Axes", "radar", "axes"),
            _page(predictions.show, "Predictions", "trending_up", "predictions"),
            _page(person.show, "Person", "person", "person"),
            _page(build.show, "Build a segment", "build", "build"),
            _page(quality.show, "Data quality", "fact_check", "quality"),
        ],
        position="top",
    )
    try:
        view = open_view()
        if view is None:
            st.info(
                "There is no store yet: a night (`dbt build`) makes the marts of those that are in the raw tables.",
                icon=":material/info:",
            )
            return
        st.session_state["view"] = view
        chosen.run()
        if view.read.busy:
            st.warning(f"{view.read.busy}. What is shown was read before.", icon=":material/hourglass:")
    except WarehouseBusyError as error:
        st.warning(f"{error}. If it is a build, its numbers will be here when it has ended.", icon=":material/hourglass:")
        st.button("Try again", icon=":material/refresh:")
    except WarehouseError as error:
        st.error(f"{error}.", icon=":material/error:")


def _page(show: Callable[[View], None], title: str, icon: str, path: str, is_default: bool = False) -> Any:
    """A page, which is given the view of the run."""
    return st.Page(
        lambda: show(st.session_state["view"]), title=title, icon=f":material/{icon}:", url_path=path or None, default=is_default
    )


main()
