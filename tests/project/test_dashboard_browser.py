"""The dashboard of `make build` in a real Chromium: every page, in light and dark and on a telephone, with the network cut off.

Each page is held against its picture in docs/pictures. Where a page is to look otherwise, TESSERA_PICTURES names the folder
for new pictures, which are to be looked at, and then nothing is held against anything:
TESSERA_PICTURES=docs/pictures TESSERA_DUCKDB_PATH=tessera.duckdb pytest -m torture tests/project/test_dashboard_browser.py
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from support.shops import PROJECT

pytest.importorskip("streamlit")
sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.torture, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]

PAGES = {
    "dashboard": ("/?segment=at-risk-customers", "At-Risk Customers"),
    "dashboard-analytics": ("/?tab=Analytics", "Campaigns"),
    "dashboard-cohorts": ("/?tab=Cohorts", "Value per customer"),
    "dashboard-journeys": ("/?tab=Journeys", "Transitions"),
    "dashboard-axes": ("/axes?axis=price_sensitivity", "Archetypes"),
    "dashboard-predictions": ("/predictions", "Which model, and why"),
    "dashboard-person": ("/person?person=c1000344", "Timeline"),
    "dashboard-build": ("/build?from=at-risk-customers", "Rows to commit"),
    "dashboard-quality": ("/quality", "What the store lacks"),
}
TALLEST = 1500
PICTURES = PROJECT / "docs" / "pictures"
# Pixels of a side of the squares that are compared, so that letters may be drawn a little otherwise elsewhere; of 255 steps of
# grey, those that a square's mean may differ by; and the share of squares that may differ more.
SQUARE, STEPS, SHARE = 16, 12, 0.02


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the dashboard of the shop that `make build` makes answers."""
    path = os.environ.get("TESSERA_DUCKDB_PATH")
    if path is None:
        path = str(tmp_path_factory.mktemp("built") / "tessera.duckdb")
        # in the environment that is there, whatever its age
        made = ["make", "build", f"BIN={Path(sys.executable).parent}", "--old-file", ".venv/.made"]
        subprocess.run(made, cwd=PROJECT, env={**os.environ, "TESSERA_DUCKDB_PATH": path}, check=True)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "tessera.cli",
        "dashboard",
        "--target",
        "duckdb",
        "--port",
        str(port),
        "--project",
        str(PROJECT),
    ]
    with subprocess.Popen(command, env={**os.environ, "TESSERA_DUCKDB_PATH": path}) as process:
        for _ in range(120):
            try:
                urlopen(f"http://localhost:{port}/_stcore/health").close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://localhost:{port}"
        process.terminate()


@pytest.fixture(scope="module")
def browser():
    """A browser that reaches this machine alone."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, address):
    """Opens a page, and holds that it asked for nothing from elsewhere and met no error."""
    contexts, strange = [], []

    def open_at(path, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: (
                strange.append(request.url) if not request.url.startswith(("http://localhost", "data:", "blob:")) else None
            ),
        )
        page.goto(address + path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert strange == []


def settle(page, text):
    """Wait for a heading, and until nothing runs any more."""
    page.get_by_role("heading", name=text, exact=True).first.wait_for(timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(1500)
    assert page.locator("[data-testid=stException]").count() == 0


def picture(page, width, path):
    """Take a picture of the page as far as it is shown."""
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
    page.wait_for_timeout(1000)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


def squares(path):
    """The mean grey of each square of a picture."""
    grey = np.asarray(Image.open(path).convert("L"), dtype=float)
    height, width = (side // SQUARE for side in grey.shape)
    return grey[: height * SQUARE, : width * SQUARE].reshape(height, SQUARE, width, SQUARE).mean(axis=(1, 3))


def difference(one, other):
    """The share of squares that differ between two pictures, counting what one has and the other has not."""
    a, b = squares(one), squares(other)
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    alike = np.abs(a[:height, :width] - b[:height, :width]) <= STEPS
    return 1 - alike.sum() / max(a.size, b.size)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_its_picture_without_the_network(opened, name, tmp_path):
    path, heading = PAGES[name]
    page = opened(path)
    settle(page, heading)
    renewed = os.environ.get("TESSERA_PICTURES")
    taken = Path(renewed or tmp_path) / f"{name}.png"
    picture(page, 1280, taken)
    assert taken.stat().st_size > 20_000
    if not renewed:
        found = difference(taken, PICTURES / f"{name}.png")
        assert found <= SHARE, f"{found:.1%} of {name} is not as in docs/pictures; the new picture is {taken}"


def test_pictures_of_two_pages_differ():
    # else nothing would be held by what holds them together
    found = {(a, b): difference(PICTURES / f"{a}.png", PICTURES / f"{b}.png") for a, b in itertools.combinations(PAGES, 2)}
    assert min(found.values()) > 2 * SHARE, found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_telephone_in_the_dark(opened, name):
    path, heading = PAGES[name]
    page = opened(path, width=400, scheme="dark")
    settle(page, heading)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor") == "rgb(20, 23, 28)"


def test_who_is_at_risk_and_why_becomes_a_segment_in_five_clicks(opened):
    page = opened("/?segment=at-risk-customers")
    settle(page, "At-Risk Customers")
    page.get_by_role("button", name="Build another from this one").click()
    settle(page, "Rows to commit")
    assert "from=at-risk-customers" in page.url
    assert "at-risk-customers-mine-3" in page.locator("[data-testid=stCode]").last.inner_text()
    before = page.locator("[data-testid=stMetricValue]").first.inner_text()
    page.get_by_label("Value", exact=True).last.fill("10")
    page.get_by_label("Value", exact=True).last.press("Enter")
    page.wait_for_function(f"document.querySelector('[data-testid=stMetricValue]').innerText !== {before!r}")
    assert int(page.locator("[data-testid=stMetricValue]").first.inner_text().replace(",", "")) < int(before.replace(",", ""))


def test_a_row_of_people_leads_to_the_person(opened):
    page = opened("/predictions")
    settle(page, "Which model, and why")
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 54)
    settle(page, "Fingerprint")
    assert "/person?" in page.url
    assert "person=" in page.url


def test_charts_and_controls_have_names_for_those_who_hear_the_page(opened):
    page = opened("/?segment=at-risk-customers")
    settle(page, "At-Risk Customers")
    charts = page.locator("[data-testid=stVegaLiteChart] [role='graphics-document'], [data-testid=stVegaLiteChart] [aria-label]")
    assert charts.count() >= 3
    unnamed = "[...document.querySelectorAll('button, input, select')].filter(e => e.offsetParent && !e.disabled && "
    unnamed += (
        "!(e.innerText || e.ariaLabel || e.title || e.labels?.length || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML)"
    )
    assert page.evaluate(unnamed) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_the_first_screen_is_there_in_two_seconds(opened):
    settle(opened("/"), "Members")
    started = time.monotonic()
    opened("/").get_by_role("heading", name="Members", exact=True).wait_for()
    # a browser that starts anew reads the program first
    assert time.monotonic() - started < 6
