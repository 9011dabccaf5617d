"""What is live is listed with the real SDK, called as a state calls it, and never silently left out."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from strays import REGION, Account, inventories, target

from examples.clouds.moto import ACCOUNT
from tasks.inventory.listing import take
from tasks.inventory.live import Inventory, Live, Place
from tasks.inventory.table import ROWS
from taxonomy.resources import identify

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def taken(account: Account) -> tuple[Inventory, ...]:
    return inventories(account, target("network"))


@pytest.fixture(scope="module")
def live(taken: tuple[Inventory, ...]) -> dict[str, Live]:
    return {one.identity.resource_id: one for inventory in taken for one in inventory.live}


class Refusing(BaseHTTPRequestHandler):
    """Denies everything, as the services do that speak JSON."""

    def do_POST(self) -> None:
        body = json.dumps({"__type": "AccessDeniedException", "message": "no"}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the names are http.server's

    def log_message(self, *_said: object) -> None:
        return


@contextmanager
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_each_kind_is_listed_and_called_as_terraform_calls_it(
    account: Account, live: dict[str, Live]
) -> None:
    ids = account.ids
    stated = {
        "aws_s3_bucket": {"bucket": "shadow-it", "arn": "arn:aws:s3:::shadow-it"},
        "aws_iam_role": {"name": "clerk", "arn": f"arn:aws:iam::{ACCOUNT}:role/desk/clerk"},
        "aws_iam_user": {"name": "visitor", "arn": f"arn:aws:iam::{ACCOUNT}:user/visitor"},
        "aws_iam_group": {"name": "guests", "arn": f"arn:aws:iam::{ACCOUNT}:group/guests"},
        "aws_iam_policy": {"name": "anything", "arn": f"arn:aws:iam::{ACCOUNT}:policy/anything"},
        "aws_vpc": {"id": ids["vpc"], "arn": f"{EC2}:vpc/{ids['vpc']}"},
        "aws_subnet": {"id": ids["subnet"], "arn": f"{EC2}:subnet/{ids['subnet']}"},
        "aws_security_group": {"id": ids["group"], "arn": f"{EC2}:security-group/{ids['group']}"},
        "aws_instance": {"id": ids["instance"], "arn": f"{EC2}:instance/{ids['instance']}"},
        "aws_ebs_volume": {"id": ids["volume"], "arn": f"{EC2}:volume/{ids['volume']}"},
        "aws_internet_gateway": {"id": ids["gateway"], "arn": f"{EC2}:internet-gateway/{ids['gateway']}"},
        "aws_eip": {"allocation_id": ids["address"], "arn": f"{EC2}:elastic-ip/{ids['address']}"},
        "aws_key_pair": {"key_name": "back-door", "arn": f"{EC2}:key-pair/back-door"},
        "aws_kms_key": {"key_id": ids["key"], "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{ids['key']}"},
        "aws_lambda_function": {"arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:miner"},
        "aws_db_instance": {"arn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:copy"},
        "aws_dynamodb_table": {"name": "notes", "arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/notes"},
        "aws_sns_topic": {"arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:gossip"},
        "aws_sqs_queue": {"name": "letters", "arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"},
        "aws_cloudwatch_log_group": {"arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/acme/odd"},
        "aws_ssm_parameter": {"arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/acme/odd"},
        "aws_ecr_repository": {"arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/odd/image"},
        "aws_ecs_cluster": {"arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/odd"},
        "aws_cloudwatch_event_rule": {"arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly"},
    }
    for kind, attributes in stated.items():
        identity = identify(kind, attributes, account=ACCOUNT, region=REGION)
        assert identity.resource_id in live, kind
        assert live[identity.resource_id].identity.resource_type == kind
        assert live[identity.resource_id].known is None, kind
    kinds = {one.identity.resource_type for one in live.values() if one.known is None}
    assert kinds >= {"aws_secretsmanager_secret", "aws_efs_file_system", "aws_cloudformation_stack"}


def test_an_alias_lets_what_aws_config_says_of_it_be_merged(account: Account, live: dict[str, Live]) -> None:
    role = live[f"arn:aws:iam::{ACCOUNT}:role/desk/clerk"]
    number = account.client("iam").get_role(RoleName="clerk")["Role"]["RoleId"]
    assert f"AWS::IAM::Role/{number}" in role.names
    assert "AWS::S3::Bucket/shadow-it" in live["arn:aws:s3:::shadow-it"].names


def test_what_aws_makes_for_itself_is_known_as_such(account: Account, live: dict[str, Live]) -> None:
    known = {one.known for one in live.values()}
    assert known >= {
        "a service-linked role: AWS makes and owns it",
        "a default VPC: AWS makes one in each region",
        "a subnet of the default VPC",
        "the default network ACL of its VPC, made with it",
        "the default group of its VPC, made with it",
        "the main route table of its VPC, made with it",
        "the default event bus: every region has one",
        "a log group that an AWS service makes for what it runs",
        "a volume of an instance: made with it, and deleted with it",
        "the first interface of an instance: made with it",
        "a key that waits for its deletion",
        "an AWS-managed key",
    }
    assert f"{EC2}:instance/{account.ids['ended']}" not in live


def test_services_without_a_region_are_asked_once_an_account(account: Account) -> None:
    two = (target("network"), target("edge"), target("far", region="us-east-1"))
    taken = inventories(account, *two)
    asked = [(one.place.scope, one.place.region) for one in taken]
    assert asked == [("account", REGION), ("region", REGION), ("region", "us-east-1")]
    types = [one.listed for one in taken]
    assert not types[0] & types[1]
    assert types[0] == {row.type for row in ROWS if row.scope == "account"}


def test_a_call_that_is_denied_is_said_and_hides_no_other(account: Account) -> None:
    with refusing() as url:
        (inventory,) = inventories(
            account, target("network"), reach=account.with_aws(AWS_ENDPOINT_URL_ECR=url)
        )[1:]
    (unseen,) = inventory.unseen
    assert unseen.resource_type == "aws_ecr_repository"
    assert unseen.reason == "AWS denied DescribeRepositories; grant it to the role of this target"
    assert "aws_ecr_repository" not in inventory.listed
    assert any(one.identity.resource_type == "aws_vpc" for one in inventory.live)


def test_of_a_key_that_may_not_be_described_nobody_says_what_it_is(account: Account) -> None:
    class Keys(Refusing):
        def do_POST(self) -> None:
            if self.headers["X-Amz-Target"].endswith("DescribeKey"):
                super().do_POST()
                return
            arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1"
            body = json.dumps({"Keys": [{"KeyId": "k-1", "KeyArn": arn}], "Aliases": []}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        place = Place(account=ACCOUNT, region=REGION, types=frozenset({"aws_kms_key"}))
        url = f"http://127.0.0.1:{server.server_port}"
        inventory = take(place, account.with_aws(AWS_ENDPOINT_URL_KMS=url))
    finally:
        server.shutdown()
        server.server_close()
    (key,) = inventory.live
    assert (key.known, key.doubt) == (None, "AWS denied DescribeKey; grant it to the role of this target")


def test_in_the_wrong_account_nothing_is_listed(account: Account) -> None:
    place = Place(account="210987654321", region=REGION)
    inventory = take(place, account.reach)
    assert (inventory.live, inventory.listed) == ((), frozenset())
    assert {one.reason.partition(";")[0] for one in inventory.unseen} == {
        "wrong account: expected 210987654321, got 123456789012"
    }


def test_an_answer_that_is_no_answer_is_said(account: Account) -> None:
    class Page(Refusing):
        def do_POST(self) -> None:
            body = b"<html>sign in</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        types = frozenset({"aws_dynamodb_table", "aws_sqs_queue", "aws_ssm_parameter"})
        url = f"http://127.0.0.1:{server.server_port}"
        reach = account.with_aws(AWS_ENDPOINT_URL_DYNAMODB=url, AWS_ENDPOINT_URL_SQS=url)
        inventory = take(Place(account=ACCOUNT, region=REGION, types=types), reach)
    finally:
        server.shutdown()
        server.server_close()
    assert inventory.listed == {"aws_ssm_parameter"}


def test_an_account_without_any_of_a_kind_is_listed_all_the_same(account: Account) -> None:
    far = Place(account=ACCOUNT, region="ap-southeast-2")
    inventory = take(far, account.reach)
    assert inventory.unseen == ()
    assert {one.identity.resource_type for one in inventory.live if one.known is None} == set()
