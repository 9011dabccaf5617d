"""The simulated Azure Policy, asked through the real SDK."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.policyinsights import PolicyInsightsClient
from azure.mgmt.policyinsights.models import QueryOptions

from examples.clouds import SUBSCRIPTION, Clouds, simulate
from examples.clouds.azure_states import STATES

NONCOMPLIANT = "complianceState eq 'NonCompliant'"


class NoCredential:
    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken("none", 2**40)


def states(running: Clouds, *, filter_: str | None = None, subscription: str = SUBSCRIPTION) -> list[Any]:
    sdk = PolicyInsightsClient(
        NoCredential(),
        subscription,
        base_url=running.azure_url,
        authentication_policy=SansIOHTTPPolicy(),
        retry_total=2,
    )
    query = sdk.policy_states.list_query_results_for_subscription
    return list(query("latest", subscription_id=subscription, query_options=QueryOptions(filter=filter_)))


@pytest.fixture(autouse=True)
def _as_at_first(cloud: Clouds) -> None:
    compliance = {state.key: state.compliance for state in STATES}
    simulate(cloud.azure_url, compliance=compliance, page_size=5, throttle=0, deny=None, empty=False)


@pytest.mark.parametrize("page_size", [1, 5, 12, 100])
def test_every_state_comes_once_whatever_the_page(cloud: Clouds, page_size: int) -> None:
    simulate(cloud.azure_url, page_size=page_size)
    found = [(s.resource_id, s.policy_definition_name, s.policy_assignment_name) for s in states(cloud)]
    assert len(found) == len(set(found)) == len(STATES)


def test_nothing_is_noncompliant_before_anyone_changes_anything(cloud: Clouds) -> None:
    assert states(cloud, filter_=NONCOMPLIANT) == []


def test_a_state_moves_and_moves_back(cloud: Clouds) -> None:
    simulate(cloud.azure_url, compliance={"edge-ssh": "NonCompliant"})
    assert [s.policy_definition_name for s in states(cloud, filter_=NONCOMPLIANT)] == ["nsg-ssh-restricted"]
    simulate(cloud.azure_url, compliance={"edge-ssh": "Compliant"})
    assert states(cloud, filter_=NONCOMPLIANT) == []


def test_an_unknown_state_claims_to_be_compliant(cloud: Clouds) -> None:
    unknown = [s for s in states(cloud) if s.compliance_state == "Unknown"]
    assert [s.is_compliant for s in unknown] == [True]


def test_two_assignments_speak_of_one_resource(cloud: Clouds) -> None:
    simulate(
        cloud.azure_url,
        compliance={"storage-public-access": "NonCompliant", "storage-public-access-pci": "NonCompliant"},
    )
    found = states(cloud, filter_=NONCOMPLIANT)
    assert len({s.resource_id for s in found}) == 1
    assert len({s.policy_assignment_id for s in found}) == 2


def test_resource_ids_come_in_lower_case(cloud: Clouds) -> None:
    assert all(s.resource_id == s.resource_id.lower() for s in states(cloud))
    assert not all(s.resource_type == s.resource_type.lower() for s in states(cloud))


@pytest.mark.samples
def test_a_state_has_the_fields_of_a_recorded_one(samples: Path) -> None:
    folder = samples / "samples" / "azure_policy"
    recorded = json.loads((folder / "recorded__azure-powershell_LatestResourceGroupScope.json").read_text())
    ours = STATES[0].document("NonCompliant", "2026-01-12T09:30:00.4496956Z")
    assert ours.keys() == recorded["value"][0].keys()


def test_throttling_passes_when_the_sdk_waits(cloud: Clouds) -> None:
    simulate(cloud.azure_url, throttle=1)
    started = time.monotonic()
    assert len(states(cloud)) == len(STATES)
    assert time.monotonic() - started >= 1


def test_a_rejected_token_and_a_missing_role_are_told_apart(cloud: Clouds) -> None:
    simulate(cloud.azure_url, deny=401)
    with pytest.raises(ClientAuthenticationError, match="InvalidAuthenticationToken"):
        states(cloud)
    simulate(cloud.azure_url, deny=403)
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        states(cloud)


def test_another_subscription_is_not_found(cloud: Clouds) -> None:
    with pytest.raises(ResourceNotFoundError, match="SubscriptionNotFound"):
        states(cloud, subscription="11111111-1111-1111-1111-111111111111")


def test_a_filter_that_is_not_understood_is_refused_not_ignored(cloud: Clouds) -> None:
    with pytest.raises(HttpResponseError, match="InvalidFilterInPolicyStatesQuery"):
        states(cloud, filter_="complianceState like 'Non'")
