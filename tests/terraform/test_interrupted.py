"""An apply whose process dies: what it leaves is told and cleared up, and nobody else's is touched."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drifts import drift_of
from workspace_on_moto import REGION, Live

from tasks.detectors.terraform import collect, parse
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remedies import Preview, RefusedError, terraform_apply
from tasks.terraform import workspace
from tasks.terraform.apply import carry_out, expect_saved, orphans
from tasks.terraform.interrupted import Interrupted, left_behind, note_of, noted
from taxonomy.drift import Drift
from taxonomy.target import TerraformTarget

SAYS = Interrupted(drift_id="d" * 32, creates=("aws_sqs_queue.slow",))

CODE = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
  backend "s3" {
    bucket         = "interrupted-state"
    key            = "slow.tfstate"
    region         = "eu-west-1"
    use_lockfile   = true
    use_path_style = true

    skip_credentials_validation = true
    skip_requesting_account_id  = true
  }
}

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}

resource "aws_sqs_queue" "slow" {
  name                       = "slow"
  visibility_timeout_seconds = 30
}
"""


def test_a_note_that_nobody_holds_is_of_an_apply_that_was_killed(tmp_path: Path) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    assert left_behind(path) is None
    with noted(path, SAYS) as note:
        note.learnt("8a5b")
    assert left_behind(path) == replace(SAYS, lock_id="8a5b")


def test_an_apply_that_ended_leaves_no_note(tmp_path: Path) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    with noted(path, SAYS) as note:
        note.over()
    assert left_behind(path) is None


def test_what_a_killed_apply_may_have_created_outlives_the_applies_after_it(tmp_path: Path) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    with noted(path, SAYS):
        pass
    later = Interrupted(drift_id="e" * 32, creates=("aws_sns_topic.t",))
    with noted(path, later, before=SAYS.creates) as note:
        running = json.loads(path.read_bytes())["creates"]
        note.over()
    assert running == ["aws_sns_topic.t", "aws_sqs_queue.slow"]
    assert left_behind(path) == Interrupted(drift_id="e" * 32, creates=SAYS.creates)


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        ("Failed to persist state to backend", True),
        ("Error releasing the state lock", True),
        ("creating SQS Queue (slow): AccessDenied", False),
    ],
)
def test_an_apply_that_could_not_save_its_state_or_let_go_its_lock_leaves_its_note(
    tmp_path: Path, summary: str, *, left: bool
) -> None:
    said = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": ""}}
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\nexit 1\n")
    program.chmod(0o755)
    (tmp_path / "code" / ".terraform").mkdir(parents=True)
    reach = Reach(scratch=tmp_path / "scratch", terraform=str(program), path=os.environ["PATH"])
    target = TerraformTarget(name="t", path=tmp_path / "code")
    with workspace.opened(target, reach, role_arn=None) as opened:
        with pytest.raises(ToolError, match="terraform apply of t"):
            carry_out(tmp_path / "plan", opened, original=opened, drift_id="d" * 32, creates=SAYS.creates)
        assert orphans(opened, SAYS.creates) == (SAYS.creates if left else ())


def test_nothing_is_changed_while_a_state_that_could_not_be_saved_lies_there(tmp_path: Path) -> None:
    (tmp_path / "code" / ".terraform").mkdir(parents=True)
    (tmp_path / "code" / "errored.tfstate").touch()
    target = TerraformTarget(name="t", path=tmp_path / "code")
    with (
        workspace.opened(target, Reach(scratch=tmp_path / "scratch"), role_arn=None) as opened,
        pytest.raises(ToolError, match=r"errored\.tfstate is the state of an apply that could not save it"),
    ):
        expect_saved(opened)


def test_an_apply_that_could_not_begin_leaves_no_note(tmp_path: Path) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    with pytest.raises(ToolError, match="no such program"), noted(path, SAYS):
        raise ToolError("no such program")
    assert left_behind(path) is None


