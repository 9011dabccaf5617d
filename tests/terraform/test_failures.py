"""Could not look is never "no drift": each way to fail has its own reason."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tasks.detectors.terraform import collect
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.terraform.diagnostics import check_stream
from tasks.terraform.run import read_events
from taxonomy.target import TerraformTarget

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
    "nothing": (b"", "no readable JSON"),
    "cut": (json.dumps(plan()).encode()[:-20], "no readable JSON"),
    "not JSON": (b"Error: no plan", "no readable JSON"),
    "not UTF-8": (b"\xff\xfe{}", "no readable JSON"),
    "a list": (b"[]", "not a Terraform plan"),
    "a state file": (b'{"version": 4, "lineage": "x"}', "it is a state file"),
    "a shown state": (b'{"format_version": "1.0", "values": {}}', "it shows a state"),
    "a stream": (b'{"@level": "info"}', "it is the stream"),
    "another format": (json.dumps(plan(format_version="2.0")).encode(), "format 2.0; expected 1.x"),
    "errored": (json.dumps(plan(errored=True)).encode(), "a plan that failed"),
    "incomplete": (json.dumps(plan(complete=False)).encode(), "incomplete plan"),
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
