"""AWS through Terraform: who reaches what (groups, routes, gateways, edges, names), judged without a look at the rules."""

# ruff: noqa: E501  (one drift, one line)
# fmt: off

from typing import Any

from judged_blind_form import ACCOUNT, CONCEALED, CONCEALED_OTHER, PARTNER, allow, deny, document, judged

GROUP, NACL, TABLE = "aws_security_group", "aws_network_acl", "aws_route_table"
ENDPOINT, SUBNET, GATEWAY = "aws_vpc_endpoint", "aws_subnet", "aws_ec2_transit_gateway"
BALANCER, LISTENER, EDGE = "aws_lb", "aws_lb_listener", "aws_cloudfront_distribution"
WAF, ZONE, RECORD = "aws_wafv2_web_acl", "aws_route53_zone", "aws_route53_record"
TLS12, TLS13, TLS10 = "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS-1-0-2015-04"


def opened(port: int, *ranges: str, to: int | None = None, protocol: str = "tcp", **more: Any) -> dict[str, Any]:
    key = "ipv6_cidr_blocks" if ranges and ":" in ranges[0] else "cidr_blocks"
    said = {"from_port": port, "to_port": port if to is None else to, "protocol": protocol, **more}
    return {**said, key: list(ranges)} if ranges else said


def entry(number: int, action: str, block: str, port: int, protocol: str = "tcp") -> dict[str, Any]:
    return {"rule_no": number, "action": action, "cidr_block": block, "from_port": port, "to_port": port, "protocol": protocol}


HTTPS, INSIDE = opened(443, "10.20.0.0/16"), "10.20.0.0/16"

GROUPS = [
    judged("SSH open to the world", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(22, "0.0.0.0/0")]), "weakened review critical", "SC-7"),
    judged("RDP open to the world over IPv6", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(3389, "::/0")]), "weakened review critical", "SC-7"),
    judged("database open to the world", (GROUP, "ingress"), ([opened(5432, INSIDE)], [opened(5432, "0.0.0.0/0")]), "weakened review critical", "SC-7"),
    judged("all ports and protocols open to the world", (GROUP, "ingress"), ([HTTPS], [opened(0, "0.0.0.0/0", protocol="-1")]), "weakened review critical", "SC-7"),
    judged("the world in two halves", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(22, "0.0.0.0/1", "128.0.0.0/1")]), "weakened review critical", "SC-7"),
    judged("the world over IPv6 in two halves", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(22, "::/1", "8000::/1")]), "weakened review critical..high", "SC-7"),
    judged("HTTPS open to the world", (GROUP, "ingress"), ([HTTPS], [opened(443, "0.0.0.0/0")]), "weakened review medium..critical", "SC-7"),
    judged("one more office address", (GROUP, "ingress"), ([opened(22, "203.0.113.7/32")], [opened(22, "203.0.113.7/32", "198.51.100.9/32")]), "weakened review medium..high", "SC-7"),
    judged("a wider port range inside", (GROUP, "ingress"), ([HTTPS], [opened(0, INSIDE, to=65535)]), "weakened review medium..high", "SC-7"),
    judged("a range cut in two halves", (GROUP, "ingress"), ([opened(443, "10.0.0.0/8")], [opened(443, "10.0.0.0/9", "10.128.0.0/9")]), "lateral auto|record info..low"),
    judged("two adjacent port ranges for one", (GROUP, "ingress"), ([opened(8000, INSIDE, to=8010)], [opened(8000, INSIDE, to=8005), opened(8006, INSIDE, to=8010)]), "lateral auto|record info..low"),
    judged("the world is closed again", (GROUP, "ingress"), ([opened(22, "0.0.0.0/0")], [opened(22, INSIDE)]), "strengthened record|review info..medium", "SC-7"),
    judged("a rule is gone", (GROUP, "ingress"), ([HTTPS, opened(22, INSIDE)], [HTTPS]), "strengthened record|review info..medium", "SC-7"),
    judged("a rule's words", (GROUP, "ingress"), ([{**HTTPS, "description": "https"}], [{**HTTPS, "description": "https from vpc"}]), "lateral auto|record|review info..medium"),
    judged("a declared rule is missing", (GROUP, "ingress"), ([opened(22, INSIDE)], None), "strengthened|lateral|unknown review|record info..medium", "SC-7/CM-6", kind="missing"),
    judged("a rule by another group", (GROUP, "ingress"), ([{**opened(5432), "security_groups": ["sg-1"]}], [{**opened(5432), "security_groups": ["sg-1", "sg-2"]}]), "weakened review medium..high", "SC-7"),
    judged("a rule nobody declared", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(9200, "0.0.0.0/0")]), "weakened review high..critical", "SC-7", drift_class="B"),
    judged("a prefix list by hand", (GROUP, "ingress"), ([HTTPS], [HTTPS, {**opened(22), "prefix_list_ids": ["pl-1"]}]), "weakened|unknown review medium..high", "SC-7"),
    judged("out to the whole world", (GROUP, "egress"), ([HTTPS], [opened(0, "0.0.0.0/0", protocol="-1")]), "weakened review medium..high", "SC-7"),
    judged("ping from inside", (GROUP, "ingress"), ([HTTPS], [HTTPS, opened(-1, "10.0.0.0/8", protocol="icmp")]), "weakened review low..high", "SC-7"),
    judged("group nobody declared", (GROUP, "resource"), (None, {"name": "temp"}), "weakened|unknown|lateral review low..high", "SC-7/CM-8", kind="unmanaged", drift_class="B"),
    judged("group's description", (GROUP, "description"), ("web", "Managed by Terraform"), "lateral auto|review info..low"),
    judged("default group of the VPC opened", ("aws_default_security_group", "ingress"), ([], [opened(0, "0.0.0.0/0", protocol="-1")]), "weakened review high..critical", "SC-7"),
    judged("managed prefix list gains the world", ("aws_ec2_managed_prefix_list", "entry"), ([{"cidr": INSIDE, "description": ""}], [{"cidr": INSIDE, "description": ""}, {"cidr": "0.0.0.0/0", "description": ""}]), "weakened|unknown review medium..critical", "SC-7"),
    judged("rule of its own gains the world", ("aws_vpc_security_group_ingress_rule", "cidr_ipv4"), (INSIDE, "0.0.0.0/0"), "weakened review high..critical", "SC-7"),
]

