"""Plans of real runs, tampered with anywhere: an answer or an error that says so, and soon."""

import contextlib
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.detectors.terraform import RawPlan, parse
from tasks.errors import ToolError
from tasks.redaction import Redactor
from taxonomy.target import TerraformTarget

pytestmark = pytest.mark.samples

NAMES = (
    "drift-44-kinds.json",
    "replace.json",
    "drift-absorbed-undeclared.json",
    "targeted-pulls-unapproved-ancestor.json",
)
SCALARS = (None, True, 0, -1, 1.5, 10**30, "", "x", "{", '{"Statement": 3}', "arn:aws:", "\ud800")
LISTS = ([], [[]], [None], ["x"], [{"name": {}}], [{"cidr_blocks": 7}], [{"route": []}])
OBJECTS = ({}, {"x": None}, {"0": {}}, {"actions": 3}, {"references": [1]})
JUNK = st.sampled_from((*SCALARS, *LISTS, *OBJECTS))
DROPPED = object()
SECONDS = 20.0


@cache
def text(folder: Path, name: str) -> str:
    return (folder / "terraform" / "plans" / name).read_text()


def tamper(document: Any, way: list[int], junk: Any) -> None:
    """Follow a way into the tree, counted round at each step, and put junk where it ends."""
    above, key, node = None, None, document
    for step in way:
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        if not keys:
            break
        above, key = node, keys[step % len(keys)]
        node = node[key]
    if above is None:
        return
    if junk is DROPPED:
        del above[key]
    else:
        above[key] = junk


EDITS = st.lists(
    st.tuples(st.lists(st.integers(0, 10**6), min_size=1, max_size=9), JUNK | st.just(DROPPED)),
    min_size=1,
    max_size=6,
)


def check(
    document: Any, edits: list[tuple[list[int], Any]], target: TerraformTarget, redactor: Redactor
) -> None:
    """Tamper with a plan, and see that parsing it gives an answer or a ToolError, in bounded time."""
    for way, junk in edits:
        tamper(document, way, junk)
    started = time.monotonic()
    with contextlib.suppress(ToolError):
        parse(RawPlan(document=document, digest=""), target, redactor=redactor)
    assert time.monotonic() - started < SECONDS


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(NAMES), edits=EDITS)
def test_a_tampered_real_plan_gives_an_answer_or_a_tool_error(
    samples: Path,
    target: TerraformTarget,
    redactor: Redactor,
    name: str,
    edits: list[tuple[list[int], Any]],
) -> None:
    check(json.loads(text(samples, name)), edits, target, redactor)


@pytest.mark.prove
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(NAMES), edits=EDITS)
def test_so_do_many_more_of_them(
    samples: Path,
    target: TerraformTarget,
    redactor: Redactor,
    name: str,
    edits: list[tuple[list[int], Any]],
) -> None:
    check(json.loads(text(samples, name)), edits, target, redactor)


def test_the_way_into_a_plan_reaches_its_leaves(recorded: Callable[[str], RawPlan]) -> None:
    document = json.loads(json.dumps(recorded("replace.json").document))
    before = json.dumps(document)
    tamper(document, [10**5, 3, 1, 4, 1, 5], "junk")
    assert json.dumps(document) != before
