"""An estate of hosts that a real Prefect serves: reports are swapped, and branches open, wait and end.

Every law has a host of its own, which is a target of its own, so that no law disturbs another. Only
what people and programs use is used here: the console script, signed envelopes, Prefect's own API.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml

from evidence.keys import SigningKey, load_key, make_key
from evidence.query import ask, connect
from evidence.verify import verify
from flows.settings import Settings, load
from flows.sweeping import sweep_once
from flows.swept import Swept
from tasks.approval import Verdict, answer
from tasks.queue import Waiting, waiting

REDACTION_KEY = bytes(range(32))
APPROVER = "platform-oncall"
OUTSIDER = "visitor"
REASON = "Seen, understood and decided."
IMPACTS = {"info": 0.05, "low": 0.3, "medium": 0.5, "high": 0.8, "critical": 1.0}
CONTROLS = ("door-01", "door-02", "door-03")

SECRETS = {
    "HOLDFAST_APPROVAL_KEY": "/nowhere/approval.key",
    "SLACK_BOT_TOKEN": "xoxb" + "-planted",
    "SLACK_APP_TOKEN": "xapp" + "-planted",
}
"""What the caller of `holdfast up` may have in its environment, and no worker may."""

STEPS = """
SELECT step, outcome, decision, reason, run_id, actor FROM (
    SELECT DISTINCT record_id, occurred_at, step, outcome, decision, reason, run_id, actor
    FROM records WHERE drift_id = ? AND attribute IS NULL
) ORDER BY occurred_at, record_id
"""

T = TypeVar("T")

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def report(host: str, failing: Iterable[str], *, severity: str = "medium") -> str:
    """Return an InSpec report of a host on which some controls fail."""
    failed = set(failing)
    controls = [
        {
            "id": name,
            "title": f"{name} is shut",
            "impact": IMPACTS[severity],
            "tags": {"nist": ["CM-6"]},
            "results": [{"status": "failed" if name in failed else "passed", "code_desc": name}],
        }
        for name in CONTROLS
    ]
    profiles = [{"name": "house", "controls": controls, "status": "loaded"}]
    return json.dumps(
        {"platform": {"name": "debian", "target_id": host}, "profiles": profiles, "version": "5"}
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step in the life of a drift, as the evidence tells it."""

    step: str
    outcome: str | None
    decision: str | None
    reason: str | None
    run_id: str | None
    actor: str | None


