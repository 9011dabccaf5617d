"""Compares one Azure subscription with the policies that are assigned to it, by Azure Policy's latest states.

How: reads the latest state of every resource and policy; only ``complianceState`` counts, because
``isCompliant`` is true for a manual policy that nobody has attested.

What can't be seen from here: what changed since the last evaluation (a day may pass), resources that no
assigned policy applies to, and what the resource's value is. A state such as Unknown, Error or
Conflict is told as "could not look". Exempt resources are shown as accepted.

Format: https://learn.microsoft.com/rest/api/policyinsights/policy-states/list-query-results-for-subscription
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError

from evidence.canonical import sha256_hex
from tasks import azure
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.controls import normalise
from taxonomy.observation import Answer, Category, Change, Finding, Suppressed
from taxonomy.resources import Identity, from_azure
from taxonomy.target import AzurePolicyTarget

NAME = "azure_policy"

_JUDGED = frozenset({"compliant", "noncompliant"})
_SLUG = re.compile(r"[^A-Za-z0-9_-]+")

State = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RawStates:
    """What Azure Policy said, as plain JSON.

    Args:
        states: one per resource, assignment and policy, with the SDK's field names.
        digest: SHA-256 of them as JSON.
    """

    states: tuple[State, ...]
    digest: str


def collect(target: AzurePolicyTarget, reach: Reach) -> RawStates:
    """Ask for the latest policy states of the subscription.

    Raises:
        ToolError: Azure can't be asked, or says nothing that is a policy state.
    """
    place = f"Azure Policy of subscription {target.subscription}"
    try:
        with azure.policy_client(reach, target.subscription) as client:
            query = client.policy_states.list_query_results_for_subscription
            states = [state.as_dict() for state in query("latest", subscription_id=target.subscription)]
    except AzureError as error:
        raise ToolError(f"{place} could not be asked: {azure.why(error)}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ToolError(f"{place} answered something that is no list of policy states") from error
    document = json.dumps(states, sort_keys=True, default=str)
    return RawStates(states=tuple(json.loads(document)), digest=sha256_hex(document.encode()))


def parse(raw: RawStates, target: AzurePolicyTarget, *, redactor: Redactor) -> Answer:
    """Return one finding per resource that does not comply, and what could not be judged.

    Raises:
        ToolError: there is no state at all, or none that is a verdict, or one is of another subscription.
    """
    if not any(_word(state) in _JUDGED for state in raw.states):
        raise ToolError(
            f"no policy states with a verdict for subscription {target.subscription}: no policy is assigned, "
            "or none has been evaluated; assign one, or start `az policy state trigger-scan`"
        )
    by_resource: dict[str, tuple[Identity, list[State]]] = {}
    for state in raw.states:
        identity = _identity(state, target)
        by_resource.setdefault(identity.resource_id, (identity, []))[1].append(state)
    judged = [state for state in raw.states if _word(state) in _JUDGED]
    looked_at = {_identity(state, target).resource_id for state in judged}
    return Answer(
        findings=tuple(_findings(by_resource, target, redactor)),
        suppressed=tuple(_unjudged(by_resource, target)),
        looked_at=tuple(sorted(looked_at)),
        controls=_cited(judged),
    )


def _findings(
    by_resource: Mapping[str, tuple[Identity, list[State]]], target: AzurePolicyTarget, redactor: Redactor
) -> Iterator[Finding]:
    for identity, states in by_resource.values():
        by_policy: dict[str, list[State]] = {}
        for state in states:
            if _word(state) == "noncompliant":
                by_policy.setdefault(_policy(state), []).append(state)
        if by_policy:
            yield _finding(identity, by_policy, target, redactor)


def _finding(
    identity: Identity, by_policy: Mapping[str, list[State]], target: AzurePolicyTarget, redactor: Redactor
) -> Finding:
    """Return one finding of a resource, with one change per policy however many assignments brought it."""
    some = next(iter(by_policy.values()))[0]
    state = {
        "location": some.get("resource_location"),
        "policies": {
            name: sorted({str(each.get("policy_assignment_id")) for each in states})
            for name, states in sorted(by_policy.items())
        },
    }
    concealed, _ = redactor.conceal(state, resource=identity.resource_id, attribute="")
    return Finding(
        resource_id=identity.resource_id,
        resource_type=identity.resource_type,
        provider="azure",
        account=target.subscription.lower(),
        region=str(some.get("resource_location") or "").lower() or None,
        state=concealed,
        changes=tuple(_change(name, states, redactor) for name, states in sorted(by_policy.items())),
    )


def _change(name: str, states: list[State], redactor: Redactor) -> Change:
    source = min(str(state.get("policy_assignment_id") or name) for state in states)
    return Change(
        attribute=f"policy.{name}",
        declared="Compliant",
        actual="NonCompliant",
        kind="noncompliant",
        source=redactor.scrub(source),
        reported_controls=_cited(states),
    )


def _unjudged(
    by_resource: Mapping[str, tuple[Identity, list[State]]], target: AzurePolicyTarget
) -> Iterator[Suppressed]:
    """Yield what is neither clean nor drift, once per resource and policy; drift goes before."""
    for identity, states in by_resource.values():
        drifted = {_policy(state) for state in states if _word(state) == "noncompliant"}
        reasons = {
            (_policy(state), *_why_not(state))
            for state in states
            if _word(state) not in _JUDGED and _policy(state) not in drifted
        }
        for name, category, reason in sorted(reasons):
            yield Suppressed(
                target=target.name,
                address=identity.resource_id,
                attribute=f"policy.{name}",
                category=category,
                reason=reason,
            )


def _why_not(state: State) -> tuple[Category, str]:
    word = _word(state)
    if word == "exempt":
        return "waived", "exempt: accepted in Azure Policy"
    return "unjudged", f"could not look: Azure Policy says {_SLUG.sub('-', word) or 'nothing'}"


def _word(state: State) -> str:
    return str(state.get("compliance_state") or "").strip().lower()


def _policy(state: State) -> str:
    """Return what a policy is called in attribute paths; Azure's names don't distinguish case."""
    definition = str(state.get("policy_definition_id") or "").rstrip("/").rpartition("/")[2]
    name = state.get("policy_definition_name") or definition or state.get("policy_definition_reference_id")
    return _SLUG.sub("-", str(name or "unnamed")).strip("-").lower()


def _identity(state: State, target: AzurePolicyTarget) -> Identity:
    resource_id, subscription = state.get("resource_id"), str(state.get("subscription_id") or "")
    if not isinstance(resource_id, str) or not resource_id.strip("/ "):
        raise ToolError(f"{target.name}: a policy state names no resource; expected `resourceId` in each")
    if subscription and subscription.lower() != target.subscription.lower():
        raise ToolError(
            f"{target.name}: expected states of subscription {target.subscription}, got one of {subscription}"
        )
    return from_azure(resource_id, str(state.get("resource_type") or ""))


def _cited(states: Iterable[State]) -> tuple[str, ...]:
    groups = {str(name) for state in states for name in state.get("policy_definition_group_names") or ()}
    return tuple(sorted({control for name in groups if (control := normalise(name)) is not None}))
