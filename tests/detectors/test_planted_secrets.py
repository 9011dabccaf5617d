"""No secret that stands in a raw answer gets out of a detector, wherever it was planted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.detectors import DETECTORS, inspec
from tasks.detectors.aws_config import RawCompliance
from tasks.detectors.azure_policy import RawStates
from tasks.redaction import Redactor
from taxonomy.target import AwsConfigTarget, AzurePolicyTarget, InspecTarget

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
SECRETS = (
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "-----BEGIN PRIVATE KEY-----" + "MIIEowIBAAKCAQ-----END PRIVATE KEY-----",
    "postgres://app:correct-horse" + "-battery@db/ledger",
)


def _inspec(secret: str) -> tuple[Any, Any]:
    result = dict.fromkeys(("message", "code_desc", "skip_message", "exception"), f"x {secret} y")
    controls: list[Any] = [
        {"id": "a", "title": secret, "results": [{**result, "status": "failed"}], "impact": 0.5},
        {"id": f"b {secret}", "results": [{**result, "status": "failed"}], "impact": 0.5},
        {"id": "c", "results": [{**result, "status": "skipped"}], "impact": 0.5},
        {"id": "d", "results": [{**result, "status": "failed", "backtrace": [secret]}], "impact": 0.5},
        {
            "id": "e",
            "results": [{**result, "status": "failed"}],
            "impact": 0.5,
            "waiver_data": {"run": True, "justification": secret},
        },
    ]
    child = {"name": "win", "status": "skipped", "skip_message": secret, "parent_profile": secret}
    document = {"profiles": [{"name": secret, "controls": controls}, child]}
    one = inspec.Report(host="web", file="web.json", document=json.loads(json.dumps(document)))
    return inspec.RawReports(reports=(one,), digest="d"), InspecTarget(name="web", reports="web.json")


def _aws_config(secret: str) -> tuple[Any, Any]:
    about = {"ResourceType": "AWS::S3::Bucket", "ResourceId": "ledger"}
    result = {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": about},
        "Annotation": f"has {secret}",
    }
    rules = tuple(
        {
            "ConfigRuleName": name,
            "ConfigRuleArn": f"arn:{name}",
            "Source": {"Owner": "CUSTOM_LAMBDA"},
            "InputParameters": json.dumps({"token": secret}),
            "Description": secret,
        }
        for name in ("a", "b")
    )
    verdicts = {"a": "NON_COMPLIANT", "b": "INSUFFICIENT_DATA"}
    raw = RawCompliance(rules=rules, compliance=verdicts, results={"a": (result,)}, digest="d")
    return raw, AwsConfigTarget(name="eu", account="123456789012", region="eu-west-1")


def _azure_policy(secret: str) -> tuple[Any, Any]:
    states = tuple(
        {
            "resource_id": f"/subscriptions/{SUBSCRIPTION}/x/{word}",
            "subscription_id": SUBSCRIPTION,
            "compliance_state": word,
            "policy_definition_name": "p",
            "policy_assignment_id": f"/assignments/{secret}",
            "policy_assignment_parameters": json.dumps({"key": secret}),
            "effective_parameters": secret,
            "resource_tags": secret,
            "policy_evaluation_details": {"evaluated_expressions": [{"expression_value": secret}]},
        }
        for word in ("NonCompliant", "Unknown", "Compliant")
    )
    return RawStates(states=states, digest="d"), AzurePolicyTarget(name="core", subscription=SUBSCRIPTION)


PLANTED = {"inspec": _inspec, "aws_config": _aws_config, "azure_policy": _azure_policy}


@pytest.mark.parametrize("secret", SECRETS, ids=["aws", "github", "jwt", "pem", "url"])
@pytest.mark.parametrize("layer", PLANTED)
def test_no_planted_secret_survives_in_an_answer(redactor: Redactor, layer: str, secret: str) -> None:
    raw, target = PLANTED[layer](secret)
    answer = DETECTORS[layer].parse(raw, target, redactor=redactor, now=NOW)
    told = repr(answer)
    hidden = "correct-horse-battery" if "://" in secret else secret
    assert hidden not in told
    assert answer.findings
    assert answer.suppressed
    assert "hmac-sha256:" in told