@dataclass(frozen=True, kw_only=True)
class Played:
    """An estate, its keys, and the environment of its programs."""

    folder: Path
    environment: Mapping[str, str]
    seen: dict[Any, list[Step]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def settings(self) -> Settings:
        return load(self.folder / "holdfast.yaml", self.environment)

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    def key(self, person: str) -> SigningKey:
        return load_key(self.folder / "private" / f"{person}.key")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the console script, in a process group of its own."""
        command = [sys.executable, "-P", "-c", "from flows.cli import main; main()", *arguments]
        return subprocess.Popen(
            command,
            env=dict(self.environment),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def holdfast(self, *arguments: str, codes: Sequence[int] = (0,)) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode in codes, (
            f"holdfast {' '.join(arguments)}: {process.returncode}\n{err}{out}"
        )
        return out

    def sweep(self, *targets: str, remediate: bool = True) -> dict[str, Any]:
        """Sweep some targets through Prefect, as a person would; return the JSON document."""
        named = [part for target in targets for part in ("--target", target)]
        mode = "--remediate" if remediate else "--no-remediate"
        document: dict[str, Any] = json.loads(
            self.holdfast("--quiet", "detect", mode, "-o", "json", *named, codes=(0, 2))
        )
        return document

    def look(self, *targets: str) -> Swept:
        """Sweep some targets without Prefect."""
        return sweep_once(self.settings, names=targets)

    def steps(self, drift_id: str) -> list[Step]:
        """Return what the evidence tells of a drift, oldest first; it is read again where it has grown."""
        ledger = tuple(self.evidence.glob("ledger/*/*.json"))
        key = (drift_id, ledger)
        if key not in self.seen:
            self.seen.clear()
            self.seen[key] = self._steps(drift_id) if ledger else []
        return self.seen[key]

    def _steps(self, drift_id: str) -> list[Step]:
        connection = connect(self.evidence)
        try:
            rows = connection.execute(STEPS, [drift_id]).fetchall()
        finally:
            connection.close()
        names = ("step", "outcome", "decision", "reason", "run_id", "actor")
        return [Step(**dict(zip(names, row, strict=True))) for row in rows]

    def count(self, sql: str) -> int:
        if not self.evidence.is_dir():
            return 0
        with connect(self.evidence) as connection:
            return int(ask(connection, sql).rows[0][0])

    def verify(self) -> None:
        """Prove the evidence, as an auditor does."""
        verify(self.evidence, trust=self.settings.trust)

    def queue(self) -> dict[str, Waiting]:
        """Return the open questions, by drift id."""
        return {w.case.drift.drift_id: w for w in waiting(self.evidence, trust=self.settings.trust)}

    def envelope(
        self,
        question: Waiting,
        verdict: Verdict = "approve",
        *,
        by: str = APPROVER,
        until: datetime | None = None,
    ) -> bytes:
        """Return the signed answer of a person to an open question."""
        return answer(
            question.question,
            decision=verdict,
            approver=by,
            reason=REASON,
            now=datetime.now(UTC),
            key=self.key(by),
            until=until,
        )


def wait_for(look: Callable[[], T], enough: Callable[[T], object], what: str, *, within: float = 120.0) -> T:
    """Return what a look gives once it is enough.

    Raises:
        AssertionError: it did not come within that many seconds.
    """
    deadline = time.monotonic() + within
    while True:
        found = look()
        if enough(found):
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {within:.0f} s; got {found}"
        time.sleep(0.2)


def set_stage(
    folder: Path,
    given: Mapping[str, str],
    targets: Iterable[str],
    *,
    more: Iterable[Mapping[str, Any]] = (),
    clouds: Mapping[str, str] | None = None,
) -> Played:
    """Make an estate of hosts that hold to their profile: its folder, its keys, its file.

    Args:
        folder: made anew.
        given: the caller's environment; what steers Prefect, Holdfast and clouds is taken out.
        targets: names of the hosts, each a target.
        more: further targets, as the estate file spells them.
        clouds: variables under which the simulated clouds are reached.
    """
    home = folder / "home"
    for part in (home, folder / "keys", folder / "private"):
        part.mkdir(parents=True)
    evidence = make_key(home / "evidence.key")
    redaction = home / "redaction.key"
    redaction.touch(mode=0o600)
    redaction.write_bytes(REDACTION_KEY)
    people = {person: make_key(folder / "private" / f"{person}.key") for person in (APPROVER, OUTSIDER)}
    for person, key in people.items():
        (folder / "keys" / f"{person}.pub").write_bytes(key.public.pem)
    hosts = [{"name": t, "layer": "inspec", "reports": f"reports/{t}/*.json"} for t in targets]
    for target in hosts:
        place = folder / "reports" / target["name"]
        place.mkdir(parents=True)
        (place / "report.json").write_text(report(target["name"], ()), "utf-8")
    trusted = [(evidence, "evidence"), *((key, "approval") for key in people.values())]
    document = {
        "version": 1,
        "estate": "served",
        "evidence": {"path": "evidence"},
        "targets": [*hosts, *more],
        "people": [{"id": person, "review_key": f"keys/{person}.pub"} for person in people],
        "trust": [{"key_id": key.key_id, "purpose": purpose} for key, purpose in trusted],
        "approvals": {
            "roles": {"platform": [APPROVER]},
            # a question about a trifle is dead before anybody wakes up
            "info": {"approvers": "platform", "expires_after": "PT8S"},
            "default": {"approvers": "platform", "expires_after": "PT24H"},
        },
        "remediation": {
            "enabled": True,
            "auto_classes": [
                {
                    "rules": ["aws-tags-*"],
                    "approved_by": APPROVER,
                    "reason": "cosmetic, restored from code",
                    "review_by": "2099-12-31",
                }
            ],
            "limits": {"percent_of_target": 10},
        },
    }
    (folder / "holdfast.yaml").write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    steering = ("PREFECT_", "HOLDFAST_", "AWS_", "TF_", "AZURE_", "SLACK_")
    environment = {
        **{name: value for name, value in given.items() if not name.startswith(steering)},
        "HOLDFAST_HOME": str(home),
        "HOLDFAST_ESTATE": str(folder / "holdfast.yaml"),
        "HOLDFAST_WRITER": "served",
        **(clouds or {}),
    }
    return Played(folder=folder, environment=environment)
