"""The operations of AWS Config that the simulated endpoint answers, and their errors.

As the service does: a page is cut before its results are filtered, so a page may be empty and still
name a next one; a rule without any result has ``INSUFFICIENT_DATA``; contributor counts stop at 25.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from examples.clouds.managed_rules import RULES, ManagedRule
from examples.clouds.managed_rules.live import Live, Verdict

_RECORDER = "default"
_CAP = 25
_DETAILS = 10
_DETAILS_MOST = 100


class ConfigError(Exception):
    """An error that the service answers with.

    Args:
        code: its type, such as ``NoSuchConfigRuleException``.
        message: its message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: what was asked, of which live state, and how the switches stood."""

    live: Live
    parameters: Mapping[str, Any]
    recorder: bool
    recording: bool
    insufficient: frozenset[str]
    page_size: int

    def verdicts(self, name: str) -> list[Verdict]:
        """What the rule says now, most recent state of the cloud, in a stable order."""
        if name in self.insufficient:
            return []
        rule = RULES[name]
        found = rule.evaluate(self.live, rule.parameters)
        return sorted(found, key=lambda v: (v.resource_type, v.resource_id))


def describe_configuration_recorders(call: Call) -> Mapping[str, Any]:
    """DescribeConfigurationRecorders: one recorder of everything, or none."""
    recorder = {
        "name": _RECORDER,
        "arn": _arn(call, f"configuration-recorder/{_RECORDER}/6z1kq0x4"),
        "roleARN": f"arn:aws:iam::{call.live.account}:role/aws-service-role/config.amazonaws.com/recorder",
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True, "resourceTypes": []},
        "recordingMode": {"recordingFrequency": "CONTINUOUS"},
    }
    return {"ConfigurationRecorders": _recorders(call, recorder)}


def describe_configuration_recorder_status(call: Call) -> Mapping[str, Any]:
    """DescribeConfigurationRecorderStatus: whether it records."""
    status = {
        "name": _RECORDER,
        "arn": _arn(call, f"configuration-recorder/{_RECORDER}/6z1kq0x4"),
        "recording": call.recording,
        "lastStatus": "SUCCESS",
        "lastStatusChangeTime": _now(),
    }
    return {"ConfigurationRecordersStatus": _recorders(call, status)}


def describe_config_rules(call: Call) -> Mapping[str, Any]:
    """DescribeConfigRules: the deployed rules, in pages."""
    names, token = _page(call, _names(call), call.page_size)
    return {"ConfigRules": [_rule(call, name, RULES[name]) for name in names], **token}


def describe_compliance_by_config_rule(call: Call) -> Mapping[str, Any]:
    """DescribeComplianceByConfigRule: each rule's verdict as a whole, in pages."""
    names, token = _page(call, _names(call), call.page_size)
    wanted = call.parameters.get("ComplianceTypes")
    rows = [{"ConfigRuleName": name, "Compliance": _compliance(call.verdicts(name))} for name in names]
    kept = [row for row in rows if not wanted or row["Compliance"]["ComplianceType"] in wanted]
    return {"ComplianceByConfigRules": kept, **token}


def get_compliance_details_by_config_rule(call: Call) -> Mapping[str, Any]:
    """GetComplianceDetailsByConfigRule: one rule's verdict on each resource, in pages."""
    name = call.parameters.get("ConfigRuleName", "")
    _known(name)
    limit = call.parameters.get("Limit") or min(_DETAILS, call.page_size)
    if not 0 <= limit <= _DETAILS_MOST:
        raise ConfigError("ValidationException", f"Limit must be at most {_DETAILS_MOST}, got {limit}.")
    wanted = call.parameters.get("ComplianceTypes")
    verdicts, token = _page(call, call.verdicts(name), limit)
    results = [_result(name, v) for v in verdicts if not wanted or _word(v.compliant) in wanted]
    return {"EvaluationResults": results, **token}


