"""What a sweep leaves behind: every control of every look, drift, what is gone, and one baseline."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from house import House
from made import BUCKET, NOW, change, finding, seen

from evidence.verify import verify
from tasks.population import controls_looked_at
from tasks.terraform.baseline import Baseline
from taxonomy.holding import Listed, Shared, Unseen
from taxonomy.observation import Finding, Suppressed
from taxonomy.rulebook import Rulebook

DAY = timedelta(days=1)
LIVE = {"aws_s3_bucket.ledger": {"resource_id": BUCKET, "resource_type": "aws_s3_bucket", "attributes": {}}}


ACCOUNT = "123456789012"
LISTED = Listed(account=ACCOUNT, region=None, resource_types=frozenset({"aws_s3_bucket"}), live=1)


def stray() -> Finding:
    unmanaged = change("resource", None, {"name": "acme-ledger"}, kind="unmanaged", drift_class=None)
    return finding(BUCKET, unmanaged, account=ACCOUNT, aliases=("AWS::S3::Bucket/acme-ledger",))


def outcomes(house: House, target: str) -> set[object]:
    rows = house.ask(f"SELECT DISTINCT outcome FROM records WHERE step = 'swept' AND target = '{target}'")  # noqa: S608
    return {row[0] for row in rows}


def count(house: House, where: str) -> int:
    ((found,),) = house.ask(f"SELECT count(DISTINCT record_id) FROM records WHERE {where}")  # noqa: S608
    return int(str(found))


def test_every_control_of_a_clean_look_leaves_a_row(house: House, builtin: Rulebook) -> None:
    clean = seen(looked_at=(BUCKET,), controls=("soc2:CC8.1",))
    replace(house, rulebook=builtin).sweep(clean)
    rows = house.ask("SELECT framework || ':' || control_id, outcome FROM records WHERE step = 'swept'")
    controls = controls_looked_at(builtin, clean)
    assert "soc2:CC8.1" in controls
    assert len(controls) > 50
    assert set(rows) == {(control, "clean") for control in controls}


def test_a_target_that_could_not_be_looked_at_is_never_clean(house: House) -> None:
    house.sweep(seen(target="blind", outcome="could-not-look"), seen(target="network"))
    assert outcomes(house, "blind") == {"could-not-look"}
    assert outcomes(house, "network") == {"clean"}
    reasons = house.ask("SELECT DISTINCT reason FROM records WHERE target = 'blind'")
    assert reasons == [("the tool did not answer",)]


def test_drift_marks_its_own_controls_drifted_and_leaves_the_others_clean(house: House) -> None:
    (found,), _ = house.sweep(seen(finding()))
    drifted = house.ask(
        "SELECT framework || ':' || control_id FROM records WHERE step = 'swept' AND outcome = 'drifted'"
    )
    assert {row[0] for row in drifted} == set(found.controls)
    assert outcomes(house, "network") == {"clean", "drifted"}
    assert count(house, "step = 'detected'") == 1
    verify(house.root, trust=house.trust)


def test_a_drift_is_gone_only_when_every_target_that_saw_it_was_looked_at(house: House) -> None:
    both = seen(finding()), seen(finding(), target="eu", layer="aws_config")
    (found,), gone = house.sweep(*both)
    assert gone == ()
    partial = house.at(NOW + DAY)
    assert partial.sweep(seen())[1] == ()
    assert partial.sweep(seen(), seen(target="eu", layer="aws_config", outcome="could-not-look"))[1] == ()
    assert partial.memory.pasts[found.drift_id].closed is False
    _, gone = house.at(NOW + 2 * DAY).sweep(seen(), seen(target="eu", layer="aws_config"))
    assert [one.drift_id for one in gone] == [found.drift_id]
    past = house.memory.pasts[found.drift_id]
    assert (past.closed, past.last_state, past.episode) == (True, "gone", 2)
    assert house.at(NOW + 3 * DAY).sweep(seen(), seen(target="eu", layer="aws_config"))[1] == ()
    assert count(house, "step = 'closed'") == 1


def test_a_drift_that_comes_back_is_a_new_episode(house: House) -> None:
    (first,), _ = house.sweep(seen(finding()))
    house.at(NOW + DAY).sweep(seen())
    (second,), _ = house.at(NOW + 2 * DAY).sweep(seen(finding()))
    assert (first.drift_id, first.episode) == (second.drift_id, 1)
    assert second.episode == 2
    assert house.memory.pasts[first.drift_id].closed is False


def test_a_look_counts_what_it_put_aside_and_why(house: House) -> None:
    aside = [
        Suppressed(target="network", address="a", attribute=str(number), category=category, reason="so")
        for number, category in enumerate(("noise", "unapplied", "noise"))
    ]
    house.sweep(seen(suppressed=tuple(aside)))
    counted = house.ask(
        "SELECT DISTINCT details->>'unapplied', details->>'suppressed', details->>'$.suppressed_by.noise' "
        "FROM records WHERE step = 'swept'"
    )
    assert counted == [("1", "3", "2")]


@pytest.mark.parametrize("outcome", ["drifted", "could-not-look", None])
def test_only_a_first_clean_look_seals_a_baseline_and_only_once(house: House, outcome: str | None) -> None:
    if outcome == "drifted":
        house.sweep(seen(finding(), live=LIVE))
    elif outcome is None:
        house.sweep(seen(live={}))
    else:
        house.sweep(seen(live=LIVE, outcome="could-not-look"))
    assert house.memory.baselines == {}
    for number in (1, 2):
        house.at(NOW + number * DAY).sweep(seen(live=LIVE, at=NOW + number * DAY))
    assert count(house, "step = 'baselined'") == 1
    taken = house.memory.baselines["network"]
    assert isinstance(taken, Baseline)
    assert taken.taken_at == NOW + DAY


@pytest.mark.parametrize(
    "listed",
    [
        (),
        (replace(LISTED, account="210987654321"),),
        (replace(LISTED, region="eu-west-1"),),
        (replace(LISTED, resource_types=frozenset({"aws_sns_topic"})),),
        (replace(LISTED, untold=frozenset({BUCKET})),),
        (replace(LISTED, untold=frozenset({"AWS::S3::Bucket/acme-ledger"})),),
    ],
    ids=["nothing was listed", "another account", "another region", "another kind", "untold", "untold alias"],
)
def test_an_unmanaged_resource_is_not_gone_on_the_strength_of_a_look_that_could_not_tell(
    house: House, listed: tuple[Listed, ...]
) -> None:
    (found,), _ = house.sweep(seen(stray(), listed=(LISTED,)))
    assert house.at(NOW + DAY).sweep(seen(listed=listed))[1] == ()
    assert house.memory.pasts[found.drift_id].closed is False


def test_an_unmanaged_resource_that_a_whole_look_no_longer_finds_is_gone(house: House) -> None:
    (found,), _ = house.sweep(seen(stray(), listed=(LISTED,)))
    assert house.at(NOW + DAY).sweep(seen(listed=(LISTED,), outcome="could-not-look"))[1] == ()
    _, gone = house.at(NOW + 2 * DAY).sweep(seen(listed=(LISTED,)))
    assert [one.drift_id for one in gone] == [found.drift_id]


def test_what_is_live_beside_a_workspace_does_not_keep_its_baseline_from_being_sealed(house: House) -> None:
    house.sweep(seen(stray(), live=LIVE, listed=(LISTED,)))
    assert house.memory.baselines.keys() == {"network"}
    other = house.at(NOW + DAY)
    other.sweep(seen(stray(), finding("arn:aws:s3:::other"), target="edge", live=LIVE))
    assert other.memory.baselines.keys() == {"network"}


def test_the_evidence_tells_what_was_listed_what_was_not_and_what_stands_twice(house: House) -> None:
    shared = Shared(
        resource_id=BUCKET, part="", addresses=("edge:aws_x.a", "network:aws_x.b"), names=(BUCKET,)
    )
    unseen = Unseen(resource_type="aws_kms_key", reason="AWS denied ListKeys")
    house.sweep(seen(listed=(LISTED,), unseen=(unseen,), shared=(shared,)), seen(target="edge"))
    rows = house.ask("SELECT DISTINCT target, details FROM records WHERE step = 'swept' ORDER BY target")
    edge, network = (json.loads(str(row[1])) for row in rows)
    assert network["listed"] == [
        {
            "account": ACCOUNT,
            "region": None,
            "resource_types": ["aws_s3_bucket"],
            "live": 1,
            "untold": 0,
        }
    ]
    assert network["unseen"] == [{"resource_type": "aws_kms_key", "reason": "AWS denied ListKeys"}]
    assert network["shared"] == [{"resource_id": BUCKET, "addresses": ["edge:aws_x.a", "network:aws_x.b"]}]
    assert not {"listed", "unseen", "shared"} & edge.keys()
