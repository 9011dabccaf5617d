"""What a person is shown before accepting a state: what is new in it, and what code contradicts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from made import NOW

from tasks.accept import NAMED, Proposal, _newly, propose
from tasks.baselines import Held, Standing
from tasks.errors import ApprovalError, ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.baseline import Approved, Baseline
from taxonomy.target import AwsConfigTarget, TerraformTarget

PLANS = Path(__file__).parents[2] / "examples" / "recorded"
ROLE = "aws_iam_role.ledger_writer"
TOPIC = "aws_sns_topic.alerts"
TOKEN = "aws_ssm_parameter.feed_token"
KEY = b"a key of the tests, 32 bytes long"

Propose = Callable[..., Proposal]


@pytest.fixture
def proposed(tmp_path: Path) -> Propose:
    def of(plan: str, held: Held) -> Proposal:
        return propose(
            TerraformTarget(name="plan", plan_json=PLANS / plan),
            held,
            reach=Reach(scratch=tmp_path),
            redactor=Redactor(KEY),
            now=NOW,
        )

    return of


def held(baseline: Baseline) -> Held:
    standing = Standing(sha256="a" * 64, at=NOW, acceptance=None, decision_sha256=None, first=baseline)
    return Held(target="plan", standing=standing)


def test_without_a_baseline_everything_is_new(proposed: Propose) -> None:
    proposal = proposed("clean.json", Held(target="plan"))
    assert set(proposal.added) == set(proposal.baseline.resources)
    assert (proposal.changed, proposal.moved, proposal.dropped) == ((), (), ())


def test_what_is_as_approved_is_not_new(proposed: Propose) -> None:
    proposal = proposed("clean.json", held(proposed("clean.json", Held(target="plan")).baseline))
    assert (proposal.changed, proposal.added, proposal.moved, proposal.dropped) == ((), (), (), ())


def test_each_difference_to_what_was_approved_is_shown_once(proposed: Propose) -> None:
    live = dict(proposed("clean.json", Held(target="plan")).baseline.resources)
    role = live[ROLE]
    before = {
        **{address: one for address, one in live.items() if address not in (ROLE, TOPIC, TOKEN)},
        ROLE: replace(role, attributes={**role.attributes, "description": "as approved"}, digest=""),
        "aws_sns_topic.horns": live[TOPIC],
        "aws_vpc.old": Approved(resource_id="v", resource_type="aws_vpc", attributes={"id": "v"}),
    }
    baseline = Baseline(target="plan", taken_at=NOW, resources=before)
    proposal = proposed("clean.json", held(baseline))
    assert [(one.address, one.attribute, one.before) for one in proposal.changed] == [
        (ROLE, "description", "as approved")
    ]
    assert proposal.added == (TOKEN,)
    assert proposal.moved == (("aws_sns_topic.horns", TOPIC),)
    assert proposal.dropped == ("aws_vpc.old",)


def test_a_mark_that_is_newer_than_what_was_approved_is_no_change(proposed: Propose) -> None:
    live = proposed("clean.json", Held(target="plan")).baseline.resources
    (name,) = [key for key, value in live[TOKEN].attributes.items() if str(value).startswith("hmac-")]
    for value, changed in (("unmasked-once", []), ("another", [name])):
        redactor = Redactor(KEY)
        digest, _ = redactor.conceal(
            "unmasked-once", resource=live[TOKEN].resource_id, attribute=name, sensitive=True
        )
        before = replace(live[TOKEN], attributes={**live[TOKEN].attributes, name: value})
        after = replace(live[TOKEN], attributes={**live[TOKEN].attributes, name: digest})
        assert [one.attribute for one in _newly(TOKEN, before, after, redactor)] == changed
        assert value not in repr(list(_newly(TOKEN, before, after, redactor)))


def test_what_the_code_says_otherwise_is_refused_with_a_list(proposed: Propose) -> None:
    with pytest.raises(ApprovalError) as refused:
        proposed("drifted.json", Held(target="plan"))
    said = str(refused.value)
    assert "aws_security_group.web ingress" in said
    assert said.count(";") <= NAMED
    assert said.endswith("put it right, or change the code and apply it, then accept")


def test_only_terraform_has_a_state_to_accept(tmp_path: Path) -> None:
    target = AwsConfigTarget(name="eu", account="123456789012", region="eu-west-1")
    redactor = Redactor(b"a key of the tests, 32 bytes long")
    with pytest.raises(ToolError, match="only Terraform targets have a baseline"):
        propose(target, Held(target="eu"), reach=Reach(scratch=tmp_path), redactor=redactor, now=NOW)
