"""What the site has beside the pages in docs/: reference made of YAML, and the files of the repository that pages link to.

Pages link to files as a host of repositories resolves them (`../seeds/rules/profile_fields.csv`). Here every such file is a page
too, so that links hold on a site that knows no host: Markdown as it is, other files as code, folders as their README or a list.
"""

from __future__ import annotations

import argparse
import os
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_CODE = re.compile(r"^( *)```.*?^\1```[^\n]*$", re.DOTALL | re.MULTILINE)
# It is drawn by a program from the network; the page has the same as a table.
_DRAWN = re.compile(r"^```mermaid\n.*?^```\n", re.DOTALL | re.MULTILINE)
_DOC = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")
_LANGUAGES = {".csv": "text", ".py": "python", ".sql": "sql", ".yml": "yaml"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make anchors of headings as hosts of repositories do."""
    config.mdx_configs["toc"]["slugify"] = anchor
    return config


def anchor(heading: str, separator: str) -> str:
    """Lower case, blanks as hyphens, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", separator)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add pages of reference, and of all that pages link to outside docs/."""
    made = {
        "reference/marts.md": marts(),
        "reference/raw.md": raw_tables(),
        "reference/seeds.md": seeds(),
        "reference/metrics.md": metrics(),
        "reference/macros.md": macros(),
        "reference/commands.md": commands(),
    }
    for address, text in made.items():
        files.append(File.generated(config, address, content=text))
    waiting = [PROJECT / "README.md", *sorted(DOCS.glob("*.md")), PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md"]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.is_relative_to(DOCS):
            files.append(File.generated(config, address_of(path), content=shown(path)))
        if path.suffix == ".md":
            waiting += [target for target in targets(path) if target.is_relative_to(PROJECT) and not target.is_relative_to(DOCS)]
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links of a page lead to the pages of the site."""
    here = source_of(page.file.src_uri)
    without = _DRAWN.sub("", markdown)
    if here is None:
        return without

    def led(found: re.Match[str]) -> str:
        path, _, heading = found[2].partition("#")
        if not path or "://" in path:
            return found[0]
        address = address_of((here.parent / path).resolve())
        relative = posixpath.relpath(address, posixpath.dirname(page.file.src_uri) or ".")
        return f"{found[1]}{relative}{'#' + heading if heading else ''}{found[3]}"

    # what stands in code is no link
    parts, end = [], 0
    for block in _CODE.finditer(without):
        parts += [_LINK.sub(led, without[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, _LINK.sub(led, without[end:])])


def targets(path: Path) -> Iterator[Path]:
    """The files that a page links to, README pages for folders."""
    for link in _LINK.findall(_CODE.sub("", path.read_text(encoding="utf-8"))):
        target = link[1].partition("#")[0]
        if target and "://" not in target:
            found = (path.parent / target).resolve()
            yield found / "README.md" if (found / "README.md").is_file() else found


def address_of(path: Path) -> str:
    """Where the site has a file of the repository."""
    if path == PROJECT / "README.md":
        return "index.md"
    if path.is_relative_to(DOCS) and path != DOCS:
        return path.relative_to(DOCS).as_posix()
    if path.is_dir():
        path = path / "README.md"
    return f"repository/{path.relative_to(PROJECT).as_posix()}" + ("" if path.suffix == ".md" else ".md")


@cache
def source_of(address: str) -> Path | None:
    """The file of the repository that a page shows as it is; none for what is made here."""
    if address == "index.md":
        return PROJECT / "README.md"
    path = PROJECT / address.removeprefix("repository/") if address.startswith("repository/") else DOCS / address
    return path if path.is_file() else None


def shown(path: Path) -> str:
    """A file as Markdown: itself, a block of code, or of a folder the files in it."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    title = f"# {path.relative_to(PROJECT).as_posix()}\n\n"
    if path.is_dir():
        return title + "".join(
            f"- `{found.name}`\n" for found in sorted(path.iterdir()) if not found.name.startswith((".", "__"))
        )
    return f"{title}`````{_LANGUAGES.get(path.suffix, 'text')}\n{path.read_text(encoding='utf-8').rstrip()}\n`````\n"


def marts() -> str:
    """All marts with their columns, by subject in the order of docs/marts.md."""
    listed = re.findall(r"^\| `(\w+)` \|", (DOCS / "marts.md").read_text(encoding="utf-8"), re.MULTILINE)
    described = {model["name"]: model for _, model in read("models/marts/**/*.yml", "models")}
    described |= {model["name"]: model for _, model in read("models/ledgers/segmentation_runs.yml", "models")}
    parts = ["# Columns of marts\n\nOf each mart every column, as its contract has it. [Which mart answers what](../marts.md).\n"]
    for name in listed:
        parts.append(f"\n## {name}\n\n{words(described[name]['description'])}\n")
        parts.append(table(("column", "type", "meaning"), columns(described[name])))
    return "".join(parts)


def raw_tables() -> str:
    """The raw contract."""
    parts = [
        "# Raw tables\n\nWhat a loader lands, in the schema `raw`. Everything but what is required may be absent, or text.\n"
    ]
    for _, source in read("models/staging/_sources.yml", "sources"):
        for told in source["tables"] if source["name"] == "raw" else []:
            rows = [
                (f"`{column['name']}`", "required" if meta(column).get("required") else "", words(column.get("description", "")))
                for column in told["columns"]
            ]
            parts.append(f"\n## {told['name']}\n\n{words(told['description'])}\n")
            parts.append(table(("column", "", "meaning"), rows))
    return "".join(parts)


def seeds() -> str:
    """All seeds, by folder."""
    parts = [
        "# Seeds\n\nRules, names and vocabulary, as CSV. Those in `seeds/custom/` are yours; the others come with the project.\n"
    ]
    folders: dict[str, list[dict[str, Any]]] = {}
    for path, seed in read("seeds/**/*.yml", "seeds"):
        folders.setdefault(path.parent.relative_to(PROJECT).as_posix(), []).append(seed)
    for folder, found in sorted(folders.items()):
        parts.append(f"\n## {folder}\n")
        for seed in found:
            types = (seed.get("config") or {}).get("column_types") or {}
            rows = [
                (f"`{column['name']}`", types.get(column["name"], ""), words(column["description"])) for column in seed["columns"]
            ]
            parts += [f"\n### {seed['name']}\n\n{words(seed['description'])}\n", table(("column", "type", "meaning"), rows)]
    return "".join(parts)


def metrics() -> str:
    """The metrics of the semantic layer."""
    parts = ["# Metrics\n\nBy name, for MetricFlow and what reads it: [how to ask](../guide-metrics.md).\n"]
    for path in sorted((PROJECT / "models" / "semantic").glob("*.yml")):
        rows = [(f"`{told['name']}`", told["type"], told["description"]) for _, told in read_file(path, "metrics")]
        parts += [f"\n## {path.stem.replace('_', ' ').capitalize()}\n", table(("metric", "type", "meaning"), rows)]
    return "".join(parts)


def macros() -> str:
    """The macros that models call."""
    parts = [
        "# Macros\n\nWhat models, tests and hooks call. Why a macro is as it is, and an example, stand above it in its file.\n"
    ]
    for path in sorted((PROJECT / "macros").rglob("*.yml")):
        parts.append(f"\n## {path.parent.relative_to(PROJECT).as_posix()}\n\n")
        rows = [
            (
                f"`{macro['name']}({', '.join(argument['name'] for argument in macro.get('arguments', []))})`",
                words(macro["description"]),
            )
            for _, macro in read_file(path, "macros")
        ]
        parts.append(table(("macro", "what it gives"), rows))
    return "".join(parts)


def commands() -> str:
    """The command line, in its own words."""
    from tessera.cli import command_line

    os.environ["COLUMNS"] = "100"
    parts = ["# Commands\n\n`tessera COMMAND --help` says the same.\n"]
    for name, parser in parsers(command_line()):
        parts.append(f"\n## {name}\n\n```text\n{parser.format_help().rstrip()}\n```\n")
    return "".join(parts)


def parsers(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A command and those below it."""
    yield parser.prog, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def read(pattern: str, kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What YAML files describe of one kind, with the file of each."""
    for path in sorted(PROJECT.glob(pattern)):
        yield from read_file(path, kind)


def read_file(path: Path, kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What one YAML file describes of one kind."""
    read = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    yield from ((path, found) for found in read.get(kind) or [])


def columns(model: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rows of the columns of a model."""
    return [
        (f"`{column['name']}`", _type(column.get("data_type", "")), words(column["description"])) for column in model["columns"]
    ]


def _type(written: str) -> str:
    return "json" if "{{" in written else written


def meta(column: dict[str, Any]) -> dict[str, Any]:
    """What is marked of a column."""
    return (column.get("config") or {}).get("meta") or {}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def words(description: str) -> str:
    """A description with the blocks that it names, on one line."""
    text = _DOC.sub(lambda found: blocks()[found[1]], description)
    return re.sub(r"<(?=\w)", "&lt;", " ".join(text.split()))


@cache
def blocks() -> dict[str, str]:
    """The descriptions that several columns share."""
    found = {}
    for root in ("models", "python_models", "seeds"):
        for path in (PROJECT / root).rglob("*.md"):
            text = path.read_text(encoding="utf-8")
            found |= dict(re.findall(r"{%\s*docs (\w+)\s*%}(.*?){%\s*enddocs\s*%}", text, re.DOTALL))
    return found
