"""sqlfluff without the search for cycles among its many small objects, and with less of what it does again for each of its rules.

Each of the rules that move things (LT01, LT02, LT05, LT14) takes the whole file apart in the same way: they share it, and what is
said of a segment is said once for all that is within it. Every rule looks for segments of some types in all of the file, which is
half of what lint takes: here it asks a segment for its types once, and does not go to those that are and hold none of them. For
each file dbt's selectors compare its path with those of all nodes: here nodes are looked up by their paths.

python tests/lint.py lint models tests analyses
"""

import gc
import os
from collections.abc import Iterator, Sequence

from sqlfluff.core import FluffConfig
from sqlfluff.core.parser import BaseSegment, RawSegment
from sqlfluff.core.parser.segments.base import PathStep
from sqlfluff.core.rules.context import RuleContext
from sqlfluff.core.rules.crawlers import SegmentSeekerCrawler
from sqlfluff.utils.reflow.depthmap import DepthInfo, DepthMap, StackPosition
from sqlfluff.utils.reflow.sequence import ReflowSequence
from sqlfluff_templater_dbt.templater import DbtTemplater

gc.disable()

_from_root = ReflowSequence.from_root
_crawl = SegmentSeekerCrawler.crawl
_find = DbtTemplater._find_node
# of these each is alone in its file
_OF_A_FILE = {"model", "analysis", "test"}
_last: tuple[BaseSegment, FluffConfig, ReflowSequence] | None = None


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
    types = frozenset(seg_type)
    is_match = allow_self and _is_one_of(segment, types)
    if is_match:
        yield segment
    if (recurse_into or not is_match) and _holds_one_of(segment, types):
        yield from _found_within(segment, types, frozenset(closed), recurse_into)


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
    segment = context.segment
    if crawler.provide_raw_stack:
        yield from _crawl(crawler, context)
        return
    if not crawler.passes_filter(segment):
        return
    is_match = crawler.is_self_match(segment)
    if is_match:
        yield context
    if (is_match and not crawler.allow_recurse) or not _holds_one_of(segment, crawler.types):
        return
    parents = (*context.parent_stack, segment)
    for place, child in enumerate(segment.segments):
        if _is_one_of(child, crawler.types) or _holds_one_of(child, crawler.types):
            context.segment, context.parent_stack, context.segment_idx = child, parents, place
            yield from _seek(crawler, context)


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
SegmentSeekerCrawler.crawl = _seek
DbtTemplater._find_node = _find_by_path

# the processes that it starts import this file too
if __name__ == "__main__":
    from sqlfluff.cli.commands import cli

    cli()
