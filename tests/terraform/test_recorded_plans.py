"""What is told of plans that real Terraform wrote, against mutations judged by hand."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from mutations import MUTATIONS, SECRETS

from tasks.detectors.terraform import RawPlan, parse
from tasks.errors import ToolError
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Answer, Finding
from taxonomy.target import TerraformTarget

pytestmark = pytest.mark.samples

TAKEN = datetime(2026, 11, 23, 4, 23, tzinfo=UTC)
Recorded = Callable[[str], RawPlan]


@pytest.fixture(scope="module")
def clean(recorded: Recorded, target: TerraformTarget, redactor: Redactor) -> Answer:
    return parse(recorded("clean.json"), target, redactor=redactor)


@pytest.fixture(scope="module")
def baseline(clean: Answer) -> Baseline:
    return Baseline.of("recorded", clean.live, taken_at=TAKEN)


def rows(findings: Iterable[Finding]) -> list[tuple[str, str, str | None, str]]:
    """Return (address, attribute, class, kind) of every change, sorted."""
    return sorted(
        (
            str(change.source).removeprefix("recorded:"),
            change.attribute,
            change.drift_class or "",
            change.kind,
        )
        for finding in findings
        for change in finding.changes
    )


def test_a_plan_without_mutations_has_no_drift(clean: Answer) -> None:
    assert clean.findings == ()
    assert [(one.attribute, one.reason) for one in clean.suppressed] == [
        ("latest_restorable_time", "the cloud moves it by itself")
    ]


@pytest.mark.parametrize("against", ["state", "baseline"])
def test_every_mutation_that_a_plan_can_show_is_told_once_and_in_its_class(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor, baseline: Baseline, against: str
) -> None:
    expected = sorted(row for told in MUTATIONS.values() for row in told)
    answer = parse(
        recorded("drift-44-kinds.json"),
        target,
        redactor=redactor,
        baseline=baseline if against == "baseline" else None,
    )
    assert len(MUTATIONS) == 44
    assert rows(answer.findings) == expected


def test_sub_resources_are_told_at_their_parent(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("drift-44-kinds.json"), target, redactor=redactor)
    bucket = next(one for one in answer.findings if one.resource_id == "arn:aws:s3:::acme-data-bucket")
    assert bucket.resource_type == "aws_s3_bucket"
    assert bucket.address == "aws_s3_bucket.data"
    assert "recorded:aws_s3_bucket_policy.data" in bucket.aliases
    assert len({one.resource_id for one in answer.findings}) == len(answer.findings)


def test_what_a_bucket_repeats_of_its_parts_is_suppressed_and_says_so(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("drift-44-kinds.json"), target, redactor=redactor)
    reasons = {(one.address, one.attribute): one.reason for one in answer.suppressed}
    assert reasons["aws_s3_bucket.data", "policy"] == "repeats aws_s3_bucket_policy.data"
    assert reasons["aws_vpc.main", "tags_all.Extra"] == "tags_all repeats tags"


def test_of_a_thousand_resources_only_the_42_mutated_ones_are_told(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("big-1000.json.gz"), target, redactor=redactor)
    assert len(answer.findings) == 42
    assert len(answer.looked_at) == 1000
    kinds = [change.kind for finding in answer.findings for change in finding.changes]
    assert kinds.count("missing") == 2
    assert kinds.count("changed") == 40
    assert len({one.address for one in answer.suppressed if one.attribute == "tags"}) == 748


def test_no_secret_of_code_or_cloud_leaves_the_parser(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    text = repr(parse(recorded("drift-44-kinds.json"), target, redactor=redactor))
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_changed_secret_still_shows_as_changed(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("drift-44-kinds.json"), target, redactor=redactor)
    change = next(
        change
        for finding in answer.findings
        if finding.address == "aws_ssm_parameter.sec"
        for change in finding.changes
    )
    assert change.redacted
    assert change.declared != change.actual
    assert str(change.declared).startswith(f"hmac-sha256:{redactor.key_id}:")


def test_undeclared_drift_that_an_apply_absorbed_is_found_through_the_baseline(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor, baseline: Baseline
) -> None:
    raw = recorded("drift-absorbed-undeclared.json")
    assert parse(raw, target, redactor=redactor).findings == ()
    told = rows(parse(raw, target, redactor=redactor, baseline=baseline).findings)
    assert ("aws_iam_role.app", "inline_policy.backdoor", "B", "changed") in told
    assert {row[2] for row in told} == {"B"}


def test_declared_drift_that_an_apply_absorbed_is_unapplied_code_without_a_baseline(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor, baseline: Baseline
) -> None:
    raw = recorded("drift-absorbed-declared.json")
    blind = parse(raw, target, redactor=redactor)
    assert blind.findings == ()
    assert {one.attribute for one in blind.suppressed if one.reason.startswith("unapplied code: ")} == {
        "backup_retention_period",
        "instance_class",
    }
    told = rows(parse(raw, target, redactor=redactor, baseline=baseline).findings)
    assert ("aws_db_instance.db", "instance_class", "A", "changed") in told


def test_what_ignore_changes_holds_is_suppressed_and_says_so(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("one-attribute-approved-override.json"), target, redactor=redactor)
    held = {one.attribute for one in answer.suppressed if "ignore_changes" in one.reason}
    assert held == {"backup_retention_period", "instance_class"}


def test_a_refresh_only_plan_is_refused_for_it_can_not_tell_the_classes(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    with pytest.raises(ToolError, match="refresh-only"):
        parse(recorded("drift-44-kinds.refresh-only.json"), target, redactor=redactor)


def test_an_errored_plan_is_refused(recorded: Recorded, target: TerraformTarget, redactor: Redactor) -> None:
    with pytest.raises(ToolError, match="failed"):
        parse(recorded("errored.json"), target, redactor=redactor)


@pytest.mark.parametrize(
    "name", ["clean.json", "drift-44-kinds.json", "replace.json", "write-only-and-ephemeral.json"]
)
def test_the_same_plan_gives_the_same_answer(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor, name: str
) -> None:
    first = parse(recorded(name), target, redactor=redactor)
    again = parse(recorded(name), target, redactor=redactor)
    assert repr(first) == repr(again)


def test_a_baseline_survives_being_written_down(baseline: Baseline) -> None:
    document = json.loads(json.dumps(baseline.to_document()))
    assert Baseline.from_document(document) == baseline


def test_a_baseline_holds_no_secret(baseline: Baseline) -> None:
    text = json.dumps(baseline.to_document())
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_group_tells_only_the_rules_that_no_resource_of_its_own_declares(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    answer = parse(recorded("drift-44-kinds.json"), target, redactor=redactor)
    group = next(one for one in answer.findings if one.address == "aws_security_group.db")
    change = next(one for one in group.changes if one.drift_class == "B")
    added = [element for element in change.actual if element not in change.declared]
    assert added == [{"from_port": 5432, "to_port": 5432, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]
    assert [element for element in change.declared if element not in change.actual] == []


def test_another_resource_at_the_same_address_was_never_approved(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor, baseline: Baseline
) -> None:
    address = "aws_iam_role.app"
    other = replace(
        baseline.resources[address], attributes={**baseline.resources[address].attributes, "id": "other"}
    )
    changed = replace(baseline, resources={**baseline.resources, address: other})
    answer = parse(recorded("clean.json"), target, redactor=redactor, baseline=changed)
    assert answer.findings == ()


def test_an_expression_that_may_be_null_does_not_vouch_for_a_grant(
    recorded: Recorded, target: TerraformTarget, redactor: Redactor
) -> None:
    raw = recorded("drift-44-kinds.json")
    document = json.loads(json.dumps(raw.document))
    for block in document["configuration"]["root_module"]["resources"]:
        if block["address"] == "aws_sqs_queue.q":
            block["expressions"]["policy"] = {"references": ["local.queue_policy"]}
    answer = parse(replace(raw, document=document), target, redactor=redactor)
    assert ("aws_sqs_queue.q", "policy", "B", "changed") in rows(answer.findings)
