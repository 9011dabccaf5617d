"""Azure, through Terraform and through Azure Policy, judged without a look at the rules.

Azure Policy names a built-in definition by its GUID only; its display name stands in the row's name.
"""

# ruff: noqa: E501, S104  (one drift, one line; an open range is the point)
# fmt: off

from typing import Any

from judged_blind_form import CONCEALED, CONCEALED_OTHER, Blind
from judged_blind_form import judged as _judged

STORE, VAULT, NSG, ROLE = "azurerm_storage_account", "azurerm_key_vault", "azurerm_network_security_group", "azurerm_role_assignment"
SQL, PG, COSMOS, REDIS = "azurerm_mssql_server", "azurerm_postgresql_flexible_server", "azurerm_cosmosdb_account", "azurerm_redis_cache"
AKS, ACR, WEB, FUNC = "azurerm_kubernetes_cluster", "azurerm_container_registry", "azurerm_linux_web_app", "azurerm_linux_function_app"
VM, DISK, LOGS, GATE = "azurerm_linux_virtual_machine", "azurerm_managed_disk", "azurerm_log_analytics_workspace", "azurerm_application_gateway"


def judged(
    name: str, about: tuple[str, str], sides: tuple[Any, Any], verdict: str, controls: str = "", **more: Any
) -> Blind:
    return _judged(name, about, sides, verdict, controls, provider="azure", **more)


def rule(name: str, source: str, port: str, access: str = "Allow", priority: int = 100) -> dict[str, Any]:
    return {"name": name, "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp", "source_port_range": "*", "source_address_prefix": source, "destination_port_range": port, "destination_address_prefix": "*"}


WEB_RULE = rule("web", "10.0.0.0/8", "443")

