import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.policyinsights.models import PolicyStatesQueryResults

from examples.clouds import SUBSCRIPTION, Clouds, simulate
from examples.clouds.azure_states import STATES
from tasks import azure
from tasks.detectors import azure_policy
from tasks.detectors.azure_policy import RawStates
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from taxonomy.target import AzurePolicyTarget

TARGET = AzurePolicyTarget(name="core", subscription=SUBSCRIPTION)
STORE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/Ledger"


def state(compliance: str, policy: str = "p", **fields: Any) -> dict[str, Any]:
    return {
        "resource_id": STORE,
        "resource_type": "Microsoft.Storage/storageAccounts",
        "subscription_id": SUBSCRIPTION,
        "resource_location": "WestEurope",
        "compliance_state": compliance,
        "is_compliant": compliance != "NonCompliant",
        "policy_definition_name": policy,
        "policy_assignment_id": "/assignments/b",
        "policy_definition_group_names": [""],
        **fields,
    }


def raw(*states: Any) -> RawStates:
    return RawStates(states=states, digest="d")


@pytest.fixture
def policies(cloud: Clouds) -> Iterator[str]:
    yield cloud.azure_url
    restored = {each.key: each.compliance for each in STATES}
    simulate(cloud.azure_url, compliance=restored, page_size=5, throttle=0, deny=None, empty=False)


def test_states_are_read_over_all_pages_and_several_assignments_are_one_change(
    policies: str, reach: Reach, redactor: Redactor
) -> None:
    both = {"storage-public-access": "NonCompliant", "storage-public-access-pci": "NonCompliant"}
    simulate(policies, compliance=both, page_size=2, throttle=1)
    raw_states = azure_policy.collect(TARGET, reach)
    assert len(raw_states.states) == len(STATES)
    answer = azure_policy.parse(raw_states, TARGET, redactor=redactor)
    [finding] = answer.findings
    [change] = finding.changes
    assert finding.resource_id.endswith("/providers/microsoft.storage/storageaccounts/acmeledger")
    assert (finding.resource_type, finding.account) == ("azurerm_storage_account", SUBSCRIPTION)
    assert (change.attribute, change.declared, change.actual) == (
        "policy.storage-disallow-public-access",
        "Compliant",
        "NonCompliant",
    )
    assert change.reported_controls == (
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:SC-7(3)",
        "pci-dss-4.0.1:1.3.1",
    )
    assert len(finding.state["policies"]["storage-disallow-public-access"]) == 2


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"deny": 401}, "did not accept the credentials"),
        ({"deny": 403}, "HTTP 403 AuthorizationFailed; grant"),
    ],
)
def test_what_can_not_look_is_an_error_not_an_absence_of_drift(
    policies: str, reach: Reach, switches: Any, words: str
) -> None:
    simulate(policies, **switches)
    with pytest.raises(ToolError, match=words):
        azure_policy.collect(TARGET, reach)


def test_a_subscription_without_any_state_is_an_error_not_an_absence_of_drift(
    policies: str, reach: Reach, redactor: Redactor
) -> None:
    simulate(policies, empty=True)
    with pytest.raises(ToolError, match="no policy is assigned, or none has been evaluated"):
        azure_policy.parse(azure_policy.collect(TARGET, reach), TARGET, redactor=redactor)


def test_an_unknown_subscription_is_an_error(reach: Reach) -> None:
    other = AzurePolicyTarget(name="core", subscription="11111111-1111-1111-1111-111111111111")
    with pytest.raises(ToolError, match=r"HTTP 404 .*check the subscription's id"):
        azure_policy.collect(other, reach)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:80", "http://127.0.0.1.example.org", "https://management.azure.com", None]
)
def test_no_credential_is_only_taken_for_this_machine(reach: Reach, url: str | None) -> None:
    with pytest.raises(ToolError, match="`none` is only for an endpoint on this machine"):
        azure_policy.collect(TARGET, dataclasses.replace(reach, azure_base_url=url))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80", "http://[::1]:80/x", "http://localhost", "http://127.8.0.1"]
)
def test_loopback_is_loopback_in_every_spelling(url: str) -> None:
    assert azure.is_loopback(url)


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    with ExitStack() as running:

        def serve(body: bytes) -> str:
            class Same(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def log_message(self, *_: object) -> None:
                    pass

            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Same))
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"value": null}', b'{"value": 3}', b'{"value": ["x"]}']
)
def test_an_answer_that_is_no_list_of_states_is_an_error(
    reach: Reach, redactor: Redactor, answering: Callable[[bytes], str], body: bytes
) -> None:
    there = dataclasses.replace(reach, azure_base_url=answering(body))
    with pytest.raises(ToolError, match=r"no list of policy states|could not be asked|no policy states"):
        azure_policy.parse(azure_policy.collect(TARGET, there), TARGET, redactor=redactor)


