"""What a sweep leaves behind: every control of every look, drift, what is gone, and one baseline."""

from dataclasses import replace
from datetime import timedelta

import pytest
from house import House
from made import BUCKET, NOW, finding, seen

from evidence.verify import verify
from tasks.population import controls_looked_at
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Suppressed
from taxonomy.rulebook import Rulebook

DAY = timedelta(days=1)
LIVE = {"aws_s3_bucket.ledger": {"resource_id": BUCKET, "resource_type": "aws_s3_bucket", "attributes": {}}}


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
