"""Branches that put right what they were allowed to, with the real Terraform against a simulated cloud."""

from typing import Any

import pytest
from shop import LOGS, Shop

pytestmark = [pytest.mark.prefect, pytest.mark.terraform]

IN_ORDER = ["snapshotted", "previewed", "asked", "decided", "remediated", "verified", "closed"]


def found(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(drift for drift in document["drift"] if drift["resource_id"].rstrip(":*").endswith(name))


def test_what_is_approved_is_put_right_and_what_moved_since_is_not_overwritten(shop: Shop) -> None:
    served = shop.served
    shop.retain(7)
    drift = found(served.estate.sweep("shop"), LOGS)["drift_id"]
    first = served.question(drift)
    run = first.question.run_id

    # somebody changes it again after the preview: what is live now is not what was approved
    shop.retain(1)
    shop.approve(first)
    served.prefect.until(run, "Stale")
    assert shop.retention() == 1
    told = [(step.step, step.outcome) for step in served.estate.steps(drift) if step.run_id == run]
    assert told[-1] == ("refused", "stale")

    # the next sweep sees what is there now, and asks about that
    again = found(served.estate.sweep("shop"), LOGS)
    assert again["fingerprint"] != first.question.fingerprint
    second = served.question(drift)
    shop.approve(second)
    served.prefect.until(second.question.run_id, "Restored")
    assert shop.retention() == 365
    steps = [step.step for step in served.estate.steps(drift) if step.run_id == second.question.run_id]
    assert steps == IN_ORDER
    served.estate.verify()


def test_an_approved_class_is_put_right_without_a_person_and_no_more_of_it_than_the_limit(shop: Shop) -> None:
    served = shop.served
    shop.retag("front", "growth")
    shop.retag("back", "growth")
    document = served.estate.sweep("shop")
    drifts = {name: found(document, f"shop-{name}") for name in ("front", "back")}
    # of three resources, a tenth is one: the other waits for a person
    assert sorted(drift["route"] for drift in drifts.values()) == ["auto", "review"]
    by_route = {drift["route"]: name for name, drift in drifts.items()}
    free, held = by_route["auto"], by_route["review"]
    (run,) = served.prefect.runs(drifts[free]["drift_id"])
    served.prefect.until(run["id"], "Restored")
    question = served.question(drifts[held]["drift_id"])
    assert (shop.owner(free), shop.owner(held)) == ("shop", "growth")
    assert not [s for s in served.estate.steps(drifts[free]["drift_id"]) if s.step in {"asked", "decided"}]
    over = [s for s in served.estate.steps(drifts[held]["drift_id"]) if s.outcome == "over-limit"]
    assert len(over) == 1
    shop.approve(question)
    served.prefect.until(question.question.run_id, "Restored")
    assert shop.owner(held) == "shop"