NETWORKS = [
    judged("network ACL lets the world in first", (NACL, "ingress"), ([entry(100, "allow", INSIDE, 443)], [entry(90, "allow", "0.0.0.0/0", 0, "-1"), entry(100, "allow", INSIDE, 443)]), "weakened|unknown review medium..critical", "SC-7"),
    judged("network ACL's deny is gone", (NACL, "ingress"), ([entry(50, "deny", "198.51.100.0/24", 0, "-1"), entry(100, "allow", "0.0.0.0/0", 443)], [entry(100, "allow", "0.0.0.0/0", 443)]), "weakened|unknown review medium..critical", "SC-7"),
    judged("network ACL's entries in another order", (NACL, "ingress"), ([entry(100, "allow", INSIDE, 443), entry(90, "deny", "10.20.1.0/24", 443)], [entry(90, "allow", INSIDE, 443), entry(100, "deny", "10.20.1.0/24", 443)]), "weakened|unknown review medium..critical", "SC-7"),
    judged("default route to the internet from a private table", (TABLE, "route"), ([{"cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"}], [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]), "weakened|unknown review medium..critical", "SC-7"),
    judged("a route to another network by a peering", (TABLE, "route"), ([], [{"cidr_block": "172.31.0.0/16", "vpc_peering_connection_id": "pcx-1"}]), "weakened|unknown review medium..high", "SC-7"),
    judged("subnet hands out public addresses", (SUBNET, "map_public_ip_on_launch"), (False, True), "weakened review medium..high", "SC-7"),
    judged("subnet no longer hands out public addresses", (SUBNET, "map_public_ip_on_launch"), (True, False), "strengthened record|review info..medium", "SC-7"),
    judged("VPC's DNS hostnames off", ("aws_vpc", "enable_dns_hostnames"), (True, False), "lateral|unknown review low..medium"),
    judged("VPC's DNS off", ("aws_vpc", "enable_dns_support"), (True, False), "lateral|unknown|weakened review low..high"),
    judged("VPC nobody declared", ("aws_vpc", "resource"), (None, {"cidr_block": "10.99.0.0/16"}), "weakened|unknown|lateral review low..high", "CM-8/SC-7/CM-7/CM-3", kind="unmanaged", drift_class="B"),
    judged("internet gateway nobody declared", ("aws_internet_gateway", "resource"), (None, {"vpc_id": "vpc-1"}), "weakened|unknown|lateral review medium..critical", "SC-7/CM-8", kind="unmanaged", drift_class="B"),
    judged("NAT gateway deleted", ("aws_nat_gateway", "resource"), ({"subnet_id": "subnet-1"}, None), "lateral|unknown|weakened review low..high", kind="missing"),
    judged("flow log deleted", ("aws_flow_log", "resource"), ({"traffic_type": "ALL"}, None), "weakened|unknown review medium..high", "AU-12/AU-2/AU-6/SI-4", kind="missing"),
    judged("flow log tells rejected traffic only", ("aws_flow_log", "traffic_type"), ("ALL", "REJECT"), "weakened review low..high", "AU-12/AU-2/AU-3/SI-4"),
    judged("flow log tells it more often", ("aws_flow_log", "max_aggregation_interval"), (600, 60), "strengthened|lateral record|auto|review info..low"),
    judged("endpoint's policy for all", (ENDPOINT, "policy"), (document(allow("s3:GetObject", "arn:aws:s3:::acme-data/*", "*")), document(allow("*", "*", "*"))), "weakened review medium..critical", "AC-3/AC-6/SC-7/AC-4"),
    judged("endpoint's private names off", (ENDPOINT, "private_dns_enabled"), (True, False), "weakened|unknown|lateral review low..high", "SC-7/SC-8/CM-6/SC-20/AC-4"),
    judged("endpoint for the bucket is gone", (ENDPOINT, "resource"), ({"service_name": "com.amazonaws.eu-west-1.s3"}, None), "weakened|unknown|lateral review low..high", "SC-7/AC-4/CM-6", kind="missing"),
    judged("endpoint service accepts by itself", ("aws_vpc_endpoint_service", "acceptance_required"), (True, False), "weakened review medium..critical", "AC-3/SC-7/AC-4"),
    judged("peering nobody declared", ("aws_vpc_peering_connection", "resource"), (None, {"peer_owner_id": PARTNER}), "weakened|unknown|lateral review medium..critical", "SC-7/CA-3/AC-4/CM-8", kind="unmanaged", drift_class="B"),
    judged("transit gateway accepts by itself", (GATEWAY, "auto_accept_shared_attachments"), ("disable", "enable"), "weakened review medium..critical", "SC-7/AC-4/CA-3/AC-3"),
    judged("transit gateway associates with its default table", (GATEWAY, "default_route_table_association"), ("disable", "enable"), "weakened|unknown review low..high", "SC-7/AC-4"),
    judged("transit gateway's description", (GATEWAY, "description"), ("core", "core gateway"), "lateral auto info..low"),
    judged("VPN tunnel by the old exchange", ("aws_vpn_connection", "tunnel1_ike_versions"), (["ikev2"], ["ikev1", "ikev2"]), "weakened|unknown review medium..high", "SC-8/SC-13/AC-17"),
    judged("VPN's shared key", ("aws_vpn_connection", "tunnel1_preshared_key"), (CONCEALED, CONCEALED_OTHER), "unknown review medium..critical", "SC-12/IA-5/SC-8/AC-17"),
    judged("client VPN of another network", ("aws_ec2_client_vpn_authorization_rule", "authorize_all_groups"), (False, True), "weakened|unknown review medium..critical", "AC-17/AC-3/SC-7/AC-6"),
    judged("address of nobody", ("aws_eip", "resource"), (None, {"public_ip": "203.0.113.50"}), "weakened|unknown|lateral review|record info..medium", "CM-8/SC-7/CM-3", kind="unmanaged", drift_class="B"),
    judged("firewall's policy forwards by default", ("aws_networkfirewall_firewall_policy", "firewall_policy.0.stateless_default_actions"), (["aws:drop"], ["aws:pass"]), "weakened|unknown review high..critical", "SC-7"),
    judged("firewall may be deleted", ("aws_networkfirewall_firewall", "delete_protection"), (True, False), "weakened review low..high", "SC-7/SC-5/CP-9/CM-5/CM-6/CP-10/AC-3/CP-2"),
]

