"""What looks harmless, or better, and is not; and the other way round. Judged without a look at the rules."""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from typing import Any

from judged_blind_form import ACCOUNT, CONCEALED, CONCEALED_OTHER, KEY, PARTNER, Blind, allow, deny, document
from judged_blind_form import judged as _judged

MINE, PARTNERS = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": f"arn:aws:iam::{PARTNER}:root"}
BUCKET, POLICY, ROLE, WAF = "aws_s3_bucket", "aws_iam_policy", "aws_iam_role", "aws_wafv2_web_acl"
GET, ALL, ASSUME = "s3:GetObject", "arn:aws:s3:::acme-data/*", "sts:AssumeRole"
PARTNERS_KEY = f"arn:aws:kms:eu-west-1:{PARTNER}:key/0a1b2c3d-1111-2222-3333-444455556666"
NSG = "azurerm_network_security_group"


def judged(name: str, about: tuple[str, str], sides: tuple[Any, Any], verdict: str, controls: str = "", **more: Any) -> Blind:
    provider = "azure" if about[0].startswith("azure") else "aws"
    return _judged(name, about, sides, verdict, controls, provider=provider, **more)


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


WORSE = "weakened review medium..critical"
WORSE_OR_UNKNOWN = "weakened|unknown review medium..critical"
BETTER_BUT = "strengthened record|review info..medium"

