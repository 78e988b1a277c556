"""sqlfluff without the search for cycles among its many small objects, and with less of what it does again for each of its rules.

Each of the rules that move things (LT01, LT02, LT05, LT14) takes the whole file apart in the same way: they share it, and what is
said of a segment is said once for all that is within it. Every rule looks for segments of some types in all of the file, which is
half of what lint takes: here all segments of a file are listed once by their types, and what a rule asks for is looked up. What a
select reads is found out once for the rules that ask. For each file dbt's selectors compare its path with those of all nodes:
here nodes are looked up by their paths.

python tests/lint.py lint models tests analyses
"""

import gc
import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlfluff.core import FluffConfig
from sqlfluff.core.parser import BaseSegment, RawSegment
from sqlfluff.core.parser.segments.base import PathStep
from sqlfluff.core.rules.context import RuleContext
from sqlfluff.core.rules.crawlers import ParentOfSegmentCrawler, SegmentSeekerCrawler
from sqlfluff.utils.analysis import select
from sqlfluff.utils.reflow.config import BlockConfig, ReflowConfig
from sqlfluff.utils.reflow.depthmap import DepthInfo, DepthMap, StackPosition
from sqlfluff.utils.reflow.sequence import ReflowSequence
from sqlfluff_templater_dbt.templater import DbtTemplater

gc.disable()

_from_root = ReflowSequence.from_root
_crawl = SegmentSeekerCrawler.crawl
_find = DbtTemplater._find_node
_info_of = select.get_select_statement_info
_config_of = ReflowConfig.get_block_config
# of these each is alone in its file
_OF_A_FILE = {"model", "analysis", "test"}
_last: tuple[BaseSegment, FluffConfig, ReflowSequence] | None = None


class Listed:
    """All segments of a file, from the first to the last, and where those of each type are."""

    last: "Listed | None" = None

    def __init__(self, root: BaseSegment) -> None:
        self.root = root
        # each with those that it is within, its place among its siblings, and where what is within it ends
        self.segments: list[BaseSegment] = []
        self.parents: list[tuple[BaseSegment, ...]] = []
        self.siblings: list[int] = []
        self.ends: list[int] = []
        self.parent_places: list[int] = []
        self.places: dict[int, int] = {}
        self.by_type: dict[str, list[int]] = defaultdict(list)
        self.infos: dict[tuple, object] = {}
        self._list(root, (), 0, -1)

    @classmethod
    def of(cls, root: BaseSegment) -> "Listed":
        """List a file, unless it is the last that was."""
        if cls.last is None or cls.last.root is not root:
            cls.last = cls(root)
        return cls.last

    @classmethod
    def place_of(cls, segment: BaseSegment) -> int | None:
        """Where a segment is in the last file that was listed, if it is in it."""
        # whatever is listed is kept, so that nothing else is at its place in memory
        return cls.last.places.get(id(segment)) if cls.last else None

    def _list(self, segment: BaseSegment, parents: tuple[BaseSegment, ...], sibling: int, parent_place: int) -> None:
        place = len(self.segments)
        self.segments.append(segment)
        self.parents.append(parents)
        self.siblings.append(sibling)
        self.ends.append(0)
        self.parent_places.append(parent_place)
        self.places[id(segment)] = place
        for name in {*type(segment)._class_types, *getattr(segment, "instance_types", ())}:
            self.by_type[name].append(place)
        if segment.segments:
            within = (*parents, segment)
            for number, child in enumerate(segment.segments):
                self._list(child, within, number, place)
        self.ends[place] = len(self.segments)

    def found(self, types: Iterable[str], start: int, end: int) -> list[int]:
        """Find the places of segments of some types between two places."""
        found = []
        for name in types:
            if name in self.by_type:
                places = self.by_type[name]
                found.append(places[bisect_left(places, start) : bisect_left(places, end)])
        return found[0] if len(found) == 1 else sorted(set().union(*found))


def _from_the_same_root(root_segment: BaseSegment, config: FluffConfig) -> ReflowSequence:
    """Take a file apart, or give another sequence of the same elements, which stay as they are, of the file before."""
    global _last
    if _last is None or _last[0] is not root_segment or _last[1] is not config:
        _last = (root_segment, config, _from_root(root_segment, config))
    made = _last[2]
    return ReflowSequence(list(made.elements), root_segment, made.reflow_config, made.depth_map)


def _map_depths(depths: DepthMap, raws_with_stack: Sequence[tuple[RawSegment, list[PathStep]]]) -> None:
    """Say of each piece of text what it is within."""
    known: dict[int, tuple[int, frozenset[str], StackPosition]] = {}
    depths.depth_info = {}
    for raw, stack in raws_with_stack:
        for step in stack:
            if id(step) not in known:
                known[id(step)] = hash(step.segment), step.segment.class_types, StackPosition.from_path_step(step)
        hashes, types, positions = zip(*(known[id(step)] for step in stack), strict=True)
        depths.depth_info[raw.uuid] = DepthInfo(
            len(stack), hashes, frozenset(hashes), types, dict(zip(hashes, positions, strict=True))
        )


def _is_one_of(segment: BaseSegment, types: frozenset[str] | set[str]) -> bool:
    """Whether a segment is of one of some types: its class, or what its text was taken for."""
    return not types.isdisjoint(type(segment)._class_types) or not types.isdisjoint(getattr(segment, "instance_types", ()))


def _is_type(segment: BaseSegment, *types: str) -> bool:
    """Whether a segment without words of its own is of one of some types."""
    return not segment._class_types.isdisjoint(types)


