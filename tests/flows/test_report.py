"""What a sweep prints: the contract's keys for programs, and tables that cut no digest for people."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from flows import report
from flows.swept import Swept
from taxonomy.drift import Drift, DriftChange
from taxonomy.observation import Answer, Look, Observation, Suppressed
from taxonomy.route import Route

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DIGEST = "hmac-sha256:3e4c226f:" + "0123456789abcdef" * 4
ESCAPE = "\x1b[2J\x1b[1A"

CHANGE = DriftChange(
    attribute="ingress",
    kind="changed",
    declared="a",
    actual="b",
    redacted=False,
    drift_class="A",
    layer="terraform",
    direction="weakened",
    severity="critical",
    tier="review",
    rule_id="aws-network-001",
    controls=("nist-800-53-r5:SC-7",),
    source_file="edge/main.tf",
    source_line=12,
)
DRIFT = Drift(
    drift_id="d" * 32,
    fingerprint="f" * 64,
    episode=1,
    state="open",
    kind="changed",
    resource_id="arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
    resource_type="aws_security_group",
    address='module.edge.aws_security_group.web["a"]',
    aliases=("sg-1",),
    provider="aws",
    account="123456789012",
    region="eu-west-1",
    environment="prod",
    layers=("terraform", "aws_config"),
    targets=("network", "acme-eu"),
    severity="critical",
    tier="review",
    direction="weakened",
    rule_id="aws-network-001",
    because="The declared sources are the boundary.",
    remedy="terraform-apply",
    controls=("nist-800-53-r5:SC-7",),
    changes=(CHANGE,),
)

KEYS = {
    "": {
        "estate",
        "sweep_id",
        "started_at",
        "ended_at",
        "exit_code",
        "targets",
        "drift",
        "suppressed",
        "summary",
    },
    "targets": {"name", "layer", "outcome", "reason", "drifted", "suppressed", "seconds"},
    "drift": {
        "drift_id",
        "episode",
        "fingerprint",
        "state",
        "kind",
        "resource_id",
        "resource_type",
        "address",
        "aliases",
        "provider",
        "account",
        "region",
        "layers",
        "targets",
        "severity",
        "tier",
        "direction",
        "rule_id",
        "because",
        "controls",
        "changes",
        "author",
    },
    "changes": {
        "attribute",
        "declared",
        "actual",
        "redacted",
        "class",
        "layer",
        "direction",
        "severity",
        "rule_id",
        "source",
    },
    "suppressed": {"target", "address", "attribute", "reason"},
    "author": {"name", "confidence"},
    "source": {"file", "line"},
    "summary": {"critical", "high", "medium", "low", "info"},
}


def look(outcome: Look = "drifted") -> Observation:
    noise = Suppressed(
        target="network",
        address="aws_x.y",
        attribute="tags_all",
        category="noise",
        reason="provider noise",
    )
    return Observation(
        target="network",
        layer="terraform",
        environment=None,
        outcome=outcome,
        reason="no answer" if outcome == "could-not-look" else None,
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=8.1),
        answer=Answer(suppressed=(noise,), looked_at=("a", "b")),
    )


def swept(*drifts: Drift, outcome: Look = "drifted") -> Swept:
    route = Route(kind="review", reason="why")
    return Swept(
        sweep_id="s",
        estate="acme",
        started_at=NOW,
        ended_at=NOW,
        observations=(look(outcome),),
        drifts=tuple((one, route) for one in drifts),
        gone=(),
        branches={},
    )


def printed(one: Swept, width: int) -> str:
    out = io.StringIO()
    report.print_tables(one, Console(file=out, width=width, force_terminal=False))
    return out.getvalue()


def test_the_document_has_every_key_of_the_contract() -> None:
    document = json.loads(report.dumps(report.document(swept(DRIFT), code=2)))
    (drift,), (change,) = document["drift"], document["drift"][0]["changes"]
    parts = {
        "": document,
        "targets": document["targets"][0],
        "drift": drift,
        "changes": change,
        "suppressed": document["suppressed"][0],
        "author": drift["author"],
        "source": change["source"],
        "summary": document["summary"],
    }
    for name, keys in KEYS.items():
        assert keys <= set(parts[name]), name
    assert document["started_at"] == "2026-11-23T09:30:00Z"
    assert document["targets"][0]["seconds"] == 8.1
    assert (change["class"], change["source"]) == ("A", {"file": "edge/main.tf", "line": 12})
    assert document["summary"] == {"critical": 1, "high": 0, "medium": 0, "low": 0, "info": 0}


@pytest.mark.parametrize(
    ("one", "fail_on", "code"),
    [
        (swept(outcome="clean"), None, 0),
        (swept(DRIFT), None, 2),
        (swept(DRIFT), "critical", 3),
        (swept(replace(DRIFT, severity="high")), "critical", 2),
        (swept(replace(DRIFT, severity="low")), "info", 3),
        (swept(replace(DRIFT, state="waived")), "info", 0),
        (swept(replace(DRIFT, state="rejected")), None, 2),
        (swept(DRIFT, outcome="could-not-look"), "info", 1),
        (swept(outcome="could-not-look"), None, 1),
    ],
)
def test_the_first_that_holds_of_the_exit_codes_counts(one: Swept, fail_on: Any, code: int) -> None:
    assert report.exit_code(one, fail_on) == code


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    "value",
    [
        DIGEST,
        [DIGEST],
        [DIGEST, DIGEST],
        {"a": "x" * 30, "b": DIGEST, "c": "y" * 90},
        f"{'z' * 50} {DIGEST} end",
    ],
    ids=["alone", "in a list", "twice", "in the middle", "in text"],
)
def test_a_table_never_cuts_inside_a_digest_of_a_secret(width: int, value: Any) -> None:
    one = replace(DRIFT, changes=(replace(CHANGE, declared=value, actual=None, redacted=True),))
    # a digest is folded over lines, never shortened
    text = "".join(printed(swept(one), width).split()).replace("↓nothing", "")
    assert DIGEST in text
    assert report.shown(value).count("hmac-sha256:") == report.shown(value).count(DIGEST)


def test_a_long_value_is_cut_and_says_so() -> None:
    assert report.shown("x" * 200) == "x" * 59 + "…"
    assert report.shown("x" * 60) == "x" * 60


@pytest.mark.parametrize("width", [80, 120])
def test_no_name_or_value_steers_the_terminal(width: int) -> None:
    change = replace(CHANGE, attribute=f"tags.{ESCAPE}[/red]", actual=f"v{ESCAPE}\u202e")
    one = replace(DRIFT, address=f"x{ESCAPE}[/bold]", changes=(change,))
    text = printed(swept(one), width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x\\x1b[2J" in text


def test_lists_show_only_what_differs() -> None:
    assert report.differing([1, 2, 3], [2, 3, 4]) == ([1], [4])
    assert report.differing([1], [1, 2]) == (None, [2])
    assert report.differing("a", [1]) == ("a", [1])


def test_what_could_not_be_looked_at_is_named_at_the_end() -> None:
    text = printed(swept(outcome="could-not-look"), 120)
    assert "could not look at network: nothing is known of it" in text
    assert "network: no answer" in text.splitlines()
