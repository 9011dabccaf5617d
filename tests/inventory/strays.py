"""What somebody has made by hand in a simulated account, and states that know some of it."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from examples.clouds.moto import ACCOUNT
from tasks.detectors.terraform import RawPlan, parse
from tasks.inventory.knowledge import Ignored, States, places
from tasks.inventory.listing import take
from tasks.inventory.live import Inventory
from tasks.inventory.shared import with_shared
from tasks.inventory.unmanaged import with_unmanaged
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.observation import Answer, Finding, Observation
from taxonomy.target import TerraformTarget

REGION = "eu-west-1"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ANYBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

Resource = tuple[str, Mapping[str, Any]]
"""An address and the attributes of one resource in a state."""


@dataclass(frozen=True, kw_only=True)
class Account:
    reach: Reach
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, service: str, region: str = REGION) -> Any:
        session = boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name=region
        )
        return session.client(service, endpoint_url=self.reach.aws["AWS_ENDPOINT_URL"])

    def with_aws(self, **variables: str) -> Reach:
        return replace(self.reach, aws={**self.reach.aws, **variables})


def make(account: Account) -> None:
    """Make one resource of each of many kinds, in their plainest form: most have no tag."""
    ec2, iam, s3 = (account.client(name) for name in ("ec2", "iam", "s3"))
    here = {"LocationConstraint": REGION}
    for name in ("cdn-assets", "ledger-store", "shadow-it"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=here)
    s3.put_bucket_tagging(Bucket="shadow-it", Tagging={"TagSet": [{"Key": "Owner", "Value": "nobody"}]})
    iam.create_role(RoleName="clerk", Path="/desk/", AssumeRolePolicyDocument=json.dumps(ANYBODY))
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    iam.create_user(UserName="visitor", Tags=[{"Key": "Mail", "Value": "visitor@acme.example"}])
    iam.create_group(GroupName="guests")
    iam.create_policy(PolicyName="anything", PolicyDocument=json.dumps(ANYBODY))
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="door", Description="a door", VpcId=vpc)["GroupId"]
    run = {
        "ImageId": "ami-12c6146b",
        "MinCount": 1,
        "MaxCount": 1,
        "SubnetId": subnet,
        "SecurityGroupIds": [group],
    }
    instance = ec2.run_instances(**run)["Instances"][0]["InstanceId"]
    ended = ec2.run_instances(**run)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[ended])
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_key_pair(KeyName="back-door")
    account.ids.update(vpc=vpc, subnet=subnet, group=group, instance=instance, ended=ended)
    account.ids.update(volume=volume, gateway=gateway, address=address)
    _make_more(account)


def _make_more(account: Account) -> None:
    client = account.client
    key = client("kms").create_key(Description="spare")["KeyMetadata"]["KeyId"]
    leaving = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").schedule_key_deletion(KeyId=leaving)
    client("kms").describe_key(KeyId="alias/aws/ebs")  # moto makes it, as AWS does, once it is asked for
    role = client("iam").get_role(RoleName="clerk")["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "def run(*_): return 1")
    client("lambda").create_function(
        FunctionName="miner",
        Role=role,
        Runtime="python3.12",
        Handler="main.run",
        Code={"ZipFile": packed.getvalue()},
    )
    client("rds").create_db_instance(
        DBInstanceIdentifier="copy", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20
    )
    client("dynamodb").create_table(
        TableName="notes",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("sns").create_topic(Name="gossip")
    client("sqs").create_queue(QueueName="letters")
    client("logs").create_log_group(logGroupName="/acme/odd")
    client("logs").create_log_group(logGroupName="/aws/lambda/miner")
    client("secretsmanager").create_secret(Name="spare-key", SecretString="planted" + "-secret")
    client("ssm").put_parameter(Name="/acme/odd", Value="x", Type="String")
    client("ecr").create_repository(repositoryName="odd/image")
    client("ecs").create_cluster(clusterName="odd")
    client("efs").create_file_system(CreationToken="odd")
    client("events").put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    client("cloudformation").create_stack(
        StackName="clicked",
        TemplateBody=json.dumps(
            {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-the-stack"}}}}
        ),
    )
    account.ids.update(key=key, leaving=leaving)


def target(name: str, **more: Any) -> TerraformTarget:
    told = {"path": Path(name), "account": ACCOUNT, "region": REGION, **more}
    return TerraformTarget(name=name, **told)


def plan(*resources: Resource) -> RawPlan:
    """Return a plan that changes nothing of a state with these resources."""
    rows = [
        {
            "address": address,
            "mode": "managed",
            "type": address.rpartition(".")[0].rpartition(".")[2],
            "name": address.rpartition(".")[2],
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": dict(values),
            "sensitive_values": {},
        }
        for address, values in resources
    ]
    changes = [
        {
            **{key: row[key] for key in ("address", "mode", "type", "name", "provider_name")},
            "change": {"actions": ["no-op"], "before": row["values"], "after": row["values"]},
        }
        for row in rows
    ]
    document = {
        "format_version": "1.2",
        "complete": True,
        "errored": False,
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "prior_state": {"values": {"root_module": {"resources": rows}}},
        "configuration": {"root_module": {}},
    }
    return RawPlan(document=document, digest="0" * 64)


def look(where: TerraformTarget, redactor: Redactor, *resources: Resource) -> Observation:
    """Return what a look at a state with these resources says."""
    return _observation(where, parse(plan(*resources), where, redactor=redactor))


def blind(where: TerraformTarget) -> Observation:
    return replace(_observation(where, Answer()), outcome="could-not-look", reason="the backend is down")


def _observation(where: TerraformTarget, answer: Answer) -> Observation:
    return Observation(
        target=where.name,
        layer="terraform",
        environment=None,
        outcome="drifted" if answer.findings else "clean",
        reason=None,
        started_at=NOW,
        ended_at=NOW,
        answer=answer,
    )


def baseline(name: str, taken_at: datetime, *arns: str) -> Baseline:
    rows = {
        f"any.{number}": {"resource_id": arn, "resource_type": "any", "attributes": {}}
        for number, arn in enumerate(arns)
    }
    return Baseline.of(name, rows, taken_at=taken_at)


def inventories(
    account: Account, *targets: TerraformTarget, reach: Reach | None = None, ignored: Iterable[Ignored] = ()
) -> tuple[Inventory, ...]:
    return tuple(take(place, reach or account.reach) for place in places(targets, tuple(ignored)))


def told(
    observations: Iterable[Observation],
    taken: Iterable[Inventory],
    redactor: Redactor,
    *targets: TerraformTarget,
    baselines: Mapping[str, Baseline] | None = None,
    ignored: Iterable[Ignored] = (),
) -> dict[str, Observation]:
    states = States(targets=targets, baselines=baselines or {}, ignored=tuple(ignored))
    whole = with_unmanaged(tuple(observations), tuple(taken), states, redactor=redactor)
    return {one.target: one for one in with_shared(whole, states)}


def unmanaged(observations: Mapping[str, Observation]) -> dict[str, Finding]:
    return {
        finding.resource_id: finding
        for one in observations.values()
        for finding in one.answer.findings
        if finding.changes[0].kind == "unmanaged"
    }


def reasons(observations: Mapping[str, Observation]) -> dict[str, str]:
    return {s.address: s.reason for one in observations.values() for s in one.answer.suppressed}
