"""AWS through Terraform: who may do what (IAM, organisations, federation), judged without a look at the rules."""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from judged_blind_form import ACCOUNT, CONCEALED, CONCEALED_OTHER, PARTNER, allow, deny, document, judged

ROLE, USER, GROUP, POLICY = "aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy"
READ = allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::acme-data", "arn:aws:s3:::acme-data/*"])
ASSUME = "sts:AssumeRole"
LAMBDA, EC2 = {"Service": "lambda.amazonaws.com"}, {"Service": "ec2.amazonaws.com"}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
VIEW = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
OIDC = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
GITHUB = "token.actions.githubusercontent.com:sub"
PARTNERS = {"AWS": f"arn:aws:iam::{PARTNER}:root"}


def web(subject: str, test: str = "StringEquals") -> str:
    return document(
        allow("sts:AssumeRoleWithWebIdentity", None, OIDC, Condition={test: {GITHUB: subject}})
    )


POLICIES = [
    judged("policy becomes star on star", (POLICY, "policy"), (document(READ), document(allow("*", "*"))), "weakened review critical..high", "AC-6"),
    judged("policy gains a write", (POLICY, "policy"), (document(READ), document(READ, allow("s3:PutObject", "arn:aws:s3:::acme-data/*"))), "weakened review medium..critical", "AC-6/AC-3"),
    judged("policy action grows to a service wildcard", (POLICY, "policy"), (document(allow("s3:Get*", "arn:aws:s3:::acme-data/*")), document(allow("s3:*", "arn:aws:s3:::acme-data/*"))), "weakened review medium..critical", "AC-6"),
    judged("policy resource grows to all", (POLICY, "policy"), (document(allow("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/abc")), document(allow("kms:Decrypt", "*"))), "weakened review high..critical", "AC-6"),
    judged("policy may now pass any role", (POLICY, "policy"), (document(READ), document(READ, allow("iam:PassRole", "*"))), "weakened review high..critical", "AC-6"),
    judged("policy allows all but IAM", (POLICY, "policy"), (document(READ), document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})), "weakened|unknown review medium..critical", "AC-6"),
    judged("policy's NotAction excludes less", (POLICY, "policy"), (document({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}), document({"Effect": "Allow", "NotAction": ["organizations:*"], "Resource": "*"})), "weakened|unknown review medium..critical", "AC-6"),
    judged("policy lost its MFA condition", (POLICY, "policy"), (document(allow("ec2:*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})), document(allow("ec2:*", "*"))), "weakened review high..critical", "AC-6/IA-2"),
    judged("policy lost its deny", (POLICY, "policy"), (document(READ, deny("s3:DeleteObject", "*")), document(READ)), "weakened review medium..critical", "AC-6/AC-3"),
    judged("policy narrowed to one action", (POLICY, "policy"), (document(READ), document(allow("s3:GetObject", "arn:aws:s3:::acme-data/*"))), "strengthened record|review info..medium", "AC-6/AC-3"),
    judged("policy gained a deny", (POLICY, "policy"), (document(READ), document(READ, deny("s3:*", "*", Condition={"Bool": {"aws:SecureTransport": "false"}}))), "strengthened record|review info..medium", "AC-6/AC-3"),
    judged("policy in another order of statements and actions", (POLICY, "policy"), (document(READ, allow("sqs:SendMessage", "*")), document(allow(["sqs:SendMessage"], ["*"]), allow(["s3:ListBucket", "s3:GetObject"], ["arn:aws:s3:::acme-data/*", "arn:aws:s3:::acme-data"]))), "lateral auto|record info..low"),
    judged("policy's statement only has another Sid", (POLICY, "policy"), (document({**READ, "Sid": "Read"}), document({**READ, "Sid": "ReadData"})), "lateral auto|record info..low"),
    judged("policy swaps one bucket for another", (POLICY, "policy"), (document(allow("s3:GetObject", "arn:aws:s3:::acme-data/*")), document(allow("s3:GetObject", "arn:aws:s3:::acme-payroll/*"))), "weakened review medium..critical", "AC-6/AC-3"),
    judged("customer policy deleted", (POLICY, "resource"), ({"name": "app", "path": "/"}, None), "weakened|unknown|lateral review low..high", "AC-6/AC-3/AC-2/CM-6/CM-3", kind="missing"),
    judged("policy description", (POLICY, "description"), ("Reads the data bucket", "Reads data"), "lateral auto|review info..low"),
    judged("policy with a concealed part", (POLICY, "policy"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical", "AC-6/AC-3"),
]

ROLES = [
    judged("trust opened to everybody", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, LAMBDA)), document(allow(ASSUME, None, {"AWS": "*"}))), "weakened review critical", "AC-3/AC-6"),
    judged("trust opened to another account's root", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, LAMBDA)), document(allow(ASSUME, None, LAMBDA), allow(ASSUME, None, PARTNERS))), "weakened review high..critical", "AC-3/AC-6"),
    judged("trust lost its external id", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, PARTNERS, Condition={"StringEquals": {"sts:ExternalId": "acme-7"}})), document(allow(ASSUME, None, PARTNERS))), "weakened review high..critical", "AC-3/AC-6/IA-2/IA-5"),
    judged("trust of the own account's root in its two spellings", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, {"AWS": ACCOUNT})), document(allow(ASSUME, None, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))), "lateral auto|record info..low"),
    judged("trust of a second service", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, LAMBDA)), document(allow(ASSUME, None, {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}))), "weakened review medium..critical", "AC-3/AC-6"),
    judged("trust of another service instead", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, LAMBDA)), document(allow(ASSUME, None, EC2))), "weakened review medium..critical", "AC-3/AC-6"),
    judged("a repository's trust grows to its organisation", (ROLE, "assume_role_policy"), (web("repo:acme/shop:ref:refs/heads/main"), web("repo:acme/*", "StringLike")), "weakened review high..critical", "AC-3/AC-6/IA-2/IA-5"),
    judged("a repository's trust is for one branch now", (ROLE, "assume_role_policy"), (web("repo:acme/shop:*", "StringLike"), web("repo:acme/shop:ref:refs/heads/main")), "strengthened|unknown|weakened review|record info..critical", "AC-3/AC-6/IA-2"),
    judged("trust got a source account", (ROLE, "assume_role_policy"), (document(allow(ASSUME, None, LAMBDA)), document(allow(ASSUME, None, LAMBDA, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}))), "strengthened record|review info..medium", "AC-3/AC-6"),
    judged("administrator attached by hand", (ROLE, f"policy_attachment.{ADMIN}"), (None, ADMIN), "weakened review high..critical", "AC-6", drift_class="B"),
    judged("view-only attached by hand", (ROLE, f"policy_attachment.{VIEW}"), (None, VIEW), "weakened review medium..high", "AC-6", drift_class="B"),
    judged("attachment taken away", (ROLE, f"policy_attachment.{VIEW}"), ({"policy_arn": VIEW, "role": "app"}, None), "lateral|strengthened|unknown|weakened review low..high", "AC-6/AC-3/AC-2", kind="missing"),
    judged("inline policy nobody declared", (ROLE, "inline_policy.backdoor"), (None, document(allow("*", "*"))), "weakened review critical..high", "AC-6", drift_class="B"),
    judged("boundary removed", (ROLE, "permissions_boundary"), (f"arn:aws:iam::{ACCOUNT}:policy/boundary", None), "weakened review high..critical", "AC-6"),
    judged("boundary set", (ROLE, "permissions_boundary"), (None, f"arn:aws:iam::{ACCOUNT}:policy/boundary"), "strengthened record|review info..medium", "AC-6"),
    judged("boundary exchanged", (ROLE, "permissions_boundary"), (f"arn:aws:iam::{ACCOUNT}:policy/boundary", f"arn:aws:iam::{ACCOUNT}:policy/loose"), "unknown|weakened|lateral review medium..critical", "AC-6"),
    judged("session of twelve hours", (ROLE, "max_session_duration"), (3600, 43200), "weakened review low..high", "AC-12/AC-6/AC-2/IA-11/SC-23"),
    judged("session shorter", (ROLE, "max_session_duration"), (43200, 3600), "strengthened record|review info..low", "AC-12/AC-6/AC-2/IA-11/SC-23"),
    judged("role description", (ROLE, "description"), ("Runs the shop", "Runs the shop (legacy)"), "lateral auto info..low"),
    judged("role nobody declared", (ROLE, "resource"), (None, {"name": "ops-temp"}), "weakened|unknown|lateral review medium..critical", "AC-2/AC-6/CM-8", kind="unmanaged", drift_class="B"),
    judged("role deleted", (ROLE, "resource"), ({"name": "app"}, None), "weakened|unknown|lateral review low..high", "AC-2/AC-3/AC-6", kind="missing"),
    judged("instance profile carries another role", ("aws_iam_instance_profile", "role"), ("web", "admin"), "weakened|unknown|lateral review medium..critical", "AC-6"),
]

PEOPLE = [
    judged("user nobody declared", (USER, "resource"), (None, {"name": "backup-svc"}), "weakened|unknown|lateral review medium..critical", "AC-2", kind="unmanaged", drift_class="B"),
    judged("user deleted", (USER, "resource"), ({"name": "build"}, None), "weakened|unknown|lateral|strengthened review low..high", "AC-2", kind="missing"),
    judged("second access key", (USER, "access_key.3fa1"), (None, {"status": "Active"}), "weakened|unknown review medium..critical", "AC-2/IA-5", drift_class="B"),
    judged("access key activated again", (USER, "access_key.3fa1.status"), ("Inactive", "Active"), "weakened review medium..critical", "AC-2/IA-5"),
    judged("access key switched off", (USER, "access_key.3fa1.status"), ("Active", "Inactive"), "strengthened record|review info..medium", "AC-2/IA-5"),
    judged("console password appears", (USER, "login_profile"), (None, {"password_reset_required": False}), "weakened|unknown review medium..critical", "AC-2/IA-5/IA-2", drift_class="B"),
    judged("user put into the administrators", (USER, "groups"), (["devs"], ["admins", "devs"]), "weakened|unknown review medium..critical", "AC-2/AC-6"),
    judged("administrator attached to a user", (USER, f"policy_attachment.{ADMIN}"), (None, ADMIN), "weakened review high..critical", "AC-6", drift_class="B"),
    judged("user's boundary removed", (USER, "permissions_boundary"), (f"arn:aws:iam::{ACCOUNT}:policy/boundary", ""), "weakened review high..critical", "AC-6"),
    judged("user's path", (USER, "path"), ("/", "/people/"), "lateral|unknown review|auto|record info..medium"),
    judged("group got an inline policy", (GROUP, "inline_policy.extra"), (None, document(allow("ec2:*", "*"))), "weakened review high..critical", "AC-6", drift_class="B"),
    judged("a group gained a member", (GROUP, "membership.team.users"), (["a"], ["a", "b"]), "weakened|unknown review medium..high", "AC-2/AC-6"),
    judged("a group of its own attachments lost one", (GROUP, f"policy_attachment.{VIEW}"), (VIEW, None), "strengthened|lateral|unknown review|record info..high", "AC-6/AC-2/AC-3"),
    judged("password may be short", ("aws_account", "password_policy.minimum_password_length"), (14, 8), "weakened review medium..high", "IA-5"),
    judged("password must be longer", ("aws_account", "password_policy.minimum_password_length"), (14, 16), "strengthened record info..low", "IA-5"),
    judged("passwords no longer end", ("aws_account", "password_policy.max_password_age"), (90, 0), "weakened review low..high", "IA-5"),
    judged("passwords may be used again", ("aws_account", "password_policy.password_reuse_prevention"), (24, None), "weakened review low..high", "IA-5"),
    judged("symbols no longer required", ("aws_iam_account_password_policy", "require_symbols"), (True, False), "weakened review low..high", "IA-5"),
    judged("password policy deleted", ("aws_account", "password_policy"), ({"minimum_password_length": 14}, None), "weakened|unknown review medium..critical", "IA-5", kind="missing"),
    judged("account alias", ("aws_account", "alias"), ("acme-prod", "acme-production"), "lateral|unknown auto|review|record info..medium"),
    judged("SAML provider's metadata", ("aws_iam_saml_provider", "saml_metadata_document"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical", "IA-8/IA-2/IA-5/AC-3"),
    judged("OIDC provider's thumbprints", ("aws_iam_openid_connect_provider", "thumbprint_list"), (["6938fd4d98bab03faadb97b34396831e3780aea1"], ["6938fd4d98bab03faadb97b34396831e3780aea1", "ffffffffffffffffffffffffffffffffffffffff"]), "unknown|weakened|lateral review medium..critical", "IA-8/IA-2/IA-5/IA-9/SC-23"),
    judged("OIDC provider accepts another audience", ("aws_iam_openid_connect_provider", "client_id_list"), (["sts.amazonaws.com"], ["sts.amazonaws.com", "https://example.com"]), "unknown|weakened review medium..critical", "IA-8/IA-2/IA-5/IA-9/AC-3"),
    judged("OIDC provider nobody declared", ("aws_iam_openid_connect_provider", "resource"), (None, {"url": "https://idp.example.net"}), "weakened|unknown|lateral review medium..critical", "IA-8/IA-2/AC-2/CM-8/IA-5", kind="unmanaged", drift_class="B"),
]

ORGANISATION = [
    judged("service control policy loses its deny", ("aws_organizations_policy", "content"), (document(deny(["cloudtrail:StopLogging", "organizations:LeaveOrganization"], "*")), document(deny("organizations:LeaveOrganization", "*"))), "weakened|unknown review high..critical", "AC-6/AC-3/CM-7"),
    judged("service control policy detached", ("aws_organizations_policy_attachment", "resource"), ({"policy_id": "p-abc", "target_id": "ou-1"}, None), "weakened|unknown review medium..critical", "AC-6/AC-3/CM-7/CM-6", kind="missing"),
    judged("a service trusted by the organisation", ("aws_organizations_organization", "aws_service_access_principals"), (["cloudtrail.amazonaws.com"], ["cloudtrail.amazonaws.com", "ram.amazonaws.com"]), "unknown|weakened|lateral review medium..high", "AC-6/AC-3/CM-7/AC-2/CM-6"),
    judged("SSO session is twelve hours", ("aws_ssoadmin_permission_set", "session_duration"), ("PT1H", "PT12H"), "weakened|unknown review low..high", "AC-12/AC-6/AC-2/IA-11/IA-2"),
    judged("SSO permission set's inline policy grows", ("aws_ssoadmin_permission_set_inline_policy", "inline_policy"), (document(READ), document(READ, allow("iam:*", "*"))), "weakened review high..critical", "AC-6"),
    judged("SSO assignment nobody declared", ("aws_ssoadmin_account_assignment", "resource"), (None, {"principal_type": "GROUP"}), "weakened|unknown|lateral review medium..critical", "AC-2/AC-6/CM-8", kind="unmanaged", drift_class="B"),
    judged("SSO permission set's description", ("aws_ssoadmin_permission_set", "description"), ("Read", "Reads all"), "lateral auto info..low"),
    judged("security contact removed", ("aws_account", "alternate_contact.SECURITY"), ({"email_address": "security@example.com"}, None), "weakened|unknown|lateral review low..high", "IR-6/IR-4/IR-7/SI-5/CP-2/CM-6/IR-5", kind="missing"),
    judged("user pool's MFA off", ("aws_cognito_user_pool", "mfa_configuration"), ("ON", "OFF"), "weakened review high..critical", "IA-2"),
    judged("user pool's MFA optional becomes required", ("aws_cognito_user_pool", "mfa_configuration"), ("OPTIONAL", "ON"), "strengthened record|review info..medium", "IA-2"),
    judged("user pool's passwords short", ("aws_cognito_user_pool", "password_policy.0.minimum_length"), (12, 6), "weakened review medium..high", "IA-5"),
    judged("user pool lets anybody sign up", ("aws_cognito_user_pool", "admin_create_user_config.0.allow_admin_create_user_only"), (True, False), "weakened|unknown review medium..critical", "AC-2/IA-2/IA-8/AC-3"),
    judged("identity pool lets guests in", ("aws_cognito_identity_pool", "allow_unauthenticated_identities"), (False, True), "weakened review high..critical", "AC-3/IA-2/AC-14/IA-8"),
    judged("app client's callback", ("aws_cognito_user_pool_client", "callback_urls"), (["https://shop.example.com/cb"], ["http://localhost:3000", "https://shop.example.com/cb"]), "unknown|weakened review medium..high", "IA-8/AC-3/IA-5/SC-23/SC-8/IA-2/CM-6"),
    judged("app client's tokens live longer", ("aws_cognito_user_pool_client", "refresh_token_validity"), (1, 365), "weakened|unknown review low..high", "AC-12/IA-5/IA-11/SC-23/IA-2"),
]

IDENTITY = [*POLICIES, *ROLES, *PEOPLE, *ORGANISATION]