EDGES = [
    judged("listener by TLS 1.0", (LISTENER, "ssl_policy"), (TLS12, TLS10), "weakened review medium..high", "SC-8/SC-13"),
    judged("listener by TLS 1.3", (LISTENER, "ssl_policy"), (TLS12, TLS13), "strengthened record|review info..low", "SC-8/SC-13"),
    judged("listener by a policy nobody knows", (LISTENER, "ssl_policy"), (TLS12, "ELBSecurityPolicy-Acme-Future"), "unknown review low..high", "SC-8/SC-13"),
    judged("listener in clear", (LISTENER, "protocol"), ("HTTPS", "HTTP"), "weakened review high..critical", "SC-8"),
    judged("listener no longer redirects", (LISTENER, "default_action.0.type"), ("redirect", "forward"), "weakened|unknown review medium..high", "SC-8/CM-6"),
    judged("listener's certificate", (LISTENER, "certificate_arn"), (f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/a", f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/b"), "unknown|lateral review low..high", "SC-8/SC-12/SC-17/IA-5/SC-13/SC-23"),
    judged("balancer faces the internet", (BALANCER, "internal"), (True, False), "weakened review high..critical", "SC-7"),
    judged("balancer passes bad headers", (BALANCER, "drop_invalid_header_fields"), (True, False), "weakened review low..high", "SC-8/SC-7/SI-10/SC-23"),
    judged("balancer may be deleted", (BALANCER, "enable_deletion_protection"), (True, False), "weakened review low..high", "CP-9/CP-10/SC-5/CM-6/CM-5/CP-2/AC-3/SI-12/CM-2/CM-3"),
    judged("balancer may not be deleted", (BALANCER, "enable_deletion_protection"), (False, True), "strengthened record info..low"),
    judged("balancer's access log off", (BALANCER, "access_logs.0.enabled"), (True, False), "weakened review medium..high", "AU-12/AU-2"),
    judged("balancer's log goes elsewhere", (BALANCER, "access_logs.0.bucket"), ("acme-logs", "someone-else-logs"), "unknown|weakened|lateral review medium..high", "AU-12/AU-2/AU-9/AU-4/AU-6"),
    judged("balancer's idle timeout", (BALANCER, "idle_timeout"), (60, 300), "lateral|unknown|weakened review|record|auto info..medium"),
    judged("balancer in other groups", (BALANCER, "security_groups"), (["sg-1"], ["sg-1", "sg-open"]), "unknown|weakened|lateral review medium..high", "SC-7"),
    judged("target group checks another path", ("aws_lb_target_group", "health_check.0.path"), ("/healthz", "/"), "lateral|unknown review|record|auto info..medium"),
    judged("target group speaks in clear", ("aws_lb_target_group", "protocol"), ("HTTPS", "HTTP"), "weakened review medium..high", "SC-8"),
    judged("classic balancer's listeners in clear", ("aws_elb", "listener"), ([{"lb_port": 443, "lb_protocol": "https", "instance_port": 80, "instance_protocol": "http"}], [{"lb_port": 80, "lb_protocol": "http", "instance_port": 80, "instance_protocol": "http"}]), "weakened|unknown review medium..critical", "SC-8"),
    judged("edge allows plain HTTP", (EDGE, "default_cache_behavior.0.viewer_protocol_policy"), ("redirect-to-https", "allow-all"), "weakened review medium..high", "SC-8"),
    judged("edge by an old TLS", (EDGE, "viewer_certificate.0.minimum_protocol_version"), ("TLSv1.2_2021", "TLSv1"), "weakened review medium..high", "SC-8/SC-13"),
    judged("edge by a newer TLS", (EDGE, "viewer_certificate.0.minimum_protocol_version"), ("TLSv1.2_2019", "TLSv1.2_2021"), "strengthened record info..low", "SC-8/SC-13"),
    judged("edge without its firewall", (EDGE, "web_acl_id"), (f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/shop/1", ""), "weakened review high..critical", "SC-7/SI-4/SC-5/SI-3/SI-10/AC-4"),
    judged("edge with another origin", (EDGE, "origin"), ([{"domain_name": "acme-site.s3.amazonaws.com", "origin_id": "s3"}], [{"domain_name": "example.net", "origin_id": "s3"}]), "unknown|weakened review medium..critical", "SC-7/SC-8/CM-6/AC-4/SI-7/CM-3"),
    judged("edge no longer logs", (EDGE, "logging_config"), ([{"bucket": "acme-logs.s3.amazonaws.com", "prefix": "cf"}], []), "weakened review medium..high", "AU-12/AU-2"),
    judged("edge's countries", (EDGE, "restrictions.0.geo_restriction.0.restriction_type"), ("whitelist", "none"), "weakened|unknown review low..high", "AC-4/SC-7/AC-3"),
    judged("edge's price class", (EDGE, "price_class"), ("PriceClass_100", "PriceClass_All"), "lateral|unknown review|record|auto info..medium"),
    judged("edge's comment", (EDGE, "comment"), ("shop", "the shop"), "lateral auto info..low"),
    judged("firewall counts instead of blocking", (WAF, "default_action"), ([{"block": [{}]}], [{"allow": [{}]}]), "weakened|unknown review medium..critical", "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("firewall lost a rule", (WAF, "rule"), ([{"name": "common", "priority": 1}, {"name": "sqli", "priority": 2}], [{"name": "common", "priority": 1}]), "weakened|unknown review medium..critical", "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10"),
    judged("firewall of a balancer taken off", ("aws_wafv2_web_acl_association", "resource"), ({"resource_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:lb", "web_acl_arn": "arn:aws:wafv2:x"}, None), "weakened|unknown review high..critical", "SC-7/SI-4/SC-5/AC-4/SI-3/SI-10", kind="missing"),
    judged("firewall's address set grows", ("aws_wafv2_ip_set", "addresses"), (["203.0.113.0/24"], ["0.0.0.0/1", "203.0.113.0/24"]), "weakened|unknown review medium..high", "SC-7/AC-4/SI-4"),
    judged("firewall no longer logs", ("aws_wafv2_web_acl_logging_configuration", "resource"), ({"log_destination_configs": ["arn:aws:s3:::aws-waf-logs"]}, None), "weakened|unknown review medium..high", "AU-12/AU-2/SI-4", kind="missing"),
    judged("shield taken off", ("aws_shield_protection", "resource"), ({"name": "edge"}, None), "weakened|unknown review medium..high", "SC-5", kind="missing"),
]

NAMES = [
    judged("record points elsewhere", (RECORD, "records"), (["203.0.113.10"], ["198.51.100.66"]), "unknown|lateral|weakened review medium..critical", "SC-20/SC-21/SC-7/CM-6/CM-3/SI-7"),
    judged("record lives shorter", (RECORD, "ttl"), (300, 60), "lateral|unknown auto|record|review info..medium"),
    judged("record deleted", (RECORD, "resource"), ({"name": "api.example.com", "type": "A"}, None), "unknown|lateral|weakened review low..high", kind="missing"),
    judged("record nobody declared", (RECORD, "resource"), (None, {"name": "login.example.com", "type": "CNAME"}), "unknown|lateral|weakened review low..high", "CM-8/SC-20/SC-7/CM-3/CM-6", kind="unmanaged", drift_class="B"),
    judged("zone's comment", (ZONE, "comment"), ("Managed by Terraform", "main zone"), "lateral auto info..low"),
    judged("zone in one more network", (ZONE, "vpc"), ([{"vpc_id": "vpc-1"}], [{"vpc_id": "vpc-1"}, {"vpc_id": "vpc-2"}]), "unknown|weakened|lateral review low..high"),
    judged("zone no longer signed", ("aws_route53_hosted_zone_dnssec", "signing_status"), ("SIGNING", "NOT_SIGNING"), "weakened|unknown review medium..high", "SC-20/SC-21"),
    judged("queries no longer logged", ("aws_route53_query_log", "resource"), ({"zone_id": "Z1"}, None), "weakened|unknown review low..high", "AU-12/AU-2/SI-4", kind="missing"),
    judged("domain may move away", ("aws_route53domains_registered_domain", "transfer_lock"), (True, False), "weakened review medium..critical", "SC-20/CM-5/CM-6/AC-3/SC-12/SC-21"),
    judged("certificate is for one more name", ("aws_acm_certificate", "subject_alternative_names"), (["shop.example.com"], ["*.example.com", "shop.example.com"]), "unknown|weakened|lateral review low..high", "SC-12/SC-17/SC-8/IA-5/SC-13/SC-23"),
    judged("certificate deleted", ("aws_acm_certificate", "resource"), ({"domain_name": "shop.example.com"}, None), "unknown|lateral|weakened review medium..high", "SC-12/SC-17/SC-8/IA-5/SC-13/SC-23", kind="missing"),
    judged("certificate no longer transparent", ("aws_acm_certificate", "options.0.certificate_transparency_logging_preference"), ("ENABLED", "DISABLED"), "weakened|unknown review low..medium", "SC-17/AU-12/AU-2/SC-12/SC-8/IA-5/SC-23"),
    judged("REST API's policy lets everybody call", ("aws_api_gateway_rest_api", "policy"), (document(allow("execute-api:Invoke", "*", "*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})), document(allow("execute-api:Invoke", "*", "*"))), "weakened review high..critical", "AC-3/AC-6/SC-7/AC-4"),
    judged("method needs nobody's name", ("aws_api_gateway_method", "authorization"), ("AWS_IAM", "NONE"), "weakened review high..critical", "AC-3/IA-2/AC-6/IA-8/AC-14"),
    judged("method needs a key no more", ("aws_api_gateway_method", "api_key_required"), (True, False), "weakened review medium..critical", "AC-3/IA-2/AC-6/IA-8/IA-9/IA-5"),
    judged("stage no longer traced", ("aws_api_gateway_stage", "xray_tracing_enabled"), (True, False), "weakened|lateral review|record low..medium"),
    judged("stage's access log gone", ("aws_api_gateway_stage", "access_log_settings"), ([{"destination_arn": "arn:aws:logs:x", "format": "$context.requestId"}], []), "weakened review medium..high", "AU-12/AU-2"),
    judged("stage's variable", ("aws_api_gateway_stage", "variables.backend"), ("v1", "v2"), "lateral|unknown review low..medium"),
    judged("API's domain by TLS 1.0", ("aws_api_gateway_domain_name", "security_policy"), ("TLS_1_2", "TLS_1_0"), "weakened review medium..high", "SC-8/SC-13"),
    judged("HTTP API's origins", ("aws_apigatewayv2_api", "cors_configuration.0.allow_origins"), (["https://shop.example.com"], ["*"]), "weakened|unknown review medium..high", "AC-3/AC-4/SC-7/SC-8/CM-6/CM-7/SC-18"),
    judged("HTTP route without authorizer", ("aws_apigatewayv2_route", "authorization_type"), ("JWT", "NONE"), "weakened review high..critical", "AC-3/IA-2/IA-8/AC-6/AC-14"),
    judged("API's throttle lifted", ("aws_api_gateway_usage_plan", "throttle_settings.0.rate_limit"), (100, 100000), "weakened|unknown|lateral review low..medium", "SC-5/AC-3/SC-6/CM-6"),
    judged("endpoint policy denies more", (ENDPOINT, "policy"), (document(allow("*", "*", "*")), document(allow("*", "*", "*"), deny("s3:DeleteBucket", "*", "*"))), "strengthened record|review info..medium", "AC-3/AC-6/SC-7/AC-4"),
]

NETWORK = [*GROUPS, *NETWORKS, *EDGES, *NAMES]
