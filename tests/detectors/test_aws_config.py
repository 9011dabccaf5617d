import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from examples.clouds import ACCOUNT, REGION, Clouds, simulate
from tasks.detectors import aws_config
from tasks.detectors.aws_config import RawCompliance
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.target import AwsConfigTarget

TARGET = AwsConfigTarget(name="acme-eu", account=ACCOUNT, region=REGION)
ROLE_ID = "AROA" + "RZPUZDIKGFCZAJQ5K"


def rule(name: str, identifier: str = "", **fields: Any) -> dict[str, Any]:
    source = {"Owner": "AWS", "SourceIdentifier": identifier} if identifier else {"Owner": "CUSTOM_LAMBDA"}
    return {"ConfigRuleName": name, "ConfigRuleArn": f"arn:rule/{name}", "Source": source, **fields}


def result(kind: str, resource: str, annotation: str = "") -> dict[str, Any]:
    about = {"ResourceType": kind, "ResourceId": resource}
    return {"EvaluationResultIdentifier": {"EvaluationResultQualifier": about}, "Annotation": annotation}


def raw(rules: list[Any], verdicts: dict[str, str], **results: Any) -> RawCompliance:
    kept = {name.replace("_", "-"): tuple(rows) for name, rows in results.items()}
    return RawCompliance(rules=tuple(rules), compliance=verdicts, results=kept, digest="d")


@pytest.fixture
def config(cloud: Clouds) -> Iterator[str]:
    yield cloud.config_url
    simulate(
        cloud.config_url, throttle=0, deny=False, recorder=True, recording=True, insufficient=[], page_size=8
    )


def made(cloud: Clouds, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=cloud.moto_url,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def test_live_resources_that_do_not_comply_are_found_page_by_page(
    cloud: Clouds, config: str, reach: Reach, redactor: Redactor
) -> None:
    made(cloud, "s3").create_bucket(Bucket="ledger", CreateBucketConfiguration={"LocationConstraint": REGION})
    group = made(cloud, "ec2").create_security_group(GroupName="edge", Description="edge")["GroupId"]
    open_ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    made(cloud, "ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[open_ssh])
    simulate(config, page_size=9)
    answer = aws_config.parse(aws_config.collect(TARGET, reach), TARGET, redactor=redactor)
    found = {finding.resource_id: finding for finding in answer.findings}
    bucket = found["arn:aws:s3:::ledger"]
    opened = found[f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"]
    assert (bucket.resource_type, bucket.account, bucket.region) == ("aws_s3_bucket", ACCOUNT, REGION)
    assert bucket.aliases == ("AWS::S3::Bucket/ledger",)
    assert "config_rule.s3-bucket-versioning-enabled" in {c.attribute for c in bucket.changes}
    change = next(c for c in opened.changes if c.attribute == "config_rule.incoming-ssh-disabled")
    assert (change.declared, change.actual, change.kind) == ("COMPLIANT", "NON_COMPLIANT", "noncompliant")
    assert "nist-800-53-r5:SC-7" in change.reported_controls
    assert str(change.source).startswith(f"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/")
    assert set(answer.looked_at) == set(found)


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"recorder": False}, "has no configuration recorder"),
        ({"recording": False}, "is not recording"),
        ({"deny": True}, "AWS denied DescribeConfigurationRecorders; grant it"),
    ],
)
def test_what_can_not_look_is_an_error_not_an_absence_of_drift(
    config: str, reach: Reach, switches: Any, words: str
) -> None:
    simulate(config, **switches)
    with pytest.raises(ToolError, match=words) as caught:
        aws_config.collect(TARGET, reach)
    assert "\n" not in str(caught.value)


def test_the_wrong_account_is_an_error_before_anything_is_asked(reach: Reach) -> None:
    other = dataclasses.replace(TARGET, account="999999999999")
    with pytest.raises(ToolError, match=f"wrong account: expected 999999999999, got {ACCOUNT}"):
        aws_config.collect(other, reach)


@pytest.mark.prove
def test_throttled_calls_are_waited_out(config: str, reach: Reach) -> None:
    simulate(config, throttle=3)
    assert aws_config.collect(TARGET, reach).rules


@pytest.mark.prove
def test_an_endpoint_that_does_not_answer_is_an_error(reach: Reach) -> None:
    aws = {**reach.aws, "AWS_ENDPOINT_URL_CONFIG_SERVICE": "http://127.0.0.1:9"}
    with pytest.raises(ToolError, match="the endpoint can't be reached"):
        aws_config.collect(TARGET, dataclasses.replace(reach, aws=aws))