@pytest.mark.parametrize("word", ["NonCompliant", "noncompliant", " NONCOMPLIANT"])
def test_the_state_counts_in_any_case_and_is_compliant_never_does(redactor: Redactor, word: str) -> None:
    lying = state(word, is_compliant=True)
    [finding] = azure_policy.parse(raw(lying), TARGET, redactor=redactor).findings
    assert finding.resource_id == STORE.lower()
    assert finding.region == "westeurope"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Unknown", "could not look: Azure Policy says unknown"),
        ("Error", "could not look: Azure Policy says error"),
        ("Conflict", "could not look: Azure Policy says conflict"),
        ("NotStarted", "could not look: Azure Policy says notstarted"),
        ("", "could not look: Azure Policy says nothing"),
        ("Exempt", "exempt: accepted in Azure Policy"),
    ],
)
def test_what_is_neither_compliant_nor_not_is_shown_as_neither(
    redactor: Redactor, word: str, reason: str
) -> None:
    answer = azure_policy.parse(raw(state("Compliant", "q"), state(word)), TARGET, redactor=redactor)
    assert answer.findings == ()
    assert [(each.attribute, each.reason) for each in answer.suppressed] == [("policy.p", reason)]


def test_states_without_one_verdict_are_an_error_not_an_absence_of_drift(redactor: Redactor) -> None:
    with pytest.raises(ToolError, match="no policy states with a verdict"):
        azure_policy.parse(raw(state("Unknown"), state("Exempt")), TARGET, redactor=redactor)


def test_of_several_states_of_one_policy_the_worst_counts(redactor: Redactor) -> None:
    states = raw(
        state("Compliant"),
        state("NonCompliant"),
        state("Unknown"),
        state("NonCompliant", policy_assignment_id="/a"),
    )
    answer = azure_policy.parse(states, TARGET, redactor=redactor)
    [finding] = answer.findings
    [change] = finding.changes
    assert change.source == "/a"
    assert answer.suppressed == ()


def test_spellings_of_one_resource_are_one_finding(redactor: Redactor) -> None:
    states = raw(state("NonCompliant", "A.b c"), state("NonCompliant", "d", resource_id=STORE.upper()))
    [finding] = azure_policy.parse(states, TARGET, redactor=redactor).findings
    assert [change.attribute for change in finding.changes] == ["policy.a-b-c", "policy.d"]


def test_groups_in_any_case_become_controls_and_empty_ones_none(redactor: Redactor) -> None:
    groups = ["nist_sp_800-53_r5_sc-8(1)", "", "SOC_2023_CC.6.7", "CM_8b", "NIST_SP_800-53_R5_AC-2"]
    [finding] = azure_policy.parse(
        raw(state("NonCompliant", policy_definition_group_names=groups)), TARGET, redactor=redactor
    ).findings
    cited = finding.changes[0].reported_controls
    assert cited == ("nist-800-53-r5:AC-2", "nist-800-53-r5:SC-8(1)", "soc2:CC6.7")
    for absent in (None, [""], []):
        states = raw(state("NonCompliant", policy_definition_group_names=absent))
        assert azure_policy.parse(states, TARGET, redactor=redactor).controls == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"resource_id": None}, "names no resource"),
        ({"resource_id": "/"}, "names no resource"),
        ({"subscription_id": "other"}, "expected states of subscription"),
    ],
)
def test_a_state_that_can_not_be_of_the_target_is_an_error(
    redactor: Redactor, fields: Any, words: str
) -> None:
    with pytest.raises(ToolError, match=words):
        azure_policy.parse(raw(state("Compliant", **fields)), TARGET, redactor=redactor)


@pytest.mark.samples
def test_real_recorded_states_are_read(samples: Path, redactor: Redactor) -> None:
    path = samples / "samples" / "azure_policy" / "recorded__azure-powershell_LatestResourceGroupScope.json"
    read = PolicyStatesQueryResults.deserialize(json.loads(path.read_text()))
    states = tuple(each.as_dict() for each in read.value)
    target = AzurePolicyTarget(name="core", subscription=states[0]["subscription_id"])
    answer = azure_policy.parse(RawStates(states=states, digest="d"), target, redactor=redactor)
    assert len(states) == 10
    assert sum(len(finding.changes) for finding in answer.findings) >= 4
    assert [each.reason for each in answer.suppressed] == ["could not look: Azure Policy says unknown"]
