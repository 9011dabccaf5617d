"""Could not look is never "no drift": each way to fail has its own reason."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tasks.detectors.terraform import collect
from tasks.errors import ToolError
from tasks.program.events import read_events
from tasks.reach import Reach
from tasks.terraform.diagnostics import check_stream
from tasks.terraform.document import check_absorbed, document_of
from taxonomy.target import MassDeletion, TerraformTarget

STREAMS = {
    "apply-stale.jsonl": "the state was changed by another operation",
    "apply-sigkill-truncated.jsonl": "breaks off",
    "endpoint-down.jsonl": "endpoint 127.0.0.1:5999 refused the connection",
    "hang-then-sigint.jsonl": "was interrupted",
    "locked-s3-backend.jsonl": "locked by operator@host since 2026-11-23",
    "locked.jsonl": "locked by operator@host since 2026-11-23",
    "no-credentials.jsonl": "no valid AWS credentials",
    "no-init.jsonl": "not initialised",
    "provider-killed.jsonl": "provider's process died",
    "sigterm.jsonl.gz": "was interrupted",
    "wrong-account-all-deleted.jsonl.gz": "looks like the wrong account: 300 of 300",
}
WHOLE = (
    "clean.jsonl",
    "drift-44-kinds.jsonl",
    "ephemeral.jsonl",
    "replace.jsonl",
    "big-1000.jsonl.gz",
    "apply-ok.jsonl",
)


def lines(samples: Path, name: str) -> list[bytes]:
    path = samples / "terraform" / "streams" / name
    data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    return data.splitlines()


@pytest.mark.samples
@pytest.mark.parametrize(("name", "reason"), STREAMS.items())
def test_every_failed_stream_is_refused_with_its_own_reason_in_one_line(
    samples: Path, name: str, reason: str
) -> None:
    with pytest.raises(ToolError) as refused:
        check_stream(read_events(lines(samples, name)), doing="terraform plan")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.samples
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_stream_is_believed(samples: Path, name: str) -> None:
    check_stream(read_events(lines(samples, name)), doing="terraform plan")


@pytest.mark.samples
def test_every_recorded_stream_is_judged(samples: Path) -> None:
    there = {path.name for path in (samples / "terraform" / "streams").iterdir()}
    assert there == STREAMS.keys() | set(WHOLE)


@pytest.mark.samples
def test_each_failed_stream_has_a_reason_that_no_other_kind_has(samples: Path) -> None:
    said = {}
    for name in STREAMS:
        with pytest.raises(ToolError) as refused:
            check_stream(read_events(lines(samples, name)), doing="terraform plan")
        said[name] = str(refused.value)
    same = ("hang-then-sigint.jsonl", "sigterm.jsonl.gz"), ("locked.jsonl", "locked-s3-backend.jsonl")
    assert len(set(said.values())) >= len(said) - len(same)


NOISE = b"2026/11/24 a library says hello\n"


@pytest.mark.samples
def test_plain_words_among_the_lines_are_no_failure_and_half_a_line_is(samples: Path) -> None:
    whole = lines(samples, "clean.jsonl")
    check_stream(read_events([*whole[:3], NOISE, *whole[3:]]), doing="terraform plan")
    for bad in (b'{"type":"refresh_st', b"panic: runtime error", b"fatal error: out of memory"):
        with pytest.raises(ToolError):
            check_stream(read_events([*whole[:3], bad, *whole[3:]]), doing="terraform plan")
    with pytest.raises(ToolError, match="breaks off"):
        check_stream(read_events([*whole, NOISE]), doing="terraform plan")


@pytest.mark.samples
def test_a_warning_is_no_failure(samples: Path) -> None:
    warning = {
        "@level": "warn",
        "type": "diagnostic",
        "diagnostic": {"severity": "warning", "summary": "Check"},
    }
    whole = lines(samples, "clean.jsonl")
    check_stream(read_events([json.dumps(warning).encode(), *whole]), doing="terraform plan")


@pytest.mark.samples
def test_a_stream_that_breaks_off_anywhere_is_refused(samples: Path) -> None:
    whole = lines(samples, "clean.jsonl")
    summary = next(n for n, line in enumerate(whole) if b'"change_summary"' in line)
    for end in range(summary):
        with pytest.raises(ToolError, match="breaks off"):
            check_stream(read_events(whole[:end]), doing="terraform plan")


def plan(**over: Any) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [],
        "complete": True,
        "errored": False,
        **over,
    }


def deleted(address: str) -> dict[str, Any]:
    change = {"actions": ["delete"], "before": {"id": address}, "after": None}
    return {"address": address, "mode": "managed", "type": "aws_sns_topic", "change": change}


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "cut": (json.dumps(plan()).encode()[:-20], "no readable JSON"),
    "not JSON": (b"Error: no plan", "no readable JSON"),
    "not UTF-8": (b"\xff\xfe{}", "no readable JSON"),
    "a list": (b"[]", "not a Terraform plan"),
    "a state file": (b'{"version": 4, "lineage": "x"}', "it is a state file"),
    "a shown state": (b'{"format_version": "1.0", "values": {}}', "it shows a state"),
    "a stream": (b'{"@level": "info"}', "it is the stream"),
    "another format": (json.dumps(plan(format_version="2.0")).encode(), "format 2.0; expected 1.x"),
    "errored": (json.dumps(plan(errored=True)).encode(), "a plan that failed"),
    "errored, in other words": (json.dumps(plan(errored="no")).encode(), "a plan that failed"),
    "errored, or not": (json.dumps(plan(errored=None)).encode(), "a plan that failed"),
    "incomplete": (json.dumps(plan(complete=False)).encode(), "incomplete plan"),
    "incomplete, or not": (json.dumps(plan(complete=None)).encode(), "incomplete plan"),
    "two of two deleted": (
        json.dumps(plan(resource_drift=[deleted(f"aws_sns_topic.t[{n}]") for n in range(2)])).encode(),
        "looks like the wrong account: 2 of 2",
    ),
    "of another shape": (json.dumps(plan(resource_changes={"a": 1})).encode(), "does not have the shape"),
    "mass deletion": (
        json.dumps(plan(resource_drift=[deleted(f"aws_sns_topic.t[{n}]") for n in range(9)])).encode(),
        "looks like the wrong account: 9 of 9",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_believable_plan_is_refused(tmp_path: Path, case: str) -> None:
    data, reason = REFUSED[case]
    file = tmp_path / "plan.json"
    file.write_bytes(data)
    with pytest.raises(ToolError) as refused:
        collect(TerraformTarget(name="t", plan_json=file), Reach(scratch=tmp_path))
    assert reason in str(refused.value)


def test_a_plan_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"can't read .*plan\.json"):
        collect(TerraformTarget(name="t", plan_json=tmp_path / "plan.json"), Reach(scratch=tmp_path))


@pytest.mark.parametrize(("word", "value"), [("account", "210987654321"), ("region", "eu-west-3")])
def test_a_plan_of_another_account_or_region_is_refused(tmp_path: Path, word: str, value: str) -> None:
    values = {"arn": "arn:aws:sns:eu-west-1:123456789012:bell", "id": "x"}
    entry = {
        "address": "aws_sns_topic.bell",
        "mode": "managed",
        "type": "aws_sns_topic",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": values,
    }
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan(prior_state={"values": {"root_module": {"resources": [entry]}}})))
    target = TerraformTarget(name="t", plan_json=file, **{word: value})
    with pytest.raises(ToolError, match=f"wrong {word}: expected {value}"):
        collect(target, Reach(scratch=tmp_path))


def test_an_empty_state_is_not_clean(tmp_path: Path) -> None:
    change = {"actions": ["create"], "before": None, "after": {"name": "x"}}
    created = {"address": "aws_sns_topic.bell", "mode": "managed", "type": "aws_sns_topic", "change": change}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan(resource_changes=[created])))
    with pytest.raises(ToolError, match="the state is empty"):
        collect(TerraformTarget(name="t", plan_json=file), Reach(scratch=tmp_path))


def test_a_plan_of_a_version_that_says_neither_errored_nor_complete_is_believed(tmp_path: Path) -> None:
    old = {key: value for key, value in plan().items() if key not in ("errored", "complete")}
    (tmp_path / "plan.json").write_text(json.dumps(old))
    collect(TerraformTarget(name="t", plan_json=tmp_path / "plan.json"), Reach(scratch=tmp_path))


@pytest.mark.parametrize(
    ("gone", "of", "limit", "reached"),
    [
        (1, 1, MassDeletion(), False),
        (2, 2, MassDeletion(), True),
        (2, 3, MassDeletion(), False),
        (3, 5, MassDeletion(), True),
        (3, 6, MassDeletion(), False),
        (0, 0, MassDeletion(), False),
        (300, 300, MassDeletion(percent=100), False),
        (9, 10, MassDeletion(percent=80), True),
        (9, 10, MassDeletion(percent=80, at_least=10), False),
        (1, 1, MassDeletion(at_least=1), True),
    ],
)
def test_how_much_may_be_gone_is_the_target_s_to_say(
    gone: int,
    of: int,
    limit: MassDeletion,
    reached: bool,  # noqa: FBT001
) -> None:
    assert limit.reached(gone, of=of) is reached


def test_resources_that_the_state_forgot_in_another_account_are_not_drift() -> None:
    """A refresh saved there leaves nothing deleted to be seen: all is merely to be created."""
    names = [f"aws_sns_topic.t[{n}]" for n in range(4)]
    live = {
        "address": "aws_sns_topic.left",
        "mode": "managed",
        "type": "aws_sns_topic",
        "values": {"id": "x"},
    }
    create = [
        {
            "address": name,
            "mode": "managed",
            "type": "aws_sns_topic",
            "change": {"actions": ["create"], "before": None, "after": {"name": name}},
        }
        for name in names
    ]
    state = {"values": {"root_module": {"resources": [live]}}}
    document = document_of(plan(resource_changes=create, prior_state=state), name="the plan")
    check_absorbed(document, known=frozenset())
    with pytest.raises(ToolError, match="looks like the wrong account: 4 of 5"):
        check_absorbed(document, known=frozenset([*names, "aws_sns_topic.left", "aws_sns_topic.undeclared"]))


def test_a_resource_that_changes_accounts_is_the_wrong_account(tmp_path: Path) -> None:
    was, now = ({"arn": f"arn:aws:iam::{account}:role/clerk"} for account in ("123456789012", "210987654321"))
    drift = {
        "address": "aws_iam_role.clerk",
        "mode": "managed",
        "type": "aws_iam_role",
        "change": {"actions": ["update"], "before": was, "after": now},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan(resource_drift=[drift])))
    with pytest.raises(
        ToolError, match=r"wrong account: aws_iam_role\.clerk was in 123456789012 and is in 2109"
    ):
        collect(TerraformTarget(name="t", plan_json=tmp_path / "plan.json"), Reach(scratch=tmp_path))