CONDITIONS = [
    judged("condition holds also where the key is absent", (POLICY, "policy"), (document(allow("ec2:*", "*", **when("StringEquals", "aws:RequestedRegion", "eu-west-1"))), document(allow("ec2:*", "*", **when("StringEqualsIfExists", "aws:RequestedRegion", "eu-west-1")))), WORSE_OR_UNKNOWN, "AC-6/AC-3"),
    judged("condition of one more value", (POLICY, "policy"), (document(allow("ec2:*", "*", **when("StringEquals", "aws:RequestedRegion", ["eu-west-1"]))), document(allow("ec2:*", "*", **when("StringEquals", "aws:RequestedRegion", ["eu-west-1", "us-east-1"])))), WORSE_OR_UNKNOWN, "AC-6/AC-3"),
    judged("condition of one value fewer", (POLICY, "policy"), (document(allow("ec2:*", "*", **when("StringEquals", "aws:RequestedRegion", ["eu-west-1", "us-east-1"]))), document(allow("ec2:*", "*", **when("StringEquals", "aws:RequestedRegion", ["eu-west-1"])))), "strengthened|unknown|weakened record|review info..critical"),
    judged("condition of addresses lets the world in", (BUCKET, "policy"), (document(allow(GET, ALL, "*", **when("IpAddress", "aws:SourceIp", ["203.0.113.0/24"]))), document(allow(GET, ALL, "*", **when("IpAddress", "aws:SourceIp", ["0.0.0.0/0"])))), "weakened|unknown review high..critical", "AC-3/AC-6"),
    judged("sign-in with MFA may be a day old", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, MINE, **when("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))), document(allow(ASSUME, None, MINE, **when("NumericLessThan", "aws:MultiFactorAuthAge", "86400")))), WORSE_OR_UNKNOWN, "AC-3/AC-6/IA-2"),
    judged("deny that now has a condition", (BUCKET, "policy"), (document(deny("s3:DeleteObject", ALL, "*")), document(deny("s3:DeleteObject", ALL, "*", **when("StringNotEquals", "aws:PrincipalTag/team", "ops")))), WORSE_OR_UNKNOWN, "AC-3/AC-6"),
    judged("deny that lost its condition", (BUCKET, "policy"), (document(deny("s3:DeleteObject", ALL, "*", **when("StringNotEquals", "aws:PrincipalTag/team", "ops"))), document(deny("s3:DeleteObject", ALL, "*"))), "strengthened|unknown|weakened record|review info..critical"),
    judged("deny whose exceptions grow", (BUCKET, "policy"), (document(deny("s3:*", ALL, "*", **when("StringNotEquals", "aws:PrincipalOrgID", ["o-acme123456"]))), document(deny("s3:*", ALL, "*", **when("StringNotEquals", "aws:PrincipalOrgID", ["o-acme123456", "o-other98765"])))), WORSE_OR_UNKNOWN, "AC-3/AC-6"),
    judged("deny of all but more", (POLICY, "policy"), (document({"Effect": "Deny", "NotAction": ["iam:Get*"], "Resource": "*"}), document({"Effect": "Deny", "NotAction": ["iam:Get*", "s3:*"], "Resource": "*"})), WORSE_OR_UNKNOWN, "AC-6"),
    judged("deny for all but one more", (BUCKET, "policy"), (document({"Effect": "Deny", "NotPrincipal": MINE, "Action": "s3:*", "Resource": ALL}), document({"Effect": "Deny", "NotPrincipal": {"AWS": [MINE["AWS"], PARTNERS["AWS"]]}, "Action": "s3:*", "Resource": ALL})), WORSE_OR_UNKNOWN, "AC-3/AC-6"),
    judged("allow of all but fewer resources", (POLICY, "policy"), (document({"Effect": "Allow", "Action": "s3:*", "NotResource": ["arn:aws:s3:::payroll/*"]}), document({"Effect": "Allow", "Action": "s3:*", "NotResource": ["arn:aws:s3:::none/*"]})), WORSE_OR_UNKNOWN, "AC-6"),
    judged("deny removed and another added", (POLICY, "policy"), (document(allow("*", "*"), deny("iam:*", "*")), document(allow("*", "*"), deny("s3:DeleteBucket", "*"))), WORSE, "AC-6/AC-3"),
    judged("one grant for another, on the same service", (POLICY, "policy"), (document(allow("s3:DeleteBucket", "*")), document(allow("s3:PutBucketPolicy", "*"))), WORSE, "AC-6/AC-3"),
    judged("source grows to a wildcard", ("aws_sqs_queue", "policy"), (document(allow("sqs:SendMessage", "*", {"Service": "s3.amazonaws.com"}, **when("ArnLike", "aws:SourceArn", "arn:aws:s3:::acme-data"))), document(allow("sqs:SendMessage", "*", {"Service": "s3.amazonaws.com"}, **when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*")))), WORSE_OR_UNKNOWN, "AC-3/AC-6"),
    judged("trust of a provider nobody knew", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, MINE)), document(allow(ASSUME, None, MINE), allow("sts:AssumeRoleWithSAML", None, {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}))), "weakened review high..critical", "AC-3/AC-6"),
    judged("a user who is no more", (BUCKET, "policy"), (document(allow(GET, ALL, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/old"})), document(allow(GET, ALL, {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}))), "weakened|unknown|lateral review low..critical"),
    judged("everybody of one endpoint", (BUCKET, "policy"), (document(allow(GET, ALL, MINE)), document(allow(GET, ALL, MINE), allow(GET, ALL, "*", **when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d")))), WORSE, "AC-3/AC-6"),
    judged("a role granted directly beside the account's root, which only delegates", (BUCKET, "policy"), (document(allow("s3:*", ALL, MINE)), document(allow("s3:*", ALL, MINE), allow("s3:*", ALL, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}))), WORSE, "AC-3/AC-6"),
    judged("a user trusted directly beside the account's root", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, MINE)), document(allow(ASSUME, None, MINE), allow(ASSUME, None, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/temp"}))), WORSE, "AC-3/AC-6"),
    judged("a statement without an effect that counts", (POLICY, "policy"), ("{}", "not json"), "unknown review low..critical"),
    judged("everybody as a list of everybody", (BUCKET, "policy"), (document(allow(GET, ALL, {"AWS": ["*"]})), document(allow(GET, ALL, {"AWS": "*"}))), "lateral auto|record info..low"),
    judged("policy where none was declared, that only denies", (BUCKET, "policy"), (None, document(deny("s3:*", ALL, "*", **when("Bool", "aws:SecureTransport", "false")))), "strengthened|unknown record|review info..medium", drift_class="B"),
]

TURNED = [
    judged("firewall lets some through first", (WAF, "rule"), ([{"name": "common", "priority": 1, "action": [{"block": [{}]}]}], [{"name": "common", "priority": 1, "action": [{"block": [{}]}]}, {"name": "mine", "priority": 0, "action": [{"allow": [{}]}]}]), WORSE_OR_UNKNOWN, "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("a firewall's rule counts instead of blocking", (WAF, "rule.0.action"), ([{"block": [{}]}], [{"count": [{}]}]), WORSE_OR_UNKNOWN, "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("a managed group of rules only counts", (WAF, "rule.0.override_action"), ([{"none": [{}]}], [{"count": [{}]}]), WORSE_OR_UNKNOWN, "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("a firewall's block is gone, alone", (WAF, "default_action.0.block"), ([{}], []), WORSE_OR_UNKNOWN, "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("AKS's API for an empty list, which is the world", ("azurerm_kubernetes_cluster", "api_server_access_profile.0.authorized_ip_ranges"), (["203.0.113.0/24"], []), "weakened|unknown review high..critical", "SC-7"),
    judged("EKS's API for no range, which is the world", ("aws_eks_cluster", "vpc_config.0.public_access_cidrs"), (["203.0.113.0/24"], None), "weakened|unknown review medium..critical", "SC-7"),
    judged("data by a partner's key", ("aws_db_instance", "kms_key_id"), (KEY, PARTNERS_KEY), "unknown|weakened review medium..critical", "SC-28/SC-12"),
    judged("bucket by a partner's key", (BUCKET, "server_side_encryption_configuration.rule.0.apply_server_side_encryption_by_default.0.kms_master_key_id"), (KEY, PARTNERS_KEY), "unknown|weakened review medium..critical", "SC-28/SC-12"),
    judged("edge by an older list of the same TLS", ("aws_cloudfront_distribution", "viewer_certificate.0.minimum_protocol_version"), ("TLSv1.2_2021", "TLSv1.2_2018"), "weakened|unknown review low..high", "SC-8/SC-13"),
    judged("listener by a wider list of the same TLS", ("aws_lb_listener", "ssl_policy"), ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"), "weakened|unknown review low..high", "SC-8/SC-13"),
    judged("listener by the default of 2016", ("aws_lb_listener", "ssl_policy"), ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"), "weakened|unknown review medium..high", "SC-8/SC-13"),
    judged("database's logs exchanged", ("aws_rds_cluster", "enabled_cloudwatch_logs_exports"), (["audit"], ["slowquery"]), "weakened|unknown review medium..high", "AU-12/AU-2"),
    judged("deletes without MFA", (BUCKET, "versioning.versioning_configuration.0.mfa_delete"), ("Enabled", "Disabled"), "weakened|unknown review medium..high"),
    judged("bucket's log to a partner's bucket", (BUCKET, "logging.target_bucket"), ("acme-logs", "partner-logs"), "unknown|weakened|lateral review medium..high"),
    judged("boundary that bounds nothing", (ROLE, "permissions_boundary"), (f"arn:aws:iam::{ACCOUNT}:policy/boundary", "arn:aws:iam::aws:policy/AdministratorAccess"), "unknown|weakened review medium..critical", "AC-6"),
    judged("function's profile taken away", ("aws_instance", "iam_instance_profile"), ("web", ""), "unknown|strengthened|lateral review low..high"),
    judged("retention of a table's backups, concealed", ("aws_db_instance", "backup_retention_period"), (CONCEALED, CONCEALED_OTHER), "unknown review low..high"),
    judged("encryption, concealed", ("aws_ebs_volume", "encrypted"), (CONCEALED, CONCEALED_OTHER), "unknown review low..critical"),
    judged("a group lets itself in", ("aws_security_group", "ingress"), ([], [{"from_port": 0, "to_port": 0, "protocol": "-1", "self": True}]), "weakened review medium..high", "SC-7"),
    judged("world by IPv4 exchanged for the world by IPv6", ("aws_security_group", "ingress"), ([{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}], [{"from_port": 22, "to_port": 22, "protocol": "tcp", "ipv6_cidr_blocks": ["::/0"]}]), "weakened review high..critical", "SC-7"),
    judged("a private range moved to a public one", ("aws_security_group", "ingress"), ([{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/16"]}], [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["52.0.0.0/16"]}]), "weakened review medium..critical", "SC-7"),
    judged("fewer addresses, but other ports", ("aws_security_group", "ingress"), ([{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}], [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["203.0.113.9/32"]}]), "weakened review medium..critical", "SC-7"),
    judged("rule for an address that can't be read", ("aws_security_group", "ingress"), ([], [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["not an address"]}]), WORSE_OR_UNKNOWN, "SC-7"),
    judged("NSG's rule for one more range", (NSG, "security_rule.web.source_address_prefixes"), (["10.0.0.0/8"], ["0.0.0.0/0", "10.0.0.0/8"]), "weakened|unknown review medium..critical", "SC-7"),
    judged("NSG's rule for all ports", (NSG, "security_rule.web.destination_port_range"), ("443", "*"), "weakened|unknown review medium..critical", "SC-7"),
    judged("NSG's rule denies now", (NSG, "security_rule.web.access"), ("Allow", "Deny"), "strengthened|unknown review|record info..critical", "SC-7"),
    judged("role's exceptions fewer", ("azurerm_role_definition", "permissions.0.not_actions"), (["Microsoft.Authorization/*"], []), WORSE_OR_UNKNOWN, "AC-6"),
    judged("role's actions fewer", ("azurerm_role_definition", "permissions.0.actions"), (["Microsoft.Compute/*", "Microsoft.Storage/*"], ["Microsoft.Compute/*"]), "strengthened|unknown record|review info..critical"),
    judged("who may ask, by data tags", ("aws_lakeformation_resource_lf_tags", "lf_tag"), ([{"key": "class", "value": "restricted"}], [{"key": "class", "value": "public"}]), WORSE_OR_UNKNOWN),
    judged("rights to the lake nobody declared", ("aws_lakeformation_permissions", "resource"), (None, {"principal": PARTNERS["AWS"]}), "weakened|unknown|lateral review medium..critical", kind="unmanaged", drift_class="B"),
]

NOT_WORDS = [
    judged("a variable called description", ("aws_lambda_function", "environment.0.variables.description"), ("a", "b"), "unknown|lateral review low..high"),
    judged("a setting called tags", ("azurerm_linux_web_app", "app_settings.tags"), ("a", "b"), "unknown|lateral review low..high"),
    judged("a stage's variable called description", ("aws_api_gateway_stage", "variables.description"), ("a", "b"), "unknown|lateral review low..high"),
    judged("a job's argument called name", ("aws_glue_job", "default_arguments.--name"), ("a", "b"), "unknown|lateral review|record low..high"),
    judged("the name of a table's key", ("aws_dynamodb_table", "hash_key"), ("id", "pk"), "unknown|lateral review low..high"),
    judged("which resources belong together, by a query", ("aws_resourcegroups_group", "resource_query.0.query"), ("{}", '{"a":1}'), "unknown|lateral review low..high"),
    judged("a user by another name", ("aws_iam_user", "name"), ("build", "root-admin"), "lateral|unknown review|auto info..high"),
    judged("an application by another name", ("azuread_application", "display_name"), ("shop", "Microsoft Office"), "lateral|unknown review|auto info..high"),
    judged("fleet's own tags", ("aws_autoscaling_group", "tag"), ([{"key": "Name", "value": "a", "propagate_at_launch": True}], [{"key": "Name", "value": "b", "propagate_at_launch": True}]), "lateral|unknown auto|review|record info..medium"),
    judged("tags of what a template starts", ("aws_launch_template", "tag_specifications.0.tags.Name"), ("a", "b"), "lateral|unknown auto|review info..medium"),
    judged("one tag as a resource", ("aws_ec2_tag", "value"), ("a", "b"), "lateral|unknown auto|review|record info..medium"),
    judged("cluster's tag of a subnet", ("aws_subnet", "tags.kubernetes.io/role/elb"), ("1", None), "lateral|weakened|unknown review|auto info..medium"),
    judged("text of a policy of the organisation", ("aws_organizations_policy", "description"), ("a", "b"), "lateral auto info..low"),
    judged("mail that people get when they sign up", ("aws_cognito_user_pool", "email_verification_message"), ("Your code is {####}", "Visit example.net: {####}"), "lateral|unknown review|auto info..high"),
    judged("what a login page says", ("aws_iam_account_alias", "account_alias"), ("acme", "acme-prod"), "lateral|unknown review|auto|record info..medium"),
]

HARDER = [
    judged("TLS 1.3 only for storage", ("azurerm_storage_account", "min_tls_version"), ("TLS1_2", "TLS1_3"), BETTER_BUT, "SC-8/SC-13"),
    judged("passwords end, at last", ("aws_account", "password_policy.max_password_age"), (0, 90), BETTER_BUT, "IA-5"),
    judged("reuse of passwords remembered", ("aws_account", "password_policy.password_reuse_prevention"), (None, 24), "strengthened|unknown record|review info..medium"),
    judged("a budget's limit lower", ("aws_budgets_budget", "limit_amount"), ("1000", "500"), "lateral|unknown|strengthened review|record info..medium"),
    judged("cluster asks for a last snapshot", ("aws_rds_cluster", "skip_final_snapshot"), (True, False), BETTER_BUT, "CP-9"),
    judged("hop limit of one", ("aws_instance", "metadata_options.0.http_put_response_hop_limit"), (2, 1), "strengthened|unknown|lateral record|review info..medium"),
    judged("public block where none was", ("aws_account", "public_access_block.restrict_public_buckets"), (None, True), BETTER_BUT, "AC-3/AC-6/SC-7"),
    judged("flow log of all traffic", ("aws_flow_log", "traffic_type"), ("REJECT", "ALL"), BETTER_BUT, "AU-12/AU-2/AU-3/SI-4"),
    judged("queue keeps dead letters", ("aws_sqs_queue", "redrive_policy.redrive_policy"), (None, '{"deadLetterTargetArn":"arn:aws:sqs:x:dead","maxReceiveCount":5}'), "unknown|lateral|strengthened review|record info..medium"),
]

TRICKY = [*CONDITIONS, *TURNED, *NOT_WORDS, *HARDER]