def test_rules_that_all_lack_data_are_an_error_not_an_absence_of_drift(redactor: Redactor) -> None:
    silent = raw([rule("a"), rule("b")], {"a": "INSUFFICIENT_DATA"})
    with pytest.raises(ToolError, match=r"none of the 2 rules .* has a verdict yet"):
        aws_config.parse(silent, TARGET, redactor=redactor)


@pytest.mark.parametrize("verdict", ["INSUFFICIENT_DATA", "SOMETHING_NEW", None, "NON_COMPLIANT"])
def test_a_rule_without_a_usable_verdict_is_shown_beside_those_that_have_one(
    redactor: Redactor, verdict: str | None
) -> None:
    verdicts = {"a": "COMPLIANT"} | ({"b": verdict} if verdict else {})
    answer = aws_config.parse(raw([rule("a"), rule("b")], verdicts), TARGET, redactor=redactor)
    [shown] = answer.suppressed
    assert (shown.attribute, shown.address) == ("config_rule.b", "arn:rule/b")
    assert shown.reason.startswith("could not look: ")
    assert answer.findings == ()


def test_rules_that_are_complied_with_or_do_not_apply_leave_nothing(redactor: Redactor) -> None:
    fine = raw([rule("a"), rule("b")], {"a": "COMPLIANT", "b": "NOT_APPLICABLE"})
    answer = aws_config.parse(fine, TARGET, redactor=redactor)
    assert (answer.findings, answer.suppressed) == ((), ())


@pytest.mark.parametrize(
    ("deployed", "known"),
    [
        (rule("restricted-ssh", "INCOMING_SSH_DISABLED"), "incoming-ssh-disabled"),
        (rule("securityhub-restricted-ssh-5f3a1c9d", "INCOMING_SSH_DISABLED"), "incoming-ssh-disabled"),
        (rule("securityhub-own-check-5f3a1c9d"), "own-check"),
        (rule("own-check-conformance-pack-abc123xyz"), "own-check"),
        (rule("Own.Check"), "own-check"),
        (rule("s3-bucket-2"), "s3-bucket-2"),
    ],
)
def test_a_rule_has_one_name_however_it_is_deployed(deployed: Any, known: str) -> None:
    assert aws_config.rule_id(deployed) == known


def test_one_rule_deployed_twice_is_one_change(redactor: Redactor) -> None:
    deployed = [
        rule("b-ssh", "INCOMING_SSH_DISABLED"),
        rule("a-ssh-conformance-pack-x1", "INCOMING_SSH_DISABLED"),
    ]
    seen = [result("AWS::EC2::SecurityGroup", "sg-1")]
    answer = aws_config.parse(
        raw(
            deployed,
            {r["ConfigRuleName"]: "NON_COMPLIANT" for r in deployed},
            b_ssh=seen,
            a_ssh_conformance_pack_x1=seen,
        ),
        TARGET,
        redactor=redactor,
    )
    [finding] = answer.findings
    [change] = finding.changes
    assert change.source == "arn:rule/a-ssh-conformance-pack-x1"


def test_a_role_goes_by_its_unique_id_so_that_terraforms_role_meets_it(redactor: Redactor) -> None:
    seen = raw([rule("a")], {"a": "NON_COMPLIANT"}, a=[result("AWS::IAM::Role", ROLE_ID, "\n two\nlines ")])
    [finding] = aws_config.parse(seen, TARGET, redactor=redactor).findings
    assert (finding.resource_id, finding.resource_type) == (f"AWS::IAM::Role/{ROLE_ID}", "aws_iam_role")
    assert finding.state["annotations"] == {"a": "two lines"}


def test_controls_of_rules_that_are_met_are_told_too(redactor: Redactor) -> None:
    fine = raw([rule("a", "S3_BUCKET_VERSIONING_ENABLED")], {"a": "COMPLIANT"})
    assert "nist-800-53-r5:CP-9" in aws_config.parse(fine, TARGET, redactor=redactor).controls
    assert aws_config.controls_of("no-such-rule") == ()


def test_proactive_rules_and_rules_on_their_way_out_judge_nothing() -> None:
    assert not aws_config._detects(rule("a", EvaluationModes=[{"Mode": "PROACTIVE"}]))
    assert not aws_config._detects(rule("a", ConfigRuleState="DELETING_RESULTS"))
    assert aws_config._detects(
        rule("a", EvaluationModes=[{"Mode": "DETECTIVE"}], ConfigRuleState="EVALUATING")
    )
