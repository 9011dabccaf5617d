"""A plan made elsewhere: files and S3 objects, packed or not; each way to have none has its own line."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from examples.clouds import aws_environment
from examples.clouds.moto import ACCOUNT, moto
from tasks.detectors.terraform import collect, parse
from tasks.errors import ToolError
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.terraform.recorded import read_plan, unpacked
from taxonomy.s3_object import S3Object
from taxonomy.target import TerraformTarget

REGION = "eu-west-1"
PROVIDER = "registry.opentofu.org/hashicorp/aws"
ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:bell"


def entry(before: dict[str, Any], after: dict[str, Any], *actions: str) -> dict[str, Any]:
    return {
        "address": "aws_sns_topic.bell",
        "mode": "managed",
        "type": "aws_sns_topic",
        "provider_name": PROVIDER,
        "change": {"actions": list(actions), "before": before, "after": after},
    }


CODE, LIVE = ({"id": ARN, "arn": ARN, "tags": {"Owner": owner}} for owner in ("a", "by hand"))
PLAN = json.dumps(
    {
        "format_version": "1.2",
        "planned_values": {},
        "prior_state": {"values": {"root_module": {"resources": [{**entry({}, {}), "values": LIVE}]}}},
        "resource_drift": [entry(CODE, LIVE, "update")],
        "resource_changes": [entry(LIVE, CODE, "update")],
    }
).encode()
PACKED = gzip.compress(PLAN, mtime=0)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A bucket of a simulated S3."""

    reach: Reach
    s3: Any

    def put(self, key: str, data: bytes, **how: str) -> str | None:
        version = self.s3.put_object(Bucket="plans", Key=key, Body=data, **how).get("VersionId")
        return None if version is None else str(version)

    def target(self, key: str, **more: Any) -> TerraformTarget:
        return TerraformTarget(name="t", plan_json=S3Object(bucket="plans", key=key), region=REGION, **more)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with moto() as url:
        session = boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION
        )
        s3 = session.client("s3", endpoint_url=url)
        s3.create_bucket(Bucket="plans", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket="plans", VersioningConfiguration={"Status": "Enabled"})
        denied = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::plans/secret/*",
        }
        s3.put_bucket_policy(
            Bucket="plans", Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        )
        aws = dict(aws_environment(url, region=REGION))
        yield Shelf(reach=Reach(scratch=tmp_path_factory.mktemp("scratch"), aws=aws), s3=s3)


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    return Reach(scratch=tmp_path / "scratch")


@pytest.mark.parametrize("data", [PLAN, PACKED, gzip.compress(PLAN[:9]) + gzip.compress(PLAN[9:])])
@pytest.mark.parametrize("name", ["plan.json", "plan.json.gz"])
def test_a_packed_plan_is_read_like_a_plain_one_and_its_digest_is_that_of_the_file(
    tmp_path: Path, reach: Reach, data: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(data)
    raw = collect(TerraformTarget(name="t", plan_json=tmp_path / name), reach)
    assert raw.document == json.loads(PLAN)
    assert raw.digest == hashlib.sha256(data).hexdigest()


def test_a_packed_plan_that_is_cut_or_altered_is_refused(tmp_path: Path, reach: Reach) -> None:
    for data in (PACKED[:-9], PACKED[:20], PACKED[:30] + b"x" + PACKED[31:], b"\x1f\x8b"):
        (tmp_path / "plan.json").write_bytes(data)
        with pytest.raises(ToolError, match=r"plan\.json is no whole gzip file"):
            collect(TerraformTarget(name="t", plan_json=tmp_path / "plan.json"), reach)


def test_a_plan_is_not_read_beyond_the_limit_nor_unpacked_beyond_it(tmp_path: Path, reach: Reach) -> None:
    target = TerraformTarget(name="t", plan_json=tmp_path / "plan.json")
    (tmp_path / "plan.json").write_bytes(PLAN)
    with pytest.raises(ToolError, match=r"plan\.json is larger than 99 bytes"):
        read_plan(target, reach, largest=99)
    assert unpacked(PACKED, name="p", largest=len(PLAN)) == PLAN
    bomb = gzip.compress(b" " * 10_000_000)
    with pytest.raises(ToolError, match="what p unpacks to is larger than 1000000 bytes"):
        unpacked(bomb, name="p", largest=1_000_000)


def test_an_object_is_read_and_its_digest_is_that_of_what_is_stored(shelf: Shelf) -> None:
    shelf.put("network/plan.json", PLAN)
    shelf.put("network/plan.json.gz", PACKED)
    for key, data in (("network/plan.json", PLAN), ("network/plan.json.gz", PACKED)):
        raw = collect(shelf.target(key, account=ACCOUNT), shelf.reach)
        assert raw.digest == hashlib.sha256(data).hexdigest()
        answer = parse(raw, shelf.target(key), redactor=Redactor(b"k" * 32))
        assert [(one.provider, one.changes[0].attribute) for one in answer.findings] == [
            ("aws", "tags.Owner")
        ]


def test_the_version_that_is_named_is_read_not_the_latest(shelf: Shelf) -> None:
    first = shelf.put("v.json", PLAN)
    shelf.put("v.json", b"{}")
    place = S3Object.of(f"s3://plans/v.json?versionId={first}")
    target = replace(shelf.target("v.json"), plan_json=place)
    assert read_plan(target, shelf.reach) == PLAN
    assert read_plan(shelf.target("v.json"), shelf.reach) == b"{}"
    with pytest.raises(ToolError, match=r"s3://plans/v\.json\?versionId=none"):
        read_plan(replace(target, plan_json=replace(place, version="none")), shelf.reach)


def test_an_object_is_read_in_the_targets_read_role(shelf: Shelf) -> None:
    shelf.put("role.json", PLAN)
    role = "arn:aws:iam::210987654321:role/holdfast-read"
    target = shelf.target("role.json", read_role_arn=role)
    with pytest.raises(ToolError, match=f"wrong account: expected {ACCOUNT}, got 210987654321"):
        read_plan(replace(target, account=ACCOUNT), shelf.reach)


def why(shelf: Shelf, target: TerraformTarget) -> str:
    with pytest.raises(ToolError) as refused:
        collect(target, shelf.reach)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_each_way_to_have_no_object_has_its_own_line(shelf: Shelf) -> None:
    shelf.put("secret/plan.json", PLAN)
    shelf.put("odd.json", b"Error: no plan")
    shelf.put("cold.json", PLAN, StorageClass="GLACIER")
    nowhere = replace(shelf.target("x"), plan_json=S3Object(bucket="no-such-bucket", key="x"))
    reasons = {
        "absent": why(shelf, shelf.target("absent.json")),
        "denied": why(shelf, shelf.target("secret/plan.json")),
        "no bucket": why(shelf, nowhere),
        "no plan": why(shelf, shelf.target("odd.json")),
        "archived": why(shelf, shelf.target("cold.json")),
        "deaf": why(replace(shelf, reach=replace(shelf.reach, aws=DEAF)), shelf.target("x")),
    }
    assert len(set(reasons.values())) == len(reasons)
    for case, said in {
        "absent": "can't read s3://plans/absent.json: there is no such object",
        "denied": "can't read s3://plans/secret/plan.json: AWS denied it",
        "no bucket": "can't read s3://no-such-bucket/x: there is no such bucket",
        "no plan": "s3://plans/odd.json is no readable JSON",
        "archived": "the object is archived",
        "deaf": "the endpoint can't be reached",
    }.items():
        assert said in reasons[case]


DEAF = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


def test_an_object_that_is_too_large_is_not_read(shelf: Shelf) -> None:
    shelf.put("large.json", PLAN)
    with pytest.raises(ToolError, match=r"s3://plans/large\.json is larger than 99 bytes"):
        read_plan(shelf.target("large.json"), shelf.reach, largest=99)


def test_a_recorded_plan_has_places_where_its_code_is_at_hand(tmp_path: Path, reach: Reach) -> None:
    (tmp_path / "plan.json").write_bytes(PLAN)
    code = tmp_path / "code"
    target = TerraformTarget(name="t", plan_json=tmp_path / "plan.json", code=code)
    with pytest.raises(ToolError, match=r"no folder .*code: expected the code of the plan there"):
        collect(target, reach)
    code.mkdir()
    (code / "main.tf").write_text('resource "aws_sns_topic" "bell" {\n  tags = { Owner = "a" }\n}\n')
    for given, place in ((target, ("main.tf", 2)), (replace(target, code=None), (None, None))):
        answer = parse(collect(given, reach), given, redactor=Redactor(b"k" * 32))
        change = answer.findings[0].changes[0]
        assert (change.source_file, change.source_line) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://plans/a/b.json", S3Object(bucket="plans", key="a/b.json")),
        ("s3://plans/a b.json", S3Object(bucket="plans", key="a b.json")),
        ("s3://my.plans/x?versionId=Ab_1.-", S3Object(bucket="my.plans", key="x", version="Ab_1.-")),
    ],
)
def test_an_object_is_written_as_it_is_read(text: str, place: S3Object) -> None:
    assert S3Object.of(text) == place
    assert str(place) == text


@pytest.mark.parametrize(
    "text",
    ["s3://", "s3://plans", "s3://plans/", "s3://Plans/x", "s3:/plans/x", "https://plans/x", "s3://p/x", "s3://plans/x/",
     "s3://plans/x?version=1", "s3://plans/x?versionId=", "s3://plans/" + "x" * 1025],
)  # fmt: skip
def test_what_names_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected s3://bucket/key"):
        S3Object.of(text)