def test_an_apply_that_still_runs_is_waited_for(tmp_path: Path) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    with noted(path, SAYS) as note:
        child = subprocess.Popen(["sleep", "60"], pass_fds=(note.descriptor,))
    try:
        with pytest.raises(ToolError, match="still runs"):
            left_behind(path)
        with pytest.raises(ToolError, match="still runs"), noted(path, SAYS):
            pass
    finally:
        child.kill()
        child.wait()
    assert left_behind(path) == SAYS


def test_every_workspace_has_a_note_of_its_own(tmp_path: Path) -> None:
    names = {
        note_of(tmp_path, folder, name=name)
        for folder in (Path("/a"), Path("/b"))
        for name in ("prod", "test")
    }
    assert len(names) == 4


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"drift_id": "d"', "\0"])
def test_a_note_that_can_not_be_read_stops_the_next_apply(tmp_path: Path, text: str) -> None:
    path = note_of(tmp_path, tmp_path, name="default")
    path.write_text(text)
    with pytest.raises(ToolError, match="can't be read"):
        left_behind(path)


@pytest.fixture(scope="module")
def live(applied: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "main.tf").write_text(CODE)
    # what a killed apply notes must not be seen by those who share the cloud
    reach = replace(applied.reach, scratch=tmp_path_factory.mktemp("scratch"))
    live = Live(target=replace(applied.target, name="slow", path=folder), reach=reach)
    region = {"LocationConstraint": REGION}
    live.client("s3").create_bucket(Bucket="interrupted-state", CreateBucketConfiguration=region)
    live.terraform("init", "-input=false", "-no-color")
    live.terraform("apply", "-auto-approve", "-input=false", "-no-color")
    return live


def queue(live: Live) -> Any:
    return live.client("sqs").get_queue_url(QueueName="slow")["QueueUrl"]


def slow(live: Live, redactor: Redactor) -> Drift:
    answer = parse(collect(live.target, live.reach), live.target, redactor=redactor)
    return drift_of(next(one for one in answer.findings if one.address == "aws_sqs_queue.slow"), "slow")


def hide(live: Live, seconds: int) -> None:
    attributes = {"VisibilityTimeout": str(seconds)}
    live.client("sqs").set_queue_attributes(QueueUrl=queue(live), Attributes=attributes)


def locks(live: Live) -> list[str]:
    listed = live.client("s3").list_objects_v2(Bucket="interrupted-state").get("Contents", [])
    return [one["Key"] for one in listed if one["Key"].endswith(".tflock")]