def _recorders(call: Call, recorder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    wanted = call.parameters.get("ConfigurationRecorderNames") or []
    absent = sorted(set(wanted) - ({_RECORDER} if call.recorder else set()))
    if absent:
        message = f"Cannot find configuration recorder with the specified name '{absent[0]}'."
        raise ConfigError("NoSuchConfigurationRecorderException", message)
    return [recorder] if call.recorder else []


def _rule(call: Call, name: str, rule: ManagedRule) -> Mapping[str, Any]:
    unique = f"config-rule-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    folder = f"config-rule/aws-service-rule/{rule.created_by}" if rule.created_by else "config-rule"
    document: dict[str, Any] = {
        "ConfigRuleName": name,
        "ConfigRuleArn": _arn(call, f"{folder}/{unique}"),
        "ConfigRuleId": unique,
        "Description": (rule.evaluate.__doc__ or "").partition(": ")[2],
        "Source": {"Owner": "AWS", "SourceIdentifier": rule.identifier},
        "InputParameters": json.dumps(dict(rule.parameters)),
        "ConfigRuleState": "ACTIVE",
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
    }
    if rule.resource_types:
        document["Scope"] = {"ComplianceResourceTypes": list(rule.resource_types)}
    else:
        document["MaximumExecutionFrequency"] = "TwentyFour_Hours"
    if rule.created_by:
        document["CreatedBy"] = rule.created_by
    return document


def _compliance(verdicts: Sequence[Verdict]) -> Mapping[str, Any]:
    if not verdicts:
        return {"ComplianceType": "INSUFFICIENT_DATA"}
    failing = sum(not v.compliant for v in verdicts)
    if not failing:
        return {"ComplianceType": "COMPLIANT"}
    count = {"CappedCount": min(failing, _CAP), "CapExceeded": failing > _CAP}
    return {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count}


def _result(name: str, verdict: Verdict) -> Mapping[str, Any]:
    now = _now()
    qualifier = {
        "ConfigRuleName": name,
        "ResourceType": verdict.resource_type,
        "ResourceId": verdict.resource_id,
        "EvaluationMode": "DETECTIVE",
    }
    document: dict[str, Any] = {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": now},
        "ComplianceType": _word(verdict.compliant),
        "ResultRecordedTime": now,
        "ConfigRuleInvokedTime": now,
    }
    return document | ({"Annotation": verdict.annotation} if verdict.annotation else {})


def _names(call: Call) -> list[str]:
    wanted = call.parameters.get("ConfigRuleNames") or list(RULES)
    for name in wanted:
        _known(name)
    return sorted(wanted)


def _known(name: str) -> None:
    if name not in RULES:
        message = f"The ConfigRule '{name}' provided in the request is invalid. Please check its name."
        raise ConfigError("NoSuchConfigRuleException", message)


def _page(call: Call, rows: Sequence[Any], size: int) -> tuple[Sequence[Any], dict[str, Any]]:
    """A page of `rows` and the token of the next; a token is good only for the question it came from."""
    asked = {k: v for k, v in call.parameters.items() if k not in {"NextToken", "Limit"}}
    question = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    start = _start(call.parameters.get("NextToken"), question)
    end = start + size
    token = base64.b64encode(f"{question}:{end}".encode()).decode()
    return rows[start:end], {"NextToken": token} if end < len(rows) else {}


def _start(token: str | None, question: str) -> int:
    if not token:
        return 0
    try:
        asked, _, start = base64.b64decode(token, validate=True).decode().partition(":")
        if asked == question:
            return int(start)
    except (binascii.Error, ValueError):
        pass
    raise ConfigError("InvalidNextTokenException", "The specified next token is not valid.")


def _arn(call: Call, resource: str) -> str:
    return f"arn:aws:config:{call.live.region}:{call.live.account}:{resource}"


def _word(compliant: bool) -> str:  # noqa: FBT001 - one argument, and the name says it
    return "COMPLIANT" if compliant else "NON_COMPLIANT"


def _now() -> float:
    return datetime.now(UTC).timestamp()


OPERATIONS: Mapping[str, Callable[[Call], Mapping[str, Any]]] = {
    "DescribeConfigurationRecorders": describe_configuration_recorders,
    "DescribeConfigurationRecorderStatus": describe_configuration_recorder_status,
    "DescribeConfigRules": describe_config_rules,
    "DescribeComplianceByConfigRule": describe_compliance_by_config_rule,
    "GetComplianceDetailsByConfigRule": get_compliance_details_by_config_rule,
}
