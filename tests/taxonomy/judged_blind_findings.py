"""What AWS Config and Azure Policy report, judged without a look at the rules.

Both say only that a rule is not complied with, so the rule's identifier and the resource's type tell it all. Azure
Policy names a built-in definition by its GUID; its display name stands in the row's name.
"""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from judged_blind_form import Blind
from judged_blind_form import judged as _judged


def config(name: str, resource_type: str, verdict: str, controls: str = "", said: str | None = None) -> Blind:
    about, sides = (resource_type, f"config_rule.{name}"), ("COMPLIANT", "NON_COMPLIANT")
    return _judged(said or name, about, sides, verdict, controls, layer="aws_config", kind="noncompliant")


def policy(
    name: str, guid: str, resource_type: str, verdict: str, controls: str = "", *, cited: tuple[str, ...] = ()
) -> Blind:
    return _judged(
        name, (resource_type, f"policy.{guid}"), ("Compliant", "NonCompliant"), verdict, controls,
        layer="azure_policy", provider="azure", kind="noncompliant", reported_controls=cited,
    )


BAD, HIGH, MIDDLE, LOW = "high..critical", "medium..high", "low..high", "info..medium"

CONFIG = [
    config("s3-bucket-public-read-prohibited", "aws_s3_bucket", f"weakened|unknown review {BAD}", "AC-3/AC-6/SC-7"),
    config("s3-bucket-public-write-prohibited", "aws_s3_bucket", f"weakened|unknown review {BAD}", "AC-3/AC-6/SC-7"),
    config("s3-bucket-server-side-encryption-enabled", "aws_s3_bucket", f"weakened|unknown review {HIGH}", "SC-28"),
    config("s3-bucket-ssl-requests-only", "aws_s3_bucket", f"weakened|unknown review {HIGH}", "SC-8"),
    config("s3-bucket-versioning-enabled", "aws_s3_bucket", f"weakened|unknown review {MIDDLE}", "CP-9/SI-12/CP-10"),
    config("s3-bucket-logging-enabled", "aws_s3_bucket", f"weakened|unknown review {MIDDLE}", "AU-12/AU-2"),
    config("s3-account-level-public-access-blocks-periodic", "aws_account", f"weakened|unknown review {BAD}", "AC-3/AC-6/SC-7"),
    config("restricted-ssh", "aws_security_group", f"weakened|unknown review {BAD}", "SC-7"),
    config("incoming-ssh-disabled", "aws_security_group", f"weakened|unknown review {BAD}", "SC-7"),
    config("restricted-common-ports", "aws_security_group", f"weakened|unknown review {HIGH}", "SC-7", said="restricted ports"),
    config("vpc-default-security-group-closed", "aws_security_group", f"weakened|unknown review {MIDDLE}", "SC-7"),
    config("vpc-flow-logs-enabled", "aws_vpc", f"weakened|unknown review {MIDDLE}", "AU-12/AU-2/SI-4"),
    config("iam-root-access-key-check", "aws_account", f"weakened|unknown review {BAD}", "AC-2/AC-6/IA-2"),
    config("root-account-mfa-enabled", "aws_account", f"weakened|unknown review {BAD}", "IA-2"),
    config("mfa-enabled-for-iam-console-access", "aws_iam_user", f"weakened|unknown review {HIGH}", "IA-2"),
    config("access-keys-rotated", "aws_iam_user", f"weakened|unknown review {MIDDLE}", "IA-5/AC-2"),
    config("iam-user-unused-credentials-check", "aws_iam_user", f"weakened|unknown review {MIDDLE}", "AC-2"),
    config("iam-policy-no-statements-with-admin-access", "aws_iam_policy", f"weakened|unknown review {BAD}", "AC-6"),
    config("iam-password-policy", "aws_account", f"weakened|unknown review {HIGH}", "IA-5"),
    config("rds-instance-public-access-check", "aws_db_instance", f"weakened|unknown review {BAD}", "SC-7/AC-3"),
    config("rds-storage-encrypted", "aws_db_instance", f"weakened|unknown review {BAD}", "SC-28"),
    config("rds-snapshots-public-prohibited", "aws_db_snapshot", f"weakened|unknown review {BAD}", "AC-3/SC-7/AC-6"),
    config("db-instance-backup-enabled", "aws_db_instance", f"weakened|unknown review {MIDDLE}", "CP-9"),
    config("rds-multi-az-support", "aws_db_instance", f"weakened|unknown review {MIDDLE}", "CP-10/CP-9/SC-5/SI-13/CP-2/CP-7/SC-36/CP-6"),
    config("encrypted-volumes", "aws_ebs_volume", f"weakened|unknown review {BAD}", "SC-28"),
    config("ec2-ebs-encryption-by-default", "aws_account", f"weakened|unknown review {HIGH}", "SC-28"),
    config("ec2-imdsv2-check", "aws_instance", f"weakened|unknown review {HIGH}", "AC-3/AC-6/CM-6"),
    config("ec2-instance-no-public-ip", "aws_instance", f"weakened|unknown review {HIGH}", "SC-7/AC-3"),
    config("ec2-managedinstance-patch-compliance-status-check", "aws_instance", f"weakened|unknown review {HIGH}", "SI-2"),
    config("cloudtrail-enabled", "aws_account", f"weakened|unknown review {BAD}", "AU-12/AU-2"),
    config("cloud-trail-log-file-validation-enabled", "aws_cloudtrail", f"weakened|unknown review {HIGH}", "AU-9/SI-7"),
    config("cmk-backing-key-rotation-enabled", "aws_kms_key", f"weakened|unknown review {MIDDLE}", "SC-12"),
    config("kms-cmk-not-scheduled-for-deletion", "aws_kms_key", "weakened|unknown review medium..critical", "SC-12/SC-28/CP-9"),
    config("guardduty-enabled-centralized", "aws_account", f"weakened|unknown review {BAD}", "SI-4/RA-5"),
    config("lambda-function-public-access-prohibited", "aws_lambda_function", f"weakened|unknown review {BAD}", "AC-3/AC-6/SC-7"),
    config("elb-tls-https-listeners-only", "aws_elb", f"weakened|unknown review {HIGH}", "SC-8"),
    config("alb-http-to-https-redirection-check", "aws_lb", f"weakened|unknown review {HIGH}", "SC-8"),
    config("secretsmanager-rotation-enabled-check", "aws_secretsmanager_secret", f"weakened|unknown review {MIDDLE}", "IA-5/SC-12"),
    config("dynamodb-pitr-enabled", "aws_dynamodb_table", f"weakened|unknown review {MIDDLE}", "CP-9/CP-10"),
    config("eks-endpoint-no-public-access", "aws_eks_cluster", f"weakened|unknown review {HIGH}", "SC-7/AC-3"),
    config("cw-loggroup-retention-period-check", "aws_cloudwatch_log_group", f"weakened|unknown review {MIDDLE}", "AU-11"),
    config("required-tags", "aws_instance", f"weakened|unknown|lateral record|review {LOW}", "CM-8/CM-6/CM-2"),
    config("approved-amis-by-id", "aws_instance", f"weakened|unknown review {MIDDLE}", "CM-2/CM-7/CM-6/CM-3/SI-7/CM-8/CM-14"),
    config("desired-instance-type", "aws_instance", f"weakened|unknown|lateral record|review {LOW}", said="desired type"),
    config("acme-no-friday-deploys", "aws_codepipeline", f"weakened|unknown review {MIDDLE}", said="a rule of the house"),
    config("restricted-ssh", "aws::ec2::securitygroup", f"weakened|unknown review {BAD}", "SC-7", said="restricted SSH, the type in Config's words"),
]

