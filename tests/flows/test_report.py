"""What a sweep prints: the contract's keys for programs, and tables that cut no digest for people."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from flows import report, sides, tables
from flows.swept import Swept
from flows.waived import lines
from taxonomy.drift import Drift, DriftChange
from taxonomy.holding import Listed, Shared, Unseen
from taxonomy.observation import Answer, Look, Observation, Suppressed
from taxonomy.route import Route
from taxonomy.waived import Waived

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
    "shared": {"resource_id", "part", "addresses"},
    "unseen": {"target", "resource_type", "reason"},
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


def beside(one: Swept, *, unseen: bool = True) -> Swept:
    """Return the sweep with what only the whole estate and its account tell."""
    shared = Shared(
        resource_id="arn:vpc", part="", addresses=("edge:aws_vpc.a", "network:aws_vpc.b"), names=("arn:vpc",)
    )
    missed = tuple(
        Unseen(resource_type=kind, reason="AWS denied it; grant it")
        for kind in ("aws_ecs_cluster", "aws_vpc")
    )
    listed = Listed(
        account="1", region=None, resource_types=frozenset(), untold=frozenset({"aws_x.y", "an alias"})
    )
    looks = tuple(
        replace(
            look,
            answer=replace(look.answer, shared=(shared,), listed=(listed,), unseen=missed if unseen else ()),
        )
        for look in one.observations
    )
    return replace(one, observations=(*looks, replace(looks[0], target="edge")))


def printed(one: Swept, width: int, **how: Any) -> str:
    out = io.StringIO()
    tables.print_tables(one, Console(file=out, width=width, force_terminal=False), **how)
    return out.getvalue()


def test_the_document_has_every_key_of_the_contract() -> None:
    document = json.loads(report.dumps(report.document(beside(swept(DRIFT)), code=2)))
    (drift,), (change,) = document["drift"], document["drift"][0]["changes"]
    parts = {
        "": document,
        "targets": document["targets"][0],
        "drift": drift,
        "changes": change,
        "suppressed": document["suppressed"][0],
        "shared": document["shared"][0],
        "unseen": document["unseen"][0],
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
    ("age", "said"),
    [
        (timedelta(hours=23), None),
        (timedelta(days=1), "clean (plan of 1 day ago)"),
        (timedelta(days=40), "clean (plan of 40 days ago)"),
    ],
)
def test_the_age_of_a_plan_that_was_made_elsewhere_is_shown(age: timedelta, said: str | None) -> None:
    seen = look("clean")
    made = seen.started_at - age
    one = replace(
        swept(outcome="clean"), observations=(replace(seen, answer=replace(seen.answer, made_at=made)),)
    )
    assert ("plan of" in printed(one, 160)) == (said is not None)
    assert said is None or said in printed(one, 160)
    told = report.document(one, code=0)["targets"][0]["plan_made_at"]
    assert datetime.fromisoformat(told) == made
    assert report.document(swept(), code=2)["targets"][0]["plan_made_at"] is None


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
        (beside(swept(outcome="clean")), None, 1),
        (beside(swept(outcome="clean"), unseen=False), None, 0),
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
    assert sides.shown(value).count("hmac-sha256:") == sides.shown(value).count(DIGEST)


def test_a_long_value_is_cut_and_says_so() -> None:
    assert sides.shown("x" * 200) == "x" * 59 + "…"
    assert sides.shown("x" * 60) == "x" * 60


@pytest.mark.parametrize("width", [80, 120])
def test_no_name_or_value_steers_the_terminal(width: int) -> None:
    change = replace(CHANGE, attribute=f"tags.{ESCAPE}[/red]", actual=f"v{ESCAPE}\u202e")
    one = replace(DRIFT, address=f"x{ESCAPE}[/bold]", changes=(change,))
    text = printed(swept(one), width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x\\x1b[2J" in text


def test_where_a_drift_is_declared_stands_below_it_file_by_file() -> None:
    changes = [
        replace(CHANGE, attribute="b", source_line=9),
        replace(CHANGE, attribute="c", source_file=f"a{ESCAPE}.tf", source_line=3),
        replace(CHANGE, attribute="d", source_file=None, source_line=None),
    ]
    one = replace(DRIFT, changes=(CHANGE, *changes))
    text = printed(swept(one), 200)
    assert (
        "seen by terraform, aws_config; in code a\\x1b[2J\\x1b[1A.tf:3 edge/main.tf:9,12; NIST SC-7" in text
    )
    assert tables.in_code(changes[-1:]) == ""
    assert "seen by terraform, aws_config; NIST SC-7" in printed(
        swept(replace(one, changes=changes[-1:])), 200
    )


def test_whoever_decides_sees_both_sides_and_the_line_of_code() -> None:
    assert list(sides.both_sides(CHANGE)) == ['declared  "a"', 'actual    "b"', "in code   edge/main.tf:12"]
    assert len(list(sides.both_sides(replace(CHANGE, source_file=None)))) == 2


def test_a_list_of_two_hundred_elements_stays_readable_and_loses_nothing_in_the_document() -> None:
    wide = [{"cidr_blocks": [f"10.0.{number}.0/24"], "from_port": 443} for number in range(200)]
    opened = {"cidr_blocks": ["0.0.0.0/0"], "from_port": 22}
    one = replace(DRIFT, changes=(replace(CHANGE, declared=wide, actual=[*wide[1:], opened]),))
    text = printed(swept(one), 120)
    assert len(text.splitlines()) < 20
    assert ("0.0.0.0/0" in text, "10.0.0.0/24" in text, "10.0.1.0/24" in text) == (True, True, False)
    ((change,),) = [drift["changes"] for drift in report.document(swept(one), code=2)["drift"]]
    assert (len(change["declared"]), len(change["actual"])) == (200, 200)
    assert (change["added"], change["removed"]) == ([opened], wide[:1])
    lines = list(sides.side_lines(wide, [*wide[1:], opened]))
    assert lines[:2] == ["declared  200 elements", "actual    200 elements"]
    assert [line.split()[0] for line in lines[2:]] == ["removed", "added"]
    assert sides.shown(wide).endswith("} and 199 more")


def test_policies_show_the_statements_that_were_added_and_removed() -> None:
    read, door = {"Action": "s3:Get*", "Effect": "Allow"}, {"Action": "*", "Effect": "Allow"}
    narrow = json.dumps({"Statement": read, "Version": "v"})
    wide = json.dumps({"Statement": [door, read], "Version": "v"})
    assert report.parts_document(narrow, wide) == {"added": [door], "removed": []}
    assert report.parts_document("a", "b") == {"added": None, "removed": None}
    assert report.parts_document([1, 1], [1]) == {"added": [], "removed": [1]}


def test_unapplied_code_is_told_apart_and_is_no_drift() -> None:
    waits = Suppressed(
        target="network",
        address="aws_vpc.main",
        attribute="tags.Cost",
        category="unapplied",
        reason="unapplied code: the code changed, what is live did not",
    )
    one = swept(outcome="clean")
    (seen,) = one.observations
    answer = replace(seen.answer, suppressed=(*seen.answer.suppressed, waits))
    one = replace(one, observations=(replace(seen, answer=answer),))
    document = report.document(one, code=report.exit_code(one, None))
    (target,) = document["targets"]
    assert (document["exit_code"], target["outcome"], target["drifted"]) == (0, "clean", 0)
    assert (target["unapplied"], target["suppressed"]) == (1, 2)
    assert target["suppressed_by"] == {"unapplied": 1, "noise": 1}
    assert [row["attribute"] for row in document["unapplied"]] == ["tags.Cost"]
    assert [row["category"] for row in document["suppressed"]] == ["noise", "unapplied"]
    text = printed(one, 120)
    assert "unapplied code, which is no drift: somebody has yet to apply it" in text
    assert "  network  aws_vpc.main: tags.Cost" in text
    assert "suppressed: 1 unapplied, 1 noise; --suppressed lists them" in text
    assert "provider noise" not in text
    listed = printed(one, 120, suppressed=True).splitlines()
    assert "  noise  network  aws_x.y  tags_all: provider noise" in listed
    assert "suppressed: 1 unapplied, 1 noise" in listed


def test_lists_show_only_what_differs() -> None:
    assert sides.differing([1, 2, 3], [2, 3, 4]) == ([1], [4])
    assert sides.differing([1], [1, 2]) == (None, [2])
    assert sides.differing("a", [1]) == ("a", [1])


def test_what_could_not_be_looked_at_is_named_at_the_end() -> None:
    text = printed(swept(outcome="could-not-look"), 120)
    assert "0 open drift seen now; could not look at network: how it is now, nobody knows" in text
    assert "network: no answer" in text.splitlines()


def test_what_could_not_be_looked_for_and_what_stands_twice_is_said_in_the_tables() -> None:
    lines = printed(beside(swept(outcome="clean")), 200).splitlines()
    assert "network: could not look for undeclared aws_ecs_cluster, aws_vpc: AWS denied it; grant it" in lines
    assert "network: could not look whether 1 live resource is unmanaged; the suppressed say why" in lines
    assert [line for line in lines if "arn:vpc" in line] == ["  arn:vpc: edge:aws_vpc.a, network:aws_vpc.b"]


def test_open_drift_of_earlier_looks_is_no_absence_of_drift_where_nobody_could_look() -> None:
    one = replace(swept(outcome="could-not-look"), unlooked=(DRIFT, DRIFT))
    text = printed(one, 160)
    assert "0 open drift seen now; 2 open from earlier looks; could not look at network" in text
    (first, _) = report.document(one, code=1)["unlooked"]
    assert first == {"drift_id": "d" * 32, "severity": "critical", "targets": ["network", "acme-eu"]}


def test_parts_that_stand_twice_are_folded_into_their_resource_below_the_drift() -> None:
    whole = [Shared(resource_id=f"r{n:02}", part="", addresses=("a:x", "b:x"), names=()) for n in range(12)]
    parts = [Shared(resource_id="r00", part=part, addresses=("a:y", "b:y"), names=()) for part in ("p", "q")]
    (seen,) = swept().observations
    shared = replace(seen, answer=replace(seen.answer, shared=(*whole, *parts)))
    lines = printed(replace(swept(DRIFT), observations=(shared,)), 160).splitlines()
    told = [line for line in lines if "stand twice" in line]
    assert len(told) == 1
    after = lines[lines.index(told[0]) + 1 :]
    assert after[0] == "  r00: a:x, b:x and 2 of its parts"
    assert after[9:11] == ["  r09: a:x, b:x", "  and 2 more; -o json lists all"]
    assert any("seen by" in line for line in lines[: lines.index(told[0])])


def test_a_missing_part_of_a_resource_that_is_there_is_said_to_be_the_part() -> None:
    part = replace(CHANGE, attribute="aws_s3_bucket_policy", kind="missing")
    text = " ".join(printed(swept(replace(DRIFT, changes=(part,))), 200).split())
    assert "aws_s3_bucket_policy (missing)" in text


def test_the_outcome_of_a_look_is_never_cut_at_eighty_columns() -> None:
    (seen,) = swept(outcome="could-not-look").observations
    one = replace(seen, target="payments-production-eu-west", layer="azure_policy")
    assert "could-not-look" in printed(replace(swept(), observations=(one,)), 80)


def test_a_first_look_that_found_drift_says_that_it_left_no_baseline() -> None:
    text = " ".join(printed(replace(swept(DRIFT), unsealed=("network",)), 80).split())
    assert "network: no baseline yet, so drift that an apply absorbs can't be seen" in text


def waived(sort: Any, **more: Any) -> Swept:
    """Return a sweep whose one drift, a critical one, is waived whole."""
    one = Waived(id="ours", sort=sort, standing="holds", approver="ada", expires=NOW, waived=1, **more)
    drift = replace(DRIFT, state="waived", changes=(replace(CHANGE, waived_by="ours"),))
    return replace(swept(drift), waivings=(one,))


@pytest.mark.parametrize("sort", ["waiver", "decision", "noise"])
def test_what_would_be_critical_is_named_in_every_report_and_is_no_open_drift(sort: Any) -> None:
    document = report.document(waived(sort), code=0)
    assert document["waived"][sort] == {"critical": 1, "high": 0, "medium": 0, "low": 0, "info": 0}
    assert document["waived"]["would_be_critical"] == [
        {
            "drift_id": DRIFT.drift_id,
            "resource_id": DRIFT.resource_id,
            "attribute": "ingress",
            "direction": "weakened",
            "waived_by": "ours",
            "approver": "ada",
            "expires": "2026-11-23T09:30:00Z",
        }
    ]
    assert document["summary"]["critical"] == 0
    told = " ".join(printed(waived(sort), 400).split())
    assert "1 (1 critical)" in told
    assert (
        f"would be critical, but ours waives it until 2026-11-23T09:30:00Z: {DRIFT.resource_id} ingress"
        in told
    )


def test_a_table_counts_what_noise_rules_hide_and_lists_it_where_it_is_asked_for() -> None:
    address = str(DRIFT.address)
    assert address not in printed(waived("noise"), 400)
    assert address in printed(waived("noise"), 400, suppressed=True)
    assert "(waived by ours)" in printed(waived("waiver"), 400)


@pytest.mark.parametrize(
    ("standing", "soon", "told"),
    [
        ("expired", False, "waiver ours (f.yaml:3): expired: why"),
        ("refused", False, "waiver ours (f.yaml:3): refused: why"),
        ("moved", False, "waiver ours (f.yaml:3): moved: why"),
        (
            "idle",
            True,
            "waiver ours (f.yaml:3): ends 2026-11-23T09:30:00Z; platform has to end the drift, or renew it",
        ),
        ("idle", False, None),
        ("holds", False, None),
    ],
)
def test_a_waiver_that_somebody_has_to_do_something_about_is_told(
    standing: Any, soon: Any, told: Any
) -> None:
    one = Waived(
        id="ours",
        sort="waiver",
        standing=standing,
        why="why",
        owner="platform",
        expires=NOW,
        place="f.yaml:3",
        soon=soon,
    )
    assert [line for line, _ in lines(replace(swept(), waivings=(one,)))] == ([told] if told else [])