def terraforms(live: Live) -> list[int]:
    """The processes that run in the workspace."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == live.path:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def until(ready: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.1)


def begin(live: Live, redactor_key: bytes, drift: Drift, preview: Preview) -> subprocess.Popen[bytes]:
    reach = {
        "scratch": str(live.reach.scratch),
        "terraform": live.reach.terraform,
        "aws": dict(live.reach.aws),
        "terraform_env": dict(live.reach.terraform_env),
        "path": live.reach.path,
        "home": live.reach.home,
    }
    target = {"name": "slow", "path": str(live.path), "account": live.target.account, "region": REGION}
    told = {"drift": drift.to_document(), "preview": preview.to_document(), "target": target, "reach": reach}
    child = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("killed_apply.py"))],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps({**told, "key": redactor_key.hex()}, default=str).encode())
    child.stdin.close()
    return child


def kill_all(live: Live, child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for process in terraforms(live):
        os.kill(process, signal.SIGKILL)
    until(lambda: not terraforms(live), "the end of terraform")


def note_path(live: Live) -> Path:
    return note_of(live.reach.scratch, live.path, name="default")


def noted_lock(live: Live) -> str | None:
    try:
        said = json.loads(note_path(live).read_bytes() or b"{}")
    except (OSError, ValueError):
        return None
    return said.get("lock_id")


KEY = b"a key of the tests, 32 bytes long"


@pytest.mark.terraform
@pytest.mark.prove
def test_a_killed_apply_is_told_and_only_its_own_lock_is_released(live: Live, redactor: Redactor) -> None:
    hide(live, 77)
    drift = slow(live, redactor)
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
    child = begin(live, KEY, drift, preview)
    until(lambda: noted_lock(live), "the id of the lock")
    with pytest.raises(ToolError, match="still runs"):
        terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    kill_all(live, child)
    assert locks(live) == ["slow.tfstate.tflock"]
    own = note_path(live).read_bytes()
    note_path(live).write_text(json.dumps({**json.loads(own), "lock_id": "somebody-else's"}))
    hide(live, 78)
    again = slow(live, redactor)
    other = terraform_apply.preview(again, live.target, live.reach, redactor=redactor)
    with pytest.raises(ToolError, match=r"the state is locked by .*was killed here before it ended$"):
        terraform_apply.apply(again, other, live.target, live.reach, redactor=redactor)
    assert locks(live) == ["slow.tfstate.tflock"]
    note_path(live).write_bytes(own)
    outcome = terraform_apply.apply(again, other, live.target, live.reach, redactor=redactor)
    assert outcome.summary[0].endswith("was killed here before it ended")
    assert outcome.summary[1].endswith("that it had left on the state was released")
    assert locks(live) == []
    assert left_behind(note_path(live)) is None
    assert terraform_apply.look_again(again, live.target, live.reach, redactor=redactor) is None


@pytest.mark.terraform
@pytest.mark.prove
def test_a_terraform_that_is_killed_alone_leaves_no_lock_behind(live: Live, redactor: Redactor) -> None:
    hide(live, 79)
    drift = slow(live, redactor)
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)

    def kill() -> None:
        until(lambda: noted_lock(live), "the id of the lock")
        for process in terraforms(live):
            if (Path("/proc") / str(process) / "comm").read_text().strip() == "terraform":
                os.kill(process, signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    with pytest.raises(ToolError, match=r"killed by signal 9.*that it had left on the state was released$"):
        terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    killing.join()
    assert locks(live) == []


@pytest.mark.terraform
@pytest.mark.prove
def test_what_an_interrupted_apply_left_half_made_is_told_and_made_anew(
    live: Live, redactor: Redactor
) -> None:
    live.client("sqs").delete_queue(QueueUrl=queue(live))
    drift = slow(live, redactor)
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)

    before = noted_lock(live)

    def interrupt() -> None:
        until(lambda: noted_lock(live) not in {None, before}, "the id of the lock")
        time.sleep(2)
        for process in terraforms(live):
            os.kill(process, signal.SIGINT)

    breaking = threading.Thread(target=interrupt)
    breaking.start()
    with pytest.raises(ToolError, match="interrupted"):
        terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    breaking.join()
    assert left_behind(note_path(live)) is None
    half = slow(live, redactor)
    assert [(one.attribute, one.declared, one.actual) for one in half.changes] == [("tainted", False, True)]
    anew = terraform_apply.preview(half, live.target, live.reach, redactor=redactor)
    assert anew.wants_person
    terraform_apply.apply(half, anew, live.target, live.reach, redactor=redactor)
    assert terraform_apply.look_again(half, live.target, live.reach, redactor=redactor) is None


@pytest.mark.terraform
@pytest.mark.prove
def test_what_a_killed_apply_may_have_created_is_not_created_again(live: Live, redactor: Redactor) -> None:
    live.client("sqs").delete_queue(QueueUrl=queue(live))
    drift = slow(live, redactor)
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
    child = begin(live, KEY, drift, preview)
    until(lambda: noted_lock(live), "the id of the lock")
    kill_all(live, child)
    with contextlib.suppress(live.client("sqs").exceptions.QueueDoesNotExist):
        live.client("sqs").delete_queue(QueueUrl=queue(live))
    with pytest.raises(RefusedError, match=r"killed here while it created aws_sqs_queue\.slow"):
        terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
    with pytest.raises(RefusedError, match=r"killed here while it created aws_sqs_queue\.slow"):
        terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