NIST = "nist-800-53-r5:"

POLICY = [
    policy("Secure transfer to storage accounts should be enabled", "404c3081-a854-4457-ae30-26a93ef643f9", "azurerm_storage_account", f"weakened|unknown review {HIGH}", "SC-8"),
    policy("Storage account public access should be disallowed", "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751", "azurerm_storage_account", f"weakened|unknown review {BAD}", "AC-3/SC-7/AC-6"),
    policy("Storage accounts should restrict network access", "34c877ad-507e-4c82-993e-3452a6e0ad3c", "azurerm_storage_account", f"weakened|unknown review {HIGH}", "SC-7"),
    policy("Storage accounts should prevent shared key access", "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54", "azurerm_storage_account", f"weakened|unknown review {MIDDLE}", "AC-3/IA-2/IA-5/AC-2/AC-6"),
    policy("Key vaults should have deletion protection enabled", "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53", "azurerm_key_vault", f"weakened|unknown review {MIDDLE}", "SC-12/CP-9/SI-12"),
    policy("Azure Key Vault should have firewall enabled", "55615ac9-af46-4a59-874e-391cc3dfb490", "azurerm_key_vault", f"weakened|unknown review {HIGH}", "SC-7"),
    policy("Resource logs in Key Vault should be enabled", "cf820ca0-f99e-4f3e-84fb-66e913812d21", "azurerm_key_vault", f"weakened|unknown review {MIDDLE}", "AU-12/AU-2/AU-6"),
    policy("Transparent Data Encryption on SQL databases should be enabled", "17k78e20-9358-41c9-923c-fb736d382a12", "azurerm_mssql_database", f"weakened|unknown review {BAD}", "SC-28"),
    policy("Auditing on SQL server should be enabled", "a6fb4358-5bf4-4ad7-ba82-2cd2f41ce5e9", "azurerm_mssql_server", f"weakened|unknown review {HIGH}", "AU-12/AU-2"),
    policy("Public network access on Azure SQL Database should be disabled", "1b8ca024-1d5c-4dec-8995-b1a932b41780", "azurerm_mssql_server", f"weakened|unknown review {BAD}", "SC-7"),
    policy("An Azure Active Directory administrator should be provisioned for SQL servers", "1f314764-cb73-4fc9-b863-8eca98ac36e9", "azurerm_mssql_server", f"weakened|unknown review {MIDDLE}", "IA-2/AC-2/AC-3"),
    policy("Management ports should be closed on your virtual machines", "22730e10-96f6-4aac-ad84-9383d35b5917", "azurerm_virtual_machine", f"weakened|unknown review {HIGH}", "SC-7"),
    policy("All network ports should be restricted on network security groups", "9daedab3-fb2d-461e-b861-71790eead4f6", "azurerm_virtual_machine", f"weakened|unknown review {HIGH}", "SC-7"),
    policy("Flow logs should be configured for every network security group", "c251913d-7d24-4958-af87-478ed3b9ba41", "azurerm_network_security_group", f"weakened|unknown review {MIDDLE}", "AU-12/AU-2/SI-4/AU-6"),
    policy("Guest accounts with owner permissions should be removed", "339353f6-2387-4a45-abe4-7f529d121046", "azurerm_subscription", f"weakened|unknown review {BAD}", "AC-2/AC-6"),
    policy("A maximum of 3 owners should be designated", "4f11b553-d42e-4e3a-89be-32ca364cad4c", "azurerm_subscription", f"weakened|unknown review {MIDDLE}", "AC-2/AC-6/AC-5"),
    policy("App Service apps should only be accessible over HTTPS", "a4af4a39-4135-47fb-b175-47fbdf85311d", "azurerm_app_service", f"weakened|unknown review {HIGH}", "SC-8"),
    policy("App Service apps should use the latest TLS version", "f0e6e85b-9b9f-4a4b-b67b-f730d42f1b0b", "azurerm_app_service", f"weakened|unknown review {HIGH}", "SC-8/SC-13"),
    policy("System updates should be installed on your machines", "f85bf3e0-d513-442e-89c3-1784ad63382b", "azurerm_virtual_machine", f"weakened|unknown review {HIGH}", "SI-2"),
    policy("RBAC should be used on Kubernetes Services", "ac4a19c2-fa67-49b4-8ae5-0b2e78c49457", "azurerm_kubernetes_cluster", f"weakened|unknown review {BAD}", "AC-3/AC-6/AC-2"),
    policy("Kubernetes cluster should not allow privileged containers", "95edb821-ddaf-4404-9732-666045e056b4", "azurerm_kubernetes_cluster", f"weakened|unknown review {HIGH}", "AC-6/CM-7/CM-6"),
    policy("Azure Defender for Key Vault should be enabled", "0e6763cc-5078-4e64-889d-ff4d9a839047", "azurerm_subscription", f"weakened|unknown review {MIDDLE}", "SI-4/RA-5"),
    policy("Azure Backup should be enabled for Virtual Machines", "013e242c-8828-4970-87b3-ab247555486d", "azurerm_virtual_machine", f"weakened|unknown review {MIDDLE}", "CP-9"),
    policy("Only secure connections to Redis should be enabled", "22bee202-a82f-4305-9a2a-6d7f44d4dedb", "azurerm_redis_cache", f"weakened|unknown review {HIGH}", "SC-8"),
    policy("WAF should be enabled for Application Gateway", "564feb30-bf6a-4854-b4bb-0d2d2d1e6c66", "azurerm_application_gateway", f"weakened|unknown review {HIGH}", "SC-7/SC-5/SI-4/SI-3"),
    policy("Subscriptions should have a contact for security issues", "4f4f78b8-e367-4b10-a341-d9a4ad5cf1c7", "azurerm_subscription", "weakened|unknown|lateral review info..medium", "IR-6/IR-4/SI-5/IR-7/IR-5"),
    policy("Require a tag on resources", "871b6d14-10aa-478d-b590-94f262ecfa99", "azurerm_virtual_machine", f"weakened|unknown|lateral record|review {LOW}", "CM-8/CM-6/CM-2"),
    policy("Allowed locations", "e56962a6-4747-49cd-b67b-bf8b01975c4c", "azurerm_storage_account", f"weakened|unknown review {MIDDLE}", "AC-4/SA-9/CM-6/CM-7/CP-7/CM-2/CM-12"),
    policy("Audit usage of custom RBAC roles", "a451c1ef-c6ca-483d-87ed-f49761e3ffb5", "azurerm_role_definition", f"weakened|unknown review {MIDDLE}", "AC-6/AC-2/AC-3"),
    policy("a policy of the house", "acme-naming", "azurerm_resource_group", f"weakened|unknown|lateral review {LOW}"),
    policy("a policy of the house that cites a control", "acme-7", "microsoft.search/searchservices", f"weakened|unknown review {MIDDLE}", "SC-28", cited=(f"{NIST}SC-28",)),
]

FINDINGS = [*CONFIG, *POLICY]
