"""The taxonomy agrees with people who had not seen it, and where it does not, it errs towards a person."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from judged_blind import BLIND
from judged_blind_form import Blind

from tasks.detectors.aws_config import controls_of
from taxonomy import oracle
from taxonomy.direction import judge
from taxonomy.lint import classified_as
from taxonomy.oracle import Decision
from taxonomy.rule import canonical
from taxonomy.rulebook import load

NIST = "nist-800-53-r5:"


def row(blind: Blind) -> dict[str, Any]:
    of_config = controls_of(blind.attribute.removeprefix("config_rule."))
    return {
        "layer": blind.layer,
        "provider": blind.provider,
        "resource_type": blind.resource_type,
        "attribute": blind.attribute,
        "kind": blind.kind,
        "environment": "prod",
        "declared": canonical(blind.declared),
        "actual": canonical(blind.actual),
        "direction": judge(blind.resource_type, blind.attribute, blind.kind, blind.declared, blind.actual),
        "drift_class": blind.drift_class,
        "reported_severity": blind.reported_severity,
        "reported_controls": [*blind.reported_controls, *of_config],
        "tags": canonical(blind.tags),
    }


@cache
def decided() -> tuple[tuple[Blind, dict[str, Any], Decision], ...]:
    rulebook = load()
    rows = [(blind, row(blind)) for blind in BLIND]
    return tuple((blind, change, oracle.decide(change, rulebook)) for blind, change in rows)


def cites(controls: Iterable[str], wanted: tuple[str, ...]) -> bool:
    """Say whether one of the wanted controls is cited, or an enhancement of one."""
    cited = {control.removeprefix(NIST).partition("(")[0] for control in controls}
    return not cited.isdisjoint(wanted)


def agrees(blind: Blind, change: dict[str, Any], decision: Decision) -> dict[str, bool]:
    return {
        "tier": decision.tier in blind.tiers,
        "direction": change["direction"] in blind.directions,
        "severity": decision.severity in blind.severities,
        "controls": all(cites(decision.controls, wanted) for wanted in blind.controls),
    }


def agreement(layer: str | None = None) -> dict[str, float]:
    """Return the share of agreement, from 0 to 1, by what was asked; of all layers or of one."""
    told = [agrees(*each) for each in decided() if layer in {None, each[0].layer}]
    return {word: sum(one[word] for one in told) / len(told) for word in told[0]}


def test_nine_in_ten_tiers_are_what_people_said_who_had_not_seen_the_rules() -> None:
    for layer in (None, *sorted({blind.layer for blind in BLIND})):
        shares = ", ".join(f"{word} {share:.1%}" for word, share in agreement(layer).items())
        print(f"{layer or 'all layers'}: {shares}")  # noqa: T201  (`pytest -s` shows what the law only bounds)
    assert agreement()["tier"] >= 0.9


def test_nothing_is_put_right_by_itself_where_a_person_would_have_been_asked() -> None:
    assert [
        (blind.name, decision.rule_id)
        for blind, _, decision in decided()
        if decision.tier == "auto" and "auto" not in blind.tiers
    ] == []


def test_nothing_that_weakens_security_is_decided_without_a_person() -> None:
    weakened = [(b, d) for b, _, d in decided() if b.directions <= {"weakened", "unknown"}]
    assert len(weakened) >= 150
    assert [(b.name, d.rule_id) for b, d in weakened if d.tier != "review" and "record" not in b.tiers] == []


def test_nothing_that_weakens_security_is_called_a_hardening() -> None:
    assert [
        blind.name
        for blind, change, _ in decided()
        if change["direction"] == "strengthened" and blind.directions <= {"weakened", "unknown", "lateral"}
    ] == []


def test_the_sql_decides_every_seventh_of_them_as_the_oracle_does() -> None:
    some = decided()[::7]
    assert classified_as(load(), [change for _, change, _ in some]) == [
        decision.rule_id for _, _, decision in some
    ]


def test_the_table_that_was_judged_blindly_is_wide_enough_to_mean_something() -> None:
    names = [blind.name for blind in BLIND]
    assert len(names) == len(set(names))
    assert len(names) >= 260
    assert {blind.layer for blind in BLIND} == {"terraform", "aws_config", "azure_policy", "inspec"}
    terraform = [blind for blind in BLIND if blind.layer == "terraform"]
    assert len({blind.resource_type for blind in terraform if blind.provider == "aws"}) >= 70
    assert not [blind.name for blind in BLIND if blind.tiers == {"auto"} and blind.directions != {"lateral"}]
