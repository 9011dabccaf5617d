"""A plan of the wrong region is refused; a workspace that spans several is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.aws import expect_account
from tasks.detectors.terraform import RawPlan, collect, parse
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.target import TerraformTarget

HERE, EAST = "eu-west-1", "us-east-1"
PROVIDER = "registry.terraform.io/hashicorp/aws"


def constant(region: str) -> dict[str, Any]:
    return {"region": {"constant_value": region}}


def computed(*references: str) -> dict[str, Any]:
    return {"region": {"references": list(references)}}


def plan(
    resources: list[tuple[str, str | None, str]],
    providers: dict[str, dict[str, Any]],
    variables: dict[str, Any] | None = None,
    **expressions: Any,
) -> dict[str, Any]:
    """Return a plan of resources, each a type, the region in its ARN, and the key of its provider."""
    live, blocks = [], []
    for number, (kind, region, key) in enumerate(resources):
        address = f"{kind}.n{number}"
        arn = {} if region is None else {"arn": f"arn:aws:sns:{region}:123456789012:n{number}"}
        live.append(
            {
                "address": address,
                "mode": "managed",
                "type": kind,
                "provider_name": PROVIDER,
                "values": {"id": "x", **arn},
            }
        )
        blocks.append(
            {"address": address, "mode": "managed", "provider_config_key": key, "expressions": expressions}
        )
    return {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [],
        "prior_state": {"values": {"root_module": {"resources": live}}},
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "configuration": {
            "provider_config": {
                key: {"name": "aws", "full_name": PROVIDER, "expressions": said}
                for key, said in providers.items()
            },
            "root_module": {"resources": blocks},
        },
    }


def look(tmp_path: Path, document: dict[str, Any], region: str | None = HERE) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(document))
    target = TerraformTarget(name="t", plan_json=tmp_path / "plan.json", region=region)
    collect(target, Reach(scratch=tmp_path))


BUCKET = ("aws_s3_bucket", None, "aws")
ROLE = ("aws_iam_role", "", "aws")
CERTIFICATE = ("aws_acm_certificate", EAST, "aws.east")
TOPIC = ("aws_sns_topic", EAST, "aws")

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "what is live is elsewhere": (plan([TOPIC], {"aws": constant(HERE)}), f"got {EAST}"),
    "so is all of it, where AWS_REGION decides": (plan([TOPIC, BUCKET], {"aws": {}}), f"got {EAST}"),
    "the provider is not known": (plan([TOPIC], {"aws": computed("local.r")}), f"got {EAST}"),
    "no provider is written down": (plan([TOPIC], {}), f"got {EAST}"),
    "no code is": ({**plan([TOPIC], {}), "configuration": {}}, f"got {EAST}"),
    "the provider is for elsewhere": (
        plan([BUCKET], {"aws": constant(EAST)}),
        f"the code's provider is for {EAST}",
    ),
    "so says its variable": (
        plan([BUCKET], {"aws": computed("var.r")}, {"r": EAST}),
        f"the code's provider is for {EAST}",
    ),
    "so says a part of one": (
        plan([TOPIC], {"aws": computed('var.r["a"].b', 'var.r["a"]', "var.r")}, {"r": {"a": 1}}),
        f"got {EAST}",
    ),
    "both providers are": (
        plan([BUCKET, CERTIFICATE], {"aws": constant("eu-north-1"), "aws.east": constant(EAST)}),
        f"the code's provider is for eu-north-1, {EAST}",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_plan_of_another_region_is_refused(tmp_path: Path, case: str) -> None:
    document, reason = WRONG[case]
    with pytest.raises(ToolError, match=f"wrong region: expected {HERE}") as refused:
        look(tmp_path, document)
    assert reason in str(refused.value)
    look(tmp_path, document, region=None)


RIGHT = {
    "one resource is here": plan([TOPIC, ("aws_sqs_queue", HERE, "aws")], {"aws": constant(HERE)}),
    "only what has no region in its ARN": plan([BUCKET, ROLE], {"aws": constant(HERE)}),
    "a certificate for a global service": plan(
        [BUCKET, CERTIFICATE], {"aws": constant(HERE), "aws.east": constant(EAST)}
    ),
    "that, by a computed region": plan(
        [BUCKET, CERTIFICATE], {"aws": constant(HERE), "aws.east": computed("local.r")}
    ),
    "that, where AWS_REGION decides": plan([BUCKET, CERTIFICATE], {"aws.east": constant(EAST)}),
    "the target's region is an alias": plan(
        [TOPIC, ("aws_s3_bucket", None, "aws.here")], {"aws": constant(EAST), "aws.here": constant(HERE)}
    ),
    "global services only": plan(
        [ROLE, ("aws_route53_zone", None, "aws"), ("aws_cloudfront_distribution", "", "aws")],
        {"aws": constant(EAST)},
    ),
    "a subscription to a topic elsewhere": plan(
        [BUCKET, ("aws_sns_topic_subscription", EAST, "aws")], {"aws": constant(HERE)}
    ),
    "a variable that holds no region": plan([BUCKET], {"aws": computed("var.r")}, {"r": "us"}),
    "two variables": plan([BUCKET], {"aws": computed("var.r", "var.s")}, {"r": EAST, "s": EAST}),
    "a provider of a module's own": plan(
        [("aws_s3_bucket", None, "module.m:aws")], {"module.m:aws": constant(EAST)}
    ),
    "a resource that names its own region": plan(
        [BUCKET], {"aws": constant(EAST)}, region={"constant_value": HERE}
    ),
    "another cloud's provider": plan([("aws_s3_bucket", None, "aws")], {"google": constant("europe-west1")}),
    "nothing": plan([], {"aws": constant(EAST)}),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_workspace_that_spans_regions_or_has_none_is_looked_at(tmp_path: Path, case: str) -> None:
    look(tmp_path, RIGHT[case])


def test_a_drift_is_in_the_region_of_its_own_arn() -> None:
    document = plan([TOPIC, ("aws_sqs_queue", HERE, "aws"), ROLE], {"aws": constant(HERE)})
    for entry in document["prior_state"]["values"]["root_module"]["resources"]:
        saved = {**entry["values"], "tags": {"Owner": "a"}}
        change = {"actions": ["update"], "before": saved, "after": entry["values"]}
        document.setdefault("resource_drift", []).append({**entry, "change": change})
    target = TerraformTarget(name="t", region=HERE)
    answer = parse(RawPlan(document=document, digest=""), target, redactor=Redactor(b"k" * 32))
    regions = {finding.resource_type: finding.region for finding in answer.findings}
    assert regions == {"aws_sns_topic": EAST, "aws_sqs_queue": HERE, "aws_iam_role": HERE}


def test_a_region_that_nobody_knows_is_said_to_be_so_where_it_does_not_answer(tmp_path: Path) -> None:
    aws = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    reach = Reach(scratch=tmp_path, aws=aws)
    with pytest.raises(ToolError, match=r"can't be reached.*; the SDK knows no region eu-wst-1"):
        expect_account(reach, account="123456789012", region="eu-wst-1")
