"""An unmanaged resource is put right when it is gone, or when a state holds it: a look proves which."""

import pytest
from strays import REGION, Account, inventories, look, target, told, unmanaged

from tasks.errors import ToolError
from tasks.inventory.again import held, still_live
from tasks.redaction import Redactor
from taxonomy.drift import Drift
from taxonomy.observation import Finding

NETWORK = target("network")


def drift_of(finding: Finding) -> Drift:
    return Drift(
        drift_id="d" * 32,
        fingerprint="f" * 64,
        episode=1,
        state="open",
        kind="unmanaged",
        resource_id=finding.resource_id,
        resource_type=finding.resource_type,
        address=None,
        aliases=finding.aliases,
        provider="aws",
        account=finding.account,
        region=finding.region,
        environment=None,
        layers=("terraform",),
        targets=("network",),
        severity="high",
        tier="review",
        direction="unknown",
        rule_id="any-unmanaged-001",
        because="It is so.",
        remedy="by-hand",
        controls=(),
        changes=(),
    )


@pytest.fixture(scope="module")
def strays(account: Account, redactor: Redactor) -> dict[str, Drift]:
    found = unmanaged(told([look(NETWORK, redactor)], inventories(account, NETWORK), redactor, NETWORK))
    return {name: drift_of(finding) for name, finding in found.items()}


def test_what_is_still_there_is_found_again_and_what_is_deleted_is_not(
    account: Account, strays: dict[str, Drift]
) -> None:
    topic = next(drift for name, drift in strays.items() if name.endswith(":gossip"))
    assert still_live(topic, NETWORK, account.reach)
    sns = account.client("sns")
    sns.delete_topic(TopicArn=topic.resource_id)
    try:
        assert not still_live(topic, NETWORK, account.reach)
    finally:
        sns.create_topic(Name="gossip")
    assert still_live(strays["arn:aws:s3:::shadow-it"], NETWORK, account.reach)


def test_what_could_not_be_looked_for_is_not_gone(account: Account, strays: dict[str, Drift]) -> None:
    topic = next(drift for name, drift in strays.items() if name.endswith(":gossip"))
    down = account.with_aws(AWS_ENDPOINT_URL_SNS="http://127.0.0.1:9")
    with pytest.raises(ToolError, match="can't look for aws_sns_topic: the endpoint can't be reached"):
        still_live(topic, NETWORK, down)


def test_what_a_state_holds_by_now_is_declared(redactor: Redactor, strays: dict[str, Drift]) -> None:
    bucket = strays["arn:aws:s3:::shadow-it"]
    values = {"id": "shadow-it", "bucket": "shadow-it", "arn": bucket.resource_id, "region": REGION}
    imported = look(NETWORK, redactor, ("aws_s3_bucket.mine", values))
    assert held(bucket, imported.answer.held)
    assert not held(bucket, look(NETWORK, redactor).answer.held)
