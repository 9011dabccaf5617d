"""A stream and a shown plan that disagree about one plan are both not believed."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tasks.errors import ToolError
from tasks.program.events import read_events
from tasks.program.run import Ended
from tasks.terraform import agreement
from tasks.terraform.document import document_of

PAIRS = {
    "clean.jsonl": ("clean.json", 0),
    "drift-44-kinds.jsonl": ("drift-44-kinds.json", 2),
    "replace.jsonl": ("replace.json", 2),
    "ephemeral.jsonl": ("write-only-and-ephemeral.json", 0),
    "big-1000.jsonl.gz": ("big-1000.json.gz", 2),
}


def read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".gz") else data


def said_of(samples: Path, name: str, *, code: int | None = None) -> Ended:
    events = tuple(read_events(read(samples / "terraform" / "streams" / name).splitlines()))
    return Ended(command=(), exit_code=PAIRS[name][1] if code is None else code, events=events)


def check_agreement(said: Ended, plan: dict[str, Any], *, name: str) -> None:
    agreement.check_agreement(said, document_of(plan, name=name), name=name)


def plan_of(samples: Path, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(read(samples / "terraform" / "plans" / PAIRS[name][0]))
    return document


@pytest.mark.samples
@pytest.mark.parametrize("name", PAIRS)
def test_a_real_stream_agrees_with_its_plan(samples: Path, name: str) -> None:
    check_agreement(said_of(samples, name), plan_of(samples, name), name="the plan")


@pytest.mark.samples
def test_a_plan_that_leaves_something_out_is_not_believed(samples: Path) -> None:
    name = "drift-44-kinds.jsonl"
    for section in ("resource_drift", "resource_changes"):
        document = plan_of(samples, name)
        document[section] = [e for e in document[section] if e["address"] != "aws_kms_key.k"]
        with pytest.raises(ToolError, match=r"stream speaks of aws_kms_key\.k, the plan does not"):
            check_agreement(said_of(samples, name), document, name="the plan")


@pytest.mark.samples
def test_a_stream_that_leaves_something_out_is_not_believed(samples: Path) -> None:
    said = said_of(samples, "clean.jsonl", code=2)
    with pytest.raises(ToolError, match=r"the plan speaks of .*, the stream does not"):
        check_agreement(said, plan_of(samples, "drift-44-kinds.jsonl"), name="the plan")


@pytest.mark.samples
@pytest.mark.parametrize(("name", "code"), [("clean.jsonl", 2), ("drift-44-kinds.jsonl", 0)])
def test_an_exit_code_that_says_otherwise_is_not_believed(samples: Path, name: str, code: int) -> None:
    with pytest.raises(ToolError, match=f"can't be believed: exit code {code}, and yet"):
        check_agreement(said_of(samples, name, code=code), plan_of(samples, name), name="the plan")


@pytest.mark.samples
def test_in_a_version_that_does_not_say_applyable_the_changes_decide(samples: Path) -> None:
    name = "drift-44-kinds.jsonl"
    document = plan_of(samples, name)
    del document["applyable"]
    check_agreement(said_of(samples, name), document, name="the plan")
    with pytest.raises(ToolError, match="exit code 0, and yet it would change something"):
        check_agreement(said_of(samples, name, code=0), document, name="the plan")
