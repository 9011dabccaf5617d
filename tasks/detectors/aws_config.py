"""Compares one AWS account and region with the rules of AWS Config that are deployed there.

How: asks which rules there are, which are not complied with, and by which resources; each such resource
is one finding, each rule one change. The rules' own evaluation is taken as it is.

What can't be seen from here: a resource type that is not recorded or that no rule looks at; what changed
since a rule's last evaluation; a rule without a result (told as "could not look"); resources that comply are
not listed. The name of an IAM resource is not told, only its unique id.

Format: https://docs.aws.amazon.com/config/latest/APIReference/API_Operations.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from evidence.canonical import sha256_hex
from tasks import aws
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.controls import normalise
from taxonomy.observation import Answer, Change, Finding, Suppressed
from taxonomy.resources import Identity, from_config
from taxonomy.target import AwsConfigTarget

NAME = "aws_config"

# AWS Config allows few calls a second and account; a sweep waits rather than fails.
_PATIENT = Config(connect_timeout=10, read_timeout=60, retries={"mode": "adaptive", "total_max_attempts": 10})
_PACK_SUFFIX = re.compile(r"-conformance-pack-[a-z0-9]+$")
_HUB_SUFFIX = re.compile(r"-[0-9a-z]{6,8}$")
_PAGE = 100
_NIST = "nist-800-53-r5"


@dataclass(frozen=True, kw_only=True)
class RawCompliance:
    """What AWS Config said, as plain JSON.

    Args:
        rules: as DescribeConfigRules tells them.
        compliance: each rule's verdict by its name.
        results: the evaluations that did not comply, by the rule's name.
        digest: SHA-256 of all of this as JSON.
    """

    rules: tuple[Mapping[str, Any], ...]
    compliance: Mapping[str, str]
    results: Mapping[str, tuple[Mapping[str, Any], ...]]
    digest: str


def collect(target: AwsConfigTarget, reach: Reach) -> RawCompliance:
    """Ask AWS Config what does not comply in the target's account and region.

    Raises:
        ToolError: it is another account, nothing is recorded, no rule is deployed, or a call failed.
    """
    aws.expect_account(reach, account=target.account, region=target.region, role_arn=target.role_arn)
    session = aws.session(reach, region=target.region, role_arn=target.role_arn)
    endpoint = reach.aws.get("AWS_ENDPOINT_URL_CONFIG_SERVICE") or reach.aws.get("AWS_ENDPOINT_URL")
    try:
        config = session.client("config", endpoint_url=endpoint, config=_PATIENT)
        _expect_recording(config, target)
        return _ask(config, target)
    except (BotoCoreError, ClientError) as error:
        raise ToolError(
            f"AWS Config of {target.account} in {target.region} could not be asked: {aws.why(error)}"
        ) from error


def _expect_recording(config: Any, target: AwsConfigTarget) -> None:
    place = f"AWS Config of {target.account} in {target.region}"
    if not config.describe_configuration_recorders().get("ConfigurationRecorders"):
        raise ToolError(f"{place} has no configuration recorder, so nothing is looked at; set one up")
    statuses = config.describe_configuration_recorder_status().get("ConfigurationRecordersStatus", [])
    recording = [status for status in statuses if status.get("recording")]
    if not recording:
        raise ToolError(f"{place} is not recording, so its verdicts are old; start the recorder")
    failing = [status for status in recording if str(status.get("lastStatus")).upper() == "FAILURE"]
    if len(failing) == len(recording):
        raise ToolError(f"{place} fails to record ({failing[0].get('lastErrorCode', 'no code')}); repair it")


def _ask(config: Any, target: AwsConfigTarget) -> RawCompliance:
    rules = [rule for rule in _all(config, "describe_config_rules", "ConfigRules") if _detects(rule)]
    if not rules:
        place = f"AWS Config of {target.account} in {target.region}"
        raise ToolError(f"{place} has no rule, so nothing is judged; deploy some")
    verdicts = {
        row["ConfigRuleName"]: str(row.get("Compliance", {}).get("ComplianceType"))
        for row in _all(config, "describe_compliance_by_config_rule", "ComplianceByConfigRules")
    }
    names = sorted(rule["ConfigRuleName"] for rule in rules)
    results = {name: _failing(config, name) for name in names if verdicts.get(name) == "NON_COMPLIANT"}
    document = json.dumps([rules, verdicts, results], sort_keys=True, default=str)
    plain_rules, plain_verdicts, plain_results = json.loads(document)
    return RawCompliance(
        rules=tuple(plain_rules),
        compliance=plain_verdicts,
        results={name: tuple(rows) for name, rows in plain_results.items()},
        digest=sha256_hex(document.encode()),
    )


def _detects(rule: Mapping[str, Any]) -> bool:
    modes = {mode.get("Mode") for mode in rule.get("EvaluationModes", [])}
    leaving = str(rule.get("ConfigRuleState", "")).startswith("DELETING")
    return not leaving and (not modes or "DETECTIVE" in modes)


def _failing(config: Any, name: str) -> list[Any]:
    wanted = {"ConfigRuleName": name, "ComplianceTypes": ["NON_COMPLIANT"], "Limit": _PAGE}
    return list(_all(config, "get_compliance_details_by_config_rule", "EvaluationResults", **wanted))


def _all(config: Any, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
    for page in config.get_paginator(operation).paginate(**parameters):
        yield from page.get(key, [])


def parse(raw: RawCompliance, target: AwsConfigTarget, *, redactor: Redactor) -> Answer:
    """Return one finding per resource that does not comply, and what could not be judged.

    Raises:
        ToolError: no rule has a verdict.
    """
    verdicts = {rule["ConfigRuleName"]: _verdict(raw, rule) for rule in raw.rules}
    if all(reason for reason in verdicts.values()):
        raise ToolError(
            f"none of the {len(verdicts)} rules of AWS Config of {target.account} in {target.region} has a "
            "verdict yet (insufficient data); wait for the first evaluation"
        )
    rules = {rule["ConfigRuleName"]: rule for rule in raw.rules}
    findings = tuple(_findings(raw, rules, target, redactor))
    judged = (controls_of(rule_id(rules[name])) for name, reason in verdicts.items() if reason is None)
    return Answer(
        findings=findings,
        suppressed=tuple(
            _unjudged(rules[name], reason, target) for name, reason in sorted(verdicts.items()) if reason
        ),
        looked_at=tuple(finding.resource_id for finding in findings),
        controls=tuple(sorted({control for controls in judged for control in controls})),
    )


def _verdict(raw: RawCompliance, rule: Mapping[str, Any]) -> str | None:
    """Return why nothing is known of a rule; None where its verdict can be told."""
    name = rule["ConfigRuleName"]
    word = raw.compliance.get(name, "no verdict")
    if word == "NON_COMPLIANT" and not raw.results.get(name):
        return "not complied with, but no resource is named"
    if word in {"COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"}:
        return None
    return word.lower().replace("_", " ")


def _unjudged(rule: Mapping[str, Any], reason: str, target: AwsConfigTarget) -> Suppressed:
    return Suppressed(
        target=target.name,
        address=str(rule.get("ConfigRuleArn") or rule["ConfigRuleName"]),
        attribute=f"config_rule.{rule_id(rule)}",
        category="unjudged",
        reason=f"could not look: {reason}",
    )


def _findings(
    raw: RawCompliance,
    rules: Mapping[str, Mapping[str, Any]],
    target: AwsConfigTarget,
    redactor: Redactor,
) -> Iterator[Finding]:
    """Yield one finding per resource, in order of its id."""
    found: dict[str, list[tuple[Identity, Mapping[str, Any], Mapping[str, Any]]]] = {}
    for name, results in sorted(raw.results.items()):
        for result in results:
            about = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            identity = from_config(
                about["ResourceType"], about["ResourceId"], account=target.account, region=target.region
            )
            found.setdefault(identity.resource_id, []).append((identity, rules[name], result))
    for _, seen in sorted(found.items()):
        yield _finding(seen, target, redactor)


def _finding(
    seen: list[tuple[Identity, Mapping[str, Any], Mapping[str, Any]]],
    target: AwsConfigTarget,
    redactor: Redactor,
) -> Finding:
    identity = seen[0][0]
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    said: dict[str, str] = {}
    for _, rule, result in seen:
        by_rule.setdefault(rule_id(rule), []).append(rule)
        if result.get("Annotation"):
            said[rule_id(rule)] = " ".join(redactor.scrub(str(result["Annotation"])).split())
    return Finding(
        resource_id=identity.resource_id,
        resource_type=identity.resource_type,
        provider="aws",
        account=target.account,
        region=target.region,
        aliases=tuple(sorted({alias for each, _, _ in seen for alias in each.aliases})),
        state={"not_complied_with": sorted(by_rule), "annotations": said},
        changes=tuple(_change(name, same) for name, same in sorted(by_rule.items())),
    )


def _change(name: str, rules: Iterable[Mapping[str, Any]]) -> Change:
    """Return one change for however many deployments of the same rule; the first by ARN is its source."""
    return Change(
        attribute=f"config_rule.{name}",
        declared="COMPLIANT",
        actual="NON_COMPLIANT",
        kind="noncompliant",
        source=min(str(rule.get("ConfigRuleArn") or rule["ConfigRuleName"]) for rule in rules),
        reported_controls=controls_of(name),
    )


def rule_id(rule: Mapping[str, Any]) -> str:
    """Return what a rule is called wherever it is deployed.

    A managed rule goes by its source identifier, a custom one by its name without what Security Hub and
    conformance packs add to it.
    """
    source = rule.get("Source", {})
    name = str(rule["ConfigRuleName"])
    if source.get("Owner") == "AWS" and source.get("SourceIdentifier"):
        return str(source["SourceIdentifier"]).lower().replace("_", "-")
    if name.startswith("securityhub-"):
        name = _HUB_SUFFIX.sub("", name.removeprefix("securityhub-"))
    return _PACK_SUFFIX.sub("", name).lower().replace(".", "-")


def controls_of(name: str) -> tuple[str, ...]:
    """Return the controls that a managed rule bears on, as ``framework:id``; none for a custom one."""
    return _controls().get(name, ())


@cache
def _controls() -> Mapping[str, tuple[str, ...]]:
    text = (resources.files("tasks.detectors") / "aws_config_controls.yaml").read_text(encoding="utf-8")
    return {
        rule: tuple(sorted({name for spelling in spellings if (name := normalise(spelling, _NIST))}))
        for rule, spellings in yaml.safe_load(text).items()
    }