STORES = [
    judged("blobs may be public", (STORE, "allow_nested_items_to_be_public"), (False, True), "weakened review high..critical", "AC-3/AC-6/SC-7"),
    judged("blobs may no longer be public", (STORE, "allow_nested_items_to_be_public"), (True, False), "strengthened record|review info..medium", "AC-3/AC-6/SC-7"),
    judged("storage by plain HTTP", (STORE, "https_traffic_only_enabled"), (True, False), "weakened review medium..critical", "SC-8"),
    judged("storage by plain HTTP, the older word", (STORE, "enable_https_traffic_only"), (True, False), "weakened review medium..critical", "SC-8"),
    judged("storage by TLS 1.0", (STORE, "min_tls_version"), ("TLS1_2", "TLS1_0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("storage by TLS 1.2", (STORE, "min_tls_version"), ("TLS1_0", "TLS1_2"), "strengthened record|review info..medium", "SC-8/SC-13"),
    judged("storage open to all networks", (STORE, "network_rules.0.default_action"), ("Deny", "Allow"), "weakened review high..critical", "SC-7"),
    judged("storage reached from the internet", (STORE, "public_network_access_enabled"), (False, True), "weakened review medium..critical", "SC-7"),
    judged("storage for one more address", (STORE, "network_rules.0.ip_rules"), (["203.0.113.7"], ["198.51.100.0/24", "203.0.113.7"]), "weakened|unknown review medium..high", "SC-7"),
    judged("storage by its account keys", (STORE, "shared_access_key_enabled"), (False, True), "weakened review medium..high", "AC-3/IA-2/IA-5/AC-2/AC-6"),
    judged("blobs deleted are gone sooner", (STORE, "blob_properties.0.delete_retention_policy.0.days"), (30, 1), "weakened review low..high", "CP-9/SI-12/CP-10/AU-11"),
    judged("blobs without versions", (STORE, "blob_properties.0.versioning_enabled"), (True, False), "weakened review medium..high", "CP-9/SI-12/CP-10"),
    judged("storage in one place", (STORE, "account_replication_type"), ("GRS", "LRS"), "weakened|unknown|lateral review medium..high", "CP-9/CP-6/CP-10/CP-2/SC-36/SI-13"),
    judged("storage's access tier", (STORE, "access_tier"), ("Hot", "Cool"), "lateral|unknown review|auto|record info..medium"),
    judged("storage's key elsewhere", (STORE, "customer_managed_key"), ([{"key_vault_key_id": "https://acme.vault.azure.net/keys/a"}], []), "weakened|unknown review medium..critical", "SC-28/SC-12"),
    judged("storage by copying to other tenants", (STORE, "cross_tenant_replication_enabled"), (False, True), "weakened|unknown review medium..high", "AC-4/AC-3/SC-7/CP-9"),
    judged("storage nobody declared", (STORE, "resource"), (None, {"name": "tmpexport"}), "weakened|unknown|lateral review low..high", "CM-8/AC-3/SC-28", kind="unmanaged", drift_class="B"),
    judged("storage deleted", (STORE, "resource"), ({"name": "acmedata"}, None), "weakened|unknown|lateral review medium..critical", kind="missing"),
    judged("container for everybody", ("azurerm_storage_container", "container_access_type"), ("private", "blob"), "weakened review high..critical", "AC-3/AC-6"),
]

VAULTS = [
    judged("vault may be purged", (VAULT, "purge_protection_enabled"), (True, False), "weakened review medium..critical", "SC-12/CP-9/SC-28/SI-12"),
    judged("vault may not be purged", (VAULT, "purge_protection_enabled"), (False, True), "strengthened record|review info..medium"),
    judged("vault forgets sooner", (VAULT, "soft_delete_retention_days"), (90, 7), "weakened review low..high", "SC-12/CP-9/SI-12"),
    judged("vault open to all networks", (VAULT, "network_acls.0.default_action"), ("Deny", "Allow"), "weakened review high..critical", "SC-7"),
    judged("vault reached from the internet", (VAULT, "public_network_access_enabled"), (False, True), "weakened review medium..critical", "SC-7"),
    judged("vault by its own lists instead of roles", (VAULT, "enable_rbac_authorization"), (True, False), "weakened|unknown review medium..high", "AC-3/AC-6/AC-2"),
    judged("vault lets one more in", (VAULT, "access_policy"), ([{"object_id": "a", "secret_permissions": ["Get"]}], [{"object_id": "a", "secret_permissions": ["Get"]}, {"object_id": "b", "secret_permissions": ["Get", "List"]}]), "weakened|unknown review medium..critical", "AC-3/AC-6/SC-12"),
    judged("vault for deployments", (VAULT, "enabled_for_template_deployment"), (False, True), "weakened|unknown review low..high"),
    judged("key ends later", ("azurerm_key_vault_key", "expiration_date"), ("2027-01-01T00:00:00Z", None), "weakened|unknown review low..high", "SC-12/IA-5"),
    judged("secret's value, concealed", ("azurerm_key_vault_secret", "value"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical"),
    judged("secret's kind of content", ("azurerm_key_vault_secret", "content_type"), ("text", "password"), "lateral|unknown auto|review|record info..medium"),
    judged("disk's network for all", (DISK, "network_access_policy"), ("DenyAll", "AllowAll"), "weakened|unknown review medium..critical", "SC-7/AC-3"),
    judged("disk's size", (DISK, "disk_size_gb"), (64, 256), "lateral|unknown review|record info..medium"),
]

NETWORKS = [
    judged("SSH from anywhere", (NSG, "security_rule"), ([WEB_RULE], [WEB_RULE, rule("ssh", "*", "22", priority=110)]), "weakened|unknown review high..critical", "SC-7"),
    judged("RDP from the internet as a rule of its own", (NSG, "security_rule.rdp.source_address_prefix"), ("10.0.0.0/8", "Internet"), "weakened|unknown review high..critical", "SC-7"),
    judged("SSH rule alone from anywhere", ("azurerm_network_security_rule", "source_address_prefix"), ("10.0.0.0/8", "0.0.0.0/0"), "weakened|unknown review high..critical", "SC-7"),
    judged("a deny that allows now", (NSG, "security_rule.block.access"), ("Deny", "Allow"), "weakened|unknown review medium..critical", "SC-7"),
    judged("a rule's priority", (NSG, "security_rule.block.priority"), (100, 4000), "weakened|unknown review low..high", "SC-7"),
    judged("a rule's words on Azure", (NSG, "security_rule.web.description"), ("https", "https in"), "lateral auto|review info..low"),
    judged("a rule nobody declared on Azure", (NSG, "security_rule.tmp"), (None, rule("tmp", "Internet", "3389")), "weakened|unknown review high..critical", "SC-7", drift_class="B"),
    judged("subnet without its group", ("azurerm_subnet_network_security_group_association", "resource"), ({"subnet_id": "/s/1"}, None), "weakened|unknown review medium..critical", "SC-7", kind="missing"),
    judged("subnet's service endpoints", ("azurerm_subnet", "service_endpoints"), (["Microsoft.Storage"], []), "weakened|unknown|lateral review low..high"),
    judged("network's name servers", ("azurerm_virtual_network", "dns_servers"), (["10.0.0.4"], ["198.51.100.4"]), "unknown|lateral|weakened review low..high"),
    judged("peering lets traffic through", ("azurerm_virtual_network_peering", "allow_forwarded_traffic"), (False, True), "weakened|unknown review medium..high", "SC-7/AC-4"),
    judged("public address nobody declared", ("azurerm_public_ip", "resource"), (None, {"ip_address": "203.0.113.9"}), "weakened|unknown|lateral review low..high", "SC-7/CM-8", kind="unmanaged", drift_class="B"),
    judged("interface forwards", ("azurerm_network_interface", "ip_forwarding_enabled"), (False, True), "weakened|unknown review low..high", "SC-7/AC-4"),
    judged("route to a machine", ("azurerm_route_table", "route"), ([{"name": "all", "next_hop_type": "VirtualAppliance"}], [{"name": "all", "next_hop_type": "Internet"}]), "weakened|unknown review medium..critical", "SC-7/AC-4"),
    judged("firewall only watches for threats", ("azurerm_firewall", "threat_intel_mode"), ("Deny", "Alert"), "weakened|unknown review medium..high", "SC-7/SI-4/SI-3"),
    judged("gateway's firewall only watches", (GATE, "waf_configuration.0.firewall_mode"), ("Prevention", "Detection"), "weakened review medium..critical", "SC-7/SI-4/SI-3/SC-5/SI-10/AC-4"),
    judged("gateway by an old TLS", (GATE, "ssl_policy.0.min_protocol_version"), ("TLSv1_2", "TLSv1_0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("front door's firewall off", ("azurerm_cdn_frontdoor_firewall_policy", "enabled"), (True, False), "weakened review medium..critical", "SC-7/SI-4/SI-3/SC-5/SI-10/AC-4"),
    judged("name lives shorter", ("azurerm_dns_a_record", "ttl"), (300, 60), "lateral|unknown auto|record|review info..medium"),
    judged("name points elsewhere", ("azurerm_dns_a_record", "records"), (["203.0.113.10"], ["198.51.100.66"]), "unknown|lateral|weakened review medium..critical"),
]

PEOPLE = [
    judged("owner nobody declared", (ROLE, "resource"), (None, {"role_definition_name": "Owner", "principal_type": "User"}), "weakened|unknown|lateral review high..critical", "AC-2/AC-6", kind="unmanaged", drift_class="B"),
    judged("assignment of another role", (ROLE, "role_definition_name"), ("Reader", "Contributor"), "weakened|unknown review medium..critical", "AC-6/AC-2/AC-3"),
    judged("assignment gone", (ROLE, "resource"), ({"role_definition_name": "Reader"}, None), "lateral|strengthened|unknown|weakened review low..high", "AC-6/AC-2/AC-3", kind="missing"),
    judged("role may do all", ("azurerm_role_definition", "permissions"), ([{"actions": ["Microsoft.Compute/*/read"]}], [{"actions": ["*"]}]), "weakened|unknown review high..critical", "AC-6"),
    judged("application's secret nobody declared", ("azuread_application_password", "resource"), (None, {"end_date": "2099-01-01"}), "weakened|unknown|lateral review medium..critical", "IA-5/AC-2/CM-8", kind="unmanaged", drift_class="B"),
    judged("identity may be used from another place", ("azurerm_federated_identity_credential", "subject"), ("repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:pull_request"), "unknown|weakened|lateral review medium..critical"),
    judged("policy no longer enforced", ("azurerm_subscription_policy_assignment", "enforce"), (True, False), "weakened|unknown review medium..high", "CM-6/CM-7/AC-3/CM-2/CA-7"),
    judged("lock gone", ("azurerm_management_lock", "resource"), ({"lock_level": "CanNotDelete"}, None), "weakened|unknown review medium..high", kind="missing"),
    judged("group's tag", ("azurerm_resource_group", "tags.Owner"), ("data", "shop"), "lateral auto info..low"),
    judged("how confidential it is in Azure", (STORE, "tags.DataClassification"), ("Restricted", "Public"), "lateral|weakened|unknown review low..high"),
]

DATABASES = [
    judged("SQL reached from the internet", (SQL, "public_network_access_enabled"), (False, True), "weakened review high..critical", "SC-7"),
    judged("SQL by TLS 1.0", (SQL, "minimum_tls_version"), ("1.2", "1.0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("SQL by passwords too", (SQL, "azuread_administrator.0.azuread_authentication_only"), (True, False), "weakened review medium..high", "IA-2/AC-2/AC-3/IA-5"),
    judged("SQL's administrator", (SQL, "azuread_administrator.0.object_id"), ("11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"), "unknown|weakened|lateral review medium..critical", "AC-2/AC-6/IA-2/AC-3"),
    judged("SQL's firewall for the world", ("azurerm_mssql_firewall_rule", "end_ip_address"), ("10.0.0.9", "255.255.255.255"), "weakened|unknown review high..critical", "SC-7"),
    judged("SQL's firewall nobody declared", ("azurerm_mssql_firewall_rule", "resource"), (None, {"start_ip_address": "0.0.0.0", "end_ip_address": "255.255.255.255"}), "weakened|unknown|lateral review medium..critical", "SC-7", kind="unmanaged", drift_class="B"),
    judged("SQL no longer audited", ("azurerm_mssql_server_extended_auditing_policy", "enabled"), (True, False), "weakened review medium..critical", "AU-12/AU-2"),
    judged("audit kept shorter", ("azurerm_mssql_server_extended_auditing_policy", "retention_in_days"), (365, 7), "weakened|unknown review medium..high", "AU-11"),
    judged("database in clear on Azure", ("azurerm_mssql_database", "transparent_data_encryption_enabled"), (True, False), "weakened review high..critical", "SC-28"),
    judged("database's size on Azure", ("azurerm_mssql_database", "sku_name"), ("S0", "P2"), "lateral|unknown review|record low..medium"),
    judged("Postgres keeps backups shorter", (PG, "backup_retention_days"), (35, 7), "weakened review low..high", "CP-9"),
    judged("Postgres not backed up elsewhere", (PG, "geo_redundant_backup_enabled"), (True, False), "weakened review low..high", "CP-9/CP-6/CP-10"),
    judged("Postgres without TLS", ("azurerm_postgresql_flexible_server_configuration", "value"), ("ON", "OFF"), "unknown|weakened review low..critical"),
    judged("Cosmos reached from the internet", (COSMOS, "public_network_access_enabled"), (False, True), "weakened review high..critical", "SC-7"),
    judged("Cosmos by keys", (COSMOS, "local_authentication_disabled"), (True, False), "weakened review medium..high", "IA-2/AC-2/AC-3/IA-5"),
    judged("Cosmos by roles only", (COSMOS, "local_authentication_disabled"), (False, True), "strengthened record|review info..medium", "IA-2/AC-2/AC-3/IA-5"),
    judged("Redis in clear", (REDIS, "non_ssl_port_enabled"), (False, True), "weakened review medium..critical", "SC-8"),
    judged("Redis in clear, the older word", (REDIS, "enable_non_ssl_port"), (False, True), "weakened review medium..critical", "SC-8"),
    judged("hub of events by keys", ("azurerm_eventhub_namespace", "local_authentication_enabled"), (False, True), "weakened review medium..high", "IA-2/AC-2/AC-3/IA-5/AC-6"),
    judged("bus by TLS 1.0", ("azurerm_servicebus_namespace", "minimum_tls_version"), ("1.2", "1.0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("queue's delivery count", ("azurerm_servicebus_queue", "max_delivery_count"), (10, 3), "lateral|unknown review|auto|record info..medium"),
]

RUNNING = [
    judged("Kubernetes without roles", (AKS, "role_based_access_control_enabled"), (True, False), "weakened review high..critical", "AC-3/AC-6/AC-2"),
    judged("Kubernetes by local accounts", (AKS, "local_account_disabled"), (True, False), "weakened review medium..high", "AC-2/IA-2/AC-3"),
    judged("AKS's API for the world", (AKS, "api_server_access_profile.0.authorized_ip_ranges"), (["203.0.113.0/24"], ["0.0.0.0/0"]), "weakened review high..critical", "SC-7"),
    judged("AKS's API no longer private", (AKS, "private_cluster_enabled"), (True, False), "weakened review high..critical", "SC-7"),
    judged("AKS without Azure's policies", (AKS, "azure_policy_enabled"), (True, False), "weakened review medium..high", "CM-6/CM-7/CM-2/AC-3/SI-4"),
    judged("AKS's nodes as they scaled themselves", (AKS, "default_node_pool.0.node_count"), (3, 6), "lateral|unknown record|review info..medium"),
    judged("AKS's version", (AKS, "kubernetes_version"), ("1.29.4", "1.30.2"), "lateral|strengthened|unknown record|review info..medium"),
    judged("registry by its administrator", (ACR, "admin_enabled"), (False, True), "weakened review medium..high", "AC-2/AC-6/IA-2/IA-5/AC-3"),
    judged("registry for everybody", (ACR, "anonymous_pull_enabled"), (False, True), "weakened review medium..critical", "AC-3/AC-6/AC-14"),
    judged("web app by plain HTTP", (WEB, "https_only"), (True, False), "weakened review medium..critical", "SC-8"),
    judged("web app by TLS 1.0", (WEB, "site_config.0.minimum_tls_version"), ("1.2", "1.0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("web app lets files in by FTP", (WEB, "site_config.0.ftps_state"), ("Disabled", "AllAllowed"), "weakened review medium..high", "SC-8/CM-7"),
    judged("web app may be debugged", (WEB, "site_config.0.remote_debugging_enabled"), (False, True), "weakened review medium..critical", "CM-7/AC-17/SC-7"),
    judged("web app asks nobody for a name", (WEB, "auth_settings_v2.0.require_authentication"), (True, False), "weakened review medium..critical", "IA-2/AC-3/IA-8/AC-14"),
    judged("web app's settings, concealed", (WEB, "app_settings.DB_PASSWORD"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical"),
    judged("function's origins on Azure", (FUNC, "site_config.0.cors.0.allowed_origins"), (["https://shop.example.com"], ["*"]), "weakened|unknown review medium..high"),
    judged("plan's size", ("azurerm_service_plan", "sku_name"), ("P1v3", "P2v3"), "lateral|unknown review|record info..medium"),
    judged("plan's workers", ("azurerm_service_plan", "worker_count"), (2, 4), "lateral|unknown review|record info..medium"),
    judged("machine by password", (VM, "disable_password_authentication"), (True, False), "weakened review medium..critical", "IA-2/IA-5/AC-17/AC-3"),
    judged("machine's size", (VM, "size"), ("Standard_B2s", "Standard_D8s_v5"), "lateral|unknown review|record low..medium"),
    judged("machine's disks in clear", (VM, "encryption_at_host_enabled"), (True, False), "weakened review medium..critical", "SC-28"),
    judged("machine patched by nobody", (VM, "patch_mode"), ("AutomaticByPlatform", "ImageDefault"), "weakened|unknown review low..high", "SI-2"),
    judged("machine got an extension", ("azurerm_virtual_machine_extension", "resource"), (None, {"type": "CustomScript"}), "weakened|unknown|lateral review medium..critical", kind="unmanaged", drift_class="B"),
    judged("scale set as it scaled itself", ("azurerm_linux_virtual_machine_scale_set", "instances"), (3, 6), "lateral|unknown record|review info..medium"),
]

WATCH = [
    judged("workspace keeps a month", (LOGS, "retention_in_days"), (365, 30), "weakened review low..high", "AU-11"),
    judged("workspace keeps a year", (LOGS, "retention_in_days"), (30, 365), "strengthened record|review info..medium", "AU-11"),
    judged("workspace takes so much a day", (LOGS, "daily_quota_gb"), (-1, 1), "weakened|unknown|lateral review low..high"),
    judged("diagnostics gone", ("azurerm_monitor_diagnostic_setting", "resource"), ({"name": "audit"}, None), "weakened|unknown review medium..high", "AU-12/AU-2/AU-6", kind="missing"),
    judged("diagnostics of fewer categories", ("azurerm_monitor_diagnostic_setting", "enabled_log"), ([{"category": "AuditEvent"}, {"category": "Policy"}], [{"category": "Policy"}]), "weakened|unknown review medium..high", "AU-12/AU-2/AU-6"),
    judged("alert off", ("azurerm_monitor_activity_log_alert", "enabled"), (True, False), "weakened review low..high", "SI-4/AU-6/IR-5/CA-7/IR-4/AU-5"),
    judged("Defender's plan is free", ("azurerm_security_center_subscription_pricing", "tier"), ("Standard", "Free"), "weakened|unknown review medium..critical", "SI-4/RA-5/SI-3/CA-7"),
    judged("flow log off on Azure", ("azurerm_network_watcher_flow_log", "enabled"), (True, False), "weakened review medium..high", "AU-12/AU-2/SI-4/AU-6"),
    judged("machines backed up no more", ("azurerm_backup_protected_vm", "resource"), ({"source_vm_id": "/s/1"}, None), "weakened|unknown|lateral review medium..high", "CP-9", kind="missing"),
    judged("backup vault forgets at once", ("azurerm_recovery_services_vault", "soft_delete_enabled"), (True, False), "weakened review medium..high", "CP-9"),
    judged("contact's address", ("azurerm_security_center_contact", "email"), ("sec@example.com", "x@example.net"), "unknown|lateral|weakened review low..high"),
]

AZURE = [*STORES, *VAULTS, *NETWORKS, *PEOPLE, *DATABASES, *RUNNING, *WATCH]
