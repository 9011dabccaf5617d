"""The policy states of the simulated subscription, with the traps that real answers hold.

Each of these was met in a recorded answer: a manual policy that nobody has attested is ``Unknown``
and yet ``isCompliant``; resource ids come in lower case; several assignments speak of one resource; group
names are spelt differently in each initiative, and are ``[""]`` where there is none; fractions of a
second have seven digits; unset text is empty, not null.
https://learn.microsoft.com/rest/api/policyinsights/policy-states/list-query-results-for-subscription
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_MANAGEMENT_GROUP = "acme-regulated"
_AUTHORIZATION = "/providers/microsoft.authorization"
_CONTEXT = (
    f"https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.PolicyInsights"
    "/policyStates/$metadata#latest/$entity"
)


@dataclass(frozen=True, kw_only=True)
class State:
    """One policy's verdict on one resource.

    Args:
        key: how tests and the demo name it.
        resource: what follows ``providers/`` in its id, ``Microsoft.Storage/storageAccounts/acmeledger``.
        policy: name of the policy definition.
        assignment: name of the assignment it came by.
        groups: control groups in the initiative's spelling.
        compliance: the state before anyone changed anything.
    """

    key: str
    resource: str
    policy: str
    assignment: str
    groups: tuple[str, ...] = ("",)
    compliance: str = "Compliant"
    group: str = "acme-ledger-rg"
    action: str = "audit"

    def document(self, compliance: str, timestamp: str) -> Mapping[str, Any]:
        """This state as the service spells it, all fields present."""
        provider, *path = self.resource.split("/")
        kind = "/".join([provider, *path[::2]])
        scope = f"/providers/Microsoft.Management/managementGroups/{_MANAGEMENT_GROUP}"
        holder = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{self.group}"
        initiative = "" if self.groups == ("",) else f"{self.assignment}-initiative"
        initiative_id = f"{_AUTHORIZATION}/policysetdefinitions/{initiative}" if initiative else ""
        return {
            "@odata.id": None,
            "@odata.context": _CONTEXT,
            "timestamp": timestamp,
            "resourceId": f"{holder}/providers/{self.resource}".lower(),
            "policyAssignmentId": f"{scope.lower()}{_AUTHORIZATION}/policyassignments/{self.assignment}",
            "policyDefinitionId": f"{_AUTHORIZATION}/policydefinitions/{self.policy}",
            "effectiveParameters": "",
            "isCompliant": compliance not in {"NonCompliant", "Error"},
            "subscriptionId": SUBSCRIPTION,
            "resourceType": kind,
            "resourceLocation": "westeurope",
            "resourceGroup": self.group,
            "resourceTags": "tbd",
            "policyAssignmentName": self.assignment,
            "policyAssignmentOwner": "tbd",
            "policyAssignmentParameters": "",
            "policyAssignmentScope": scope,
            "policyDefinitionName": self.policy,
            "policyDefinitionAction": self.action,
            "policyDefinitionCategory": "tbd",
            "policySetDefinitionId": initiative_id,
            "policySetDefinitionName": initiative,
            "policySetDefinitionOwner": "",
            "policySetDefinitionCategory": "regulatory compliance" if initiative else "",
            "policySetDefinitionParameters": "",
            "managementGroupIds": f"{_MANAGEMENT_GROUP},{SUBSCRIPTION}",
            "policyDefinitionReferenceId": self.policy if initiative else "",
            "complianceState": compliance,
            "policyDefinitionGroupNames": list(self.groups),
            "policyDefinitionVersion": "1.0.0",
            "policySetDefinitionVersion": "2.1.0" if initiative else "",
            "policyAssignmentVersion": "",
            "complianceReasonCode": "",
        }


_LEDGER = "Microsoft.Storage/storageAccounts/acmeledger"
_ARCHIVE = "Microsoft.Storage/storageAccounts/acmearchive"
_VAULT = "Microsoft.KeyVault/vaults/acme-ledger-kv"
_EDGE = "Microsoft.Network/networkSecurityGroups/acme-edge"
_SQL = "Microsoft.Sql/servers/acme-ledger-sql"
_NIST = "nist-sp-800-53-r5"
_PCI = "pci-dss-v4"
_SOC = "soc-2"

STATES: tuple[State, ...] = (
    State(
        key="storage-public-access",
        resource=_LEDGER,
        policy="storage-disallow-public-access",
        assignment=_NIST,
        groups=("NIST_SP_800-53_R5_AC-3", "NIST_SP_800-53_R5_SC-7(3)"),
    ),
    State(
        key="storage-public-access-pci",
        resource=_LEDGER,
        policy="storage-disallow-public-access",
        assignment=_PCI,
        groups=("PCI_DSS_v4.0_1.3.1",),
    ),
    State(
        key="storage-https",
        resource=_LEDGER,
        policy="storage-secure-transfer",
        assignment=_SOC,
        groups=("SOC_2023_CC.6.7",),
    ),
    State(
        key="archive-https",
        resource=_ARCHIVE,
        policy="storage-secure-transfer",
        assignment=_SOC,
        groups=("SOC_2023_CC.6.7",),
    ),
    State(
        key="archive-minimum-tls",
        resource=_ARCHIVE,
        policy="storage-minimum-tls-version",
        assignment=_NIST,
        groups=("NIST_SP_800-53_R5.1.1_SC.8.1",),
    ),
    State(
        key="vault-purge-protection",
        resource=_VAULT,
        policy="key-vault-purge-protection",
        assignment=_NIST,
        groups=("nist_sp_800-53_r5_cp-9",),
    ),
    State(
        key="vault-manual-attestation",
        resource=_VAULT,
        policy="key-custodians-acknowledge-duties",
        assignment=_PCI,
        groups=("PCI_DSS_V3.2.1_3.6.8",),
        compliance="Unknown",
        action="manual",
    ),
    State(
        key="edge-ssh",
        resource=_EDGE,
        policy="nsg-ssh-restricted",
        assignment=_NIST,
        groups=("NIST_SP_800-53_R5_SC-7", "CM_8b"),
    ),
    State(key="edge-flow-logs", resource=_EDGE, policy="nsg-flow-logs", assignment="acme-house-rules"),
    State(
        key="sql-auditing",
        resource=_SQL,
        policy="sql-auditing",
        assignment=_SOC,
        groups=("SOC_2023_CC.7.2",),
        action="auditifnotexists",
    ),
    State(
        key="sql-tde",
        resource=f"{_SQL}/databases/main",
        policy="sql-transparent-data-encryption",
        assignment=_PCI,
        groups=("PCI_DSS_v4.0_3.5.1",),
        action="deployifnotexists",
    ),
    State(
        key="sql-exempted",
        resource=_SQL,
        policy="sql-private-endpoint",
        assignment="acme-house-rules",
        compliance="Exempt",
    ),
)
