"""The documentation as a site: it is built without a warning, every link leads somewhere, and nothing comes from the network."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from support.shops import PROJECT

# What a page loads by itself.
LOADED = {"img", "script", "link", "iframe", "source"}


class Links(HTMLParser):
    """What a page links to, and the places in it that others may link to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.places: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append((tag, value))
            elif name == "id" and value:
                self.places.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("mkdocs")), "build", "--quiet", "--site-dir", str(folder)],
        cwd=PROJECT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr[-4000:]
    return {page: Links(page) for page in folder.rglob("*.html")}


def test_every_link_of_the_site_leads_somewhere(site):
    broken = []
    for page, found in site.items():
        # this one is shown at any address
        for _, link in found.links if page.name != "404.html" else ():
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            is_missing = not there.is_file() and not (there / "index.html").is_file()
            if is_missing or (parts.fragment and there in site and unquote(parts.fragment) not in site[there].places):
                broken.append(f"{page.name}: {link}")
    assert broken == []
    assert len(site) > 40


def test_a_page_loads_nothing_from_the_network(site):
    assert [link for found in site.values() for tag, link in found.links if tag in LOADED and urlsplit(link).netloc] == []


def test_every_page_of_the_folder_is_in_the_menu():
    config = yaml.safe_load((PROJECT / "mkdocs.yml").read_text(encoding="utf-8"))
    listed = set()
    waiting = list(config["nav"])
    while waiting:
        entry = waiting.pop()
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(value, list):
                waiting += value
            else:
                listed.add(value)
    assert {page.name for page in (PROJECT / "docs").glob("*.md")} - listed == set()


def test_reference_has_what_the_yaml_says(site):
    pages = {page.parent.name + "/" + page.name: page.read_text(encoding="utf-8") for page in site}
    assert "One row per store and segment, inactive ones too." in pages["reference/marts.html"]
    assert "The shop (tenant): first in every key." in pages["reference/marts.html"]
    assert "custom_segment_rules" in pages["reference/seeds.html"] and "order_items" in pages["reference/raw.html"]
    assert "--show-personal" in pages["reference/commands.html"] and "net_revenue" in pages["reference/metrics.html"]
    assert "composed_key(" in pages["reference/macros.html"]
    assert not [name for name, text in pages.items() if "{{ doc(" in text and name.startswith("reference/")]
