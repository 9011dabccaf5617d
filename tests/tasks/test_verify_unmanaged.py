"""What nobody declared is put right by hand; only a look at the account itself proves that it is gone."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from asked import RUN, Clock, record_drift
from house import House
from made import BUCKET, drift, drift_change

from examples.clouds import aws_environment
from examples.clouds.moto import ACCOUNT, moto
from tasks.case import Case
from tasks.errors import ToolError
from tasks.memory import Memory
from tasks.reach import Reach
from tasks.redaction import Redactor
from tasks.remediate import verify
from tasks.story import Story
from taxonomy.target import TerraformTarget

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture
def story(house: House) -> Story:
    change = drift_change(attribute="resource", kind="unmanaged", declared=None, drift_class=None)
    one = drift(kind="unmanaged", address=None, account=ACCOUNT, remedy="by-hand", changes=(change,))
    record_drift(house, one)
    case = Case(drift=one, seen_at=house.now, sweep_id="s1", taxonomy_digest="t" * 64, answers={})
    return Story(store=house.store, run_id=RUN, case=case, memory=Memory(), clock=Clock())


def verified(story: Story, url: str, folder: Path) -> str:
    # the folder is no workspace: whatever asks Terraform fails
    reach = Reach(scratch=folder, aws=dict(aws_environment(url, region=REGION)))
    target = TerraformTarget(name="network", path=folder, account=ACCOUNT, region=REGION)
    return verify(story, [target], reach, redactor=Redactor(bytes(32)))


def test_an_unmanaged_resource_that_is_gone_from_its_account_is_restored(
    story: Story, cloud: str, tmp_path: Path
) -> None:
    assert verified(story, cloud, tmp_path) == "restored"
    assert [row["outcome"] for row in story.told("closed")] == ["restored"]


def test_while_it_is_there_only_a_state_that_holds_it_would_do(
    story: Story, cloud: str, tmp_path: Path
) -> None:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    s3 = boto3.Session(region_name=REGION, **keys).client("s3", endpoint_url=cloud)
    name = BUCKET.rpartition(":")[2]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        with pytest.raises(ToolError, match="holds no Terraform code"):
            verified(story, cloud, tmp_path)
    finally:
        s3.delete_bucket(Bucket=name)
    assert story.told("closed") == []


def test_what_can_not_be_looked_for_is_not_restored(story: Story, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="can't look for aws_s3_bucket"):
        verified(story, "http://127.0.0.1:9", tmp_path)
    assert story.told("verified") == []