def _is_raw_type(segment: RawSegment, *types: str) -> bool:
    """Whether a piece of text is of one of some types, or was taken for one."""
    return not (segment._class_types.isdisjoint(types) and frozenset(segment.instance_types).isdisjoint(types))


def _holds_one_of(segment: BaseSegment, types: frozenset[str] | set[str]) -> bool:
    """Whether any segment within a segment is of one of some types."""
    return bool(segment.segments) and not types.isdisjoint(segment.descendant_type_set)


def _recursive_crawl(
    segment: BaseSegment,
    *seg_type: str,
    recurse_into: bool = True,
    no_recursive_seg_type: str | list[str] | None = None,
    allow_self: bool = True,
) -> Iterator[BaseSegment]:
    """Find segments of some types, from the first to the last."""
    closed = [no_recursive_seg_type] if isinstance(no_recursive_seg_type, str) else no_recursive_seg_type or ()
    place = Listed.place_of(segment)
    if place is not None:
        yield from _listed_within(Listed.last, place, seg_type, closed, recurse_into, allow_self)
        return
    types = frozenset(seg_type)
    is_match = allow_self and _is_one_of(segment, types)
    if is_match:
        yield segment
    if (recurse_into or not is_match) and _holds_one_of(segment, types):
        yield from _found_within(segment, types, frozenset(closed), recurse_into)


def _listed_within(
    listed: Listed, place: int, types: Sequence[str], closed: Sequence[str], recurse_into: bool, allow_self: bool
) -> Iterator[BaseSegment]:
    """Look up what is asked of a segment of a file that is listed."""
    end, beyond = listed.ends[place], place + 1
    if allow_self and _is_one_of(listed.segments[place], frozenset(types)):
        yield listed.segments[place]
        if not recurse_into:
            return
    found = listed.found(types, place + 1, end)
    ends = [(shut, listed.ends[shut]) for shut in listed.found(closed, place + 1, end)] if found and closed else []
    passed = 0
    for number in found:
        while passed < len(ends) and ends[passed][0] <= number:
            beyond = max(beyond, ends[passed][1])
            passed += 1
        if number >= beyond:
            yield listed.segments[number]
            if not recurse_into:
                beyond = listed.ends[number]


def _found_within(
    segment: BaseSegment, types: frozenset[str], closed: frozenset[str], recurse_into: bool
) -> Iterator[BaseSegment]:
    """Find segments of some types within a segment, but for what is within those that are closed."""
    for child in segment.segments:
        if closed and _is_one_of(child, closed):
            continue
        is_match = _is_one_of(child, types)
        if is_match:
            yield child
        if (recurse_into or not is_match) and _holds_one_of(child, types):
            yield from _found_within(child, types, closed, recurse_into)


def _seek(crawler: SegmentSeekerCrawler, context: RuleContext) -> Iterator[RuleContext]:
    """Bring a rule's context to each segment of the rule's types, or to each that has children of these."""
    is_root = not context.parent_stack
    listed = Listed.of(context.segment) if is_root else None
    if listed is None or crawler.provide_raw_stack or "unparsable" in listed.by_type:
        yield from _crawl(crawler, context)
        return
    found = listed.found(crawler.types, 0, len(listed.segments))
    if isinstance(crawler, ParentOfSegmentCrawler):
        found = sorted({listed.parent_places[number] for number in found if number})
    beyond = 0
    for number in found:
        if number < beyond:
            continue
        context.segment, context.parent_stack = listed.segments[number], listed.parents[number]
        context.segment_idx = listed.siblings[number]
        yield context
        if not crawler.allow_recurse:
            beyond = listed.ends[number]


def _known_info(segment: BaseSegment, dialect: object, early_exit: bool = True) -> object:
    """Find out once what a select of a listed file reads; whoever asks may add to what it is told."""
    if Listed.place_of(segment) is None:
        return _info_of(segment, dialect, early_exit)
    key = id(segment), id(dialect), early_exit
    infos = Listed.last.infos
    if key not in infos:
        infos[key] = _info_of(segment, dialect, early_exit)
    info = infos[key]
    return info and type(info)(*(list(part) if isinstance(part, list) else part for part in info))


def _known_config(config: ReflowConfig, types: set[str], depth_info: DepthInfo | None = None) -> BlockConfig:
    """Look up once what is configured for some types of segments."""
    if depth_info:
        return _config_of(config, types, depth_info)
    known, key = vars(config).setdefault("known_configs", {}), frozenset(types)
    if key not in known:
        known[key] = _config_of(config, types)
    return known[key]


def _find_by_path(templater: DbtTemplater, fname: str, config: FluffConfig | None = None, dbt_dir: str | None = None) -> object:
    """Find the node of a file by its path; whatever has none is dbt's to look for."""
    folder = dbt_dir or os.getcwd()
    known = vars(templater).get("nodes_by_path")
    if known is None:
        known = vars(templater)["nodes_by_path"] = {
            node.original_file_path: node for node in templater.dbt_manifest.nodes.values() if node.resource_type in _OF_A_FILE
        }
    return known.get(os.path.relpath(fname, start=folder)) or _find(templater, fname, config, folder)


DepthMap.__init__ = _map_depths
ReflowSequence.from_root = _from_the_same_root
BaseSegment.recursive_crawl = _recursive_crawl
BaseSegment.is_type, RawSegment.is_type = _is_type, _is_raw_type
SegmentSeekerCrawler.crawl = _seek
DbtTemplater._find_node = _find_by_path
ReflowConfig.get_block_config = _known_config
# rules are imported later, and take it from here
select.get_select_statement_info = _known_info

# the processes that it starts import this file too
if __name__ == "__main__":
    from sqlfluff.cli.commands import cli

    cli()
