"""Unmanaged is what no state of the whole estate knows, and only where somebody can know that."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from strays import (
    REGION,
    Account,
    baseline,
    blind,
    inventories,
    look,
    reasons,
    target,
    told,
    unmanaged,
)

from examples.clouds.moto import ACCOUNT
from tasks.inventory.knowledge import Ignored
from tasks.inventory.live import Inventory
from tasks.redaction import Redactor
from tasks.terraform.backend import kept_in
from taxonomy.holding import Unseen

NETWORK, EDGE = target("network"), target("edge")
BOOKS = "arn:aws:s3:::ledger-store"
SHADOW = "arn:aws:s3:::shadow-it"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:gossip"
BUCKET = ("aws_s3_bucket.books", {"id": "ledger-store", "bucket": "ledger-store", "arn": BOOKS})
GOSSIP = ("aws_sns_topic.gossip", {"id": TOPIC, "arn": TOPIC, "name": "gossip"})


@pytest.fixture(scope="module")
def taken(account: Account) -> tuple[Inventory, ...]:
    return inventories(account, NETWORK, EDGE)


def test_what_any_state_of_the_estate_holds_is_not_unmanaged(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    looks = look(NETWORK, redactor, BUCKET), look(EDGE, redactor, GOSSIP)
    found = unmanaged(told(looks, taken, redactor, NETWORK, EDGE))
    assert not {BOOKS, TOPIC} & found.keys()
    assert {SHADOW, f"arn:aws:iam::{ACCOUNT}:user/visitor"} <= found.keys()


def test_a_plan_made_elsewhere_is_a_state_of_the_estate_too(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    recorded = target("payments", path=None, plan_json=Path("plan.json"), account=None, region=None)
    looks = look(NETWORK, redactor), look(recorded, redactor, BUCKET)
    assert BOOKS not in unmanaged(told(looks, taken, redactor, NETWORK, recorded))


def test_a_part_of_a_resource_does_not_make_it_declared(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    policy = ("aws_s3_bucket_policy.books", {"id": "ledger-store", "bucket": "ledger-store", "policy": "{}"})
    assert BOOKS in unmanaged(told([look(NETWORK, redactor, policy)], taken, redactor, NETWORK))


def test_what_code_only_plans_to_make_is_in_no_state(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    looked = look(NETWORK, redactor, BUCKET)
    assert looked.answer.held
    created = replace(looked, answer=replace(looked.answer, held=()))
    assert BOOKS in unmanaged(told([created], taken, redactor, NETWORK))


def test_each_is_told_once_by_the_first_target_and_the_workspace_stays_as_it_is(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    after = told([look(NETWORK, redactor), look(EDGE, redactor)], taken, redactor, NETWORK, EDGE)
    assert [after[name].outcome for name in ("edge", "network")] == ["drifted", "clean"]
    shadow = unmanaged(after)[SHADOW]
    (change,) = shadow.changes
    assert (change.attribute, change.kind, change.declared, change.drift_class) == (
        "resource",
        "unmanaged",
        None,
        None,
    )
    assert change.actual["name"] == "shadow-it"
    assert change.actual["tags"] == {"Owner": "nobody"}
    assert change.actual["created"].startswith("20")
    assert (shadow.resource_type, shadow.provider, shadow.account) == ("aws_s3_bucket", "aws", ACCOUNT)
    assert shadow.address is None
    assert "AWS::S3::Bucket/shadow-it" in shadow.aliases


def test_what_is_known_as_such_is_suppressed_with_its_reason(
    account: Account, taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    after = told([look(NETWORK, redactor)], taken, redactor, NETWORK)
    said = reasons(after)
    assert said[f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"].startswith("the default event bus")
    assert not said.keys() & unmanaged(after).keys()
    linked = [name for name in said if "aws-service-role" in name]
    assert [said[name] for name in linked] == ["a service-linked role: AWS makes and owns it"]
    assert said[f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{account.ids['leaving']}"].endswith("deletion")


def test_what_a_stack_made_is_the_stacks_and_the_stack_is_told(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:of-the-stack"
    marked = [
        replace(one, tags={**one.tags, arn: {"aws:cloudformation:stack-name": "clicked"}}) for one in taken
    ]
    after = told([look(NETWORK, redactor)], marked, redactor, NETWORK)
    assert reasons(after)[arn] == "the CloudFormation stack clicked made it"
    assert [name for name in unmanaged(after) if ":stack/clicked/" in name]


def test_a_volume_that_a_managed_instance_declares_belongs_to_it(
    account: Account, taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    ids = account.ids
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{ids['volume']}"
    assert volume in unmanaged(told([look(NETWORK, redactor)], taken, redactor, NETWORK))
    instance = (
        "aws_instance.one",
        {"id": ids["instance"], "ebs_block_device": [{"volume_id": ids["volume"]}]},
    )
    after = told([look(NETWORK, redactor, instance)], taken, redactor, NETWORK)
    assert volume not in {**unmanaged(after), **reasons(after)}


@pytest.mark.parametrize("seen", ["left out", "could not be looked at"])
def test_what_a_state_may_hold_that_was_not_looked_at_is_never_told_as_unmanaged(
    taken: tuple[Inventory, ...], redactor: Redactor, seen: str
) -> None:
    looks = [look(EDGE, redactor), *([blind(NETWORK)] if seen != "left out" else [])]
    after = told(looks, taken, redactor, NETWORK, EDGE)
    assert unmanaged(after) == {}
    assert reasons(after)[SHADOW] == (
        "could not look whether it is unmanaged: the state of network was not looked at in this sweep and "
        "may hold it"
    )
    assert reasons(after)[f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"].startswith("the default")
    assert SHADOW in {name for listed in after["edge"].answer.listed for name in listed.untold}


def test_a_plan_made_elsewhere_and_left_out_may_be_of_any_account(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    recorded = target("payments", path=None, plan_json=Path("plan.json"), account=None, region=None)
    assert unmanaged(told([look(EDGE, redactor)], taken, redactor, EDGE, recorded)) == {}
    elsewhere = replace(recorded, account="210987654321")
    assert SHADOW in unmanaged(told([look(EDGE, redactor)], taken, redactor, EDGE, elsewhere))


def test_a_baseline_says_what_a_state_held_and_what_came_after_it_stays_untold(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    def after(days: int) -> tuple[set[str], dict[str, str]]:
        made = max(one.latest for inventory in taken for one in inventory.live if one.latest)
        sealed = baseline("network", made + timedelta(days=days), BOOKS)
        whole = told([look(EDGE, redactor)], taken, redactor, NETWORK, EDGE, baselines={"network": sealed})
        return set(unmanaged(whole)), reasons(whole)

    found, said = after(days=1)
    assert SHADOW in found
    assert BOOKS not in {*found, *said}, "the baseline holds it"
    assert "may hold it" in said[TOPIC], "nobody says since when the topic is there"
    found, said = after(days=-1)
    assert found == set()
    assert BOOKS not in said


def test_what_the_estate_file_leaves_out_is_suppressed_with_its_reason(
    account: Account, redactor: Redactor
) -> None:
    ignored = (
        Ignored(resource="arn:aws:s3:::cdn-*", reason="the content network makes its own"),
        Ignored(resource="aws_lambda_*", reason="functions are deployed past Terraform"),
    )
    taken = inventories(account, NETWORK, ignored=ignored)
    after = told([look(NETWORK, redactor)], taken, redactor, NETWORK, ignored=ignored)
    assert reasons(after)["arn:aws:s3:::cdn-assets"] == (
        "left out by the estate file: the content network makes its own"
    )
    assert SHADOW in unmanaged(after)
    assert all("aws_lambda_function" not in inventory.listed for inventory in taken)
    assert not [one for one in unmanaged(after).values() if one.resource_type == "aws_lambda_function"]


def test_a_target_that_does_not_want_it_asks_nothing(account: Account) -> None:
    assert inventories(account, replace(NETWORK, unmanaged=False)) == ()
    assert inventories(account, replace(NETWORK, path=None, plan_json=Path("plan.json"))) == ()


def test_a_place_of_which_no_target_could_be_looked_at_tells_nothing(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    after = told([blind(NETWORK)], taken, redactor, NETWORK)
    assert (after["network"].outcome, after["network"].answer.listed) == ("could-not-look", ())


def test_what_could_not_be_asked_is_told_with_the_look(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    unseen = Unseen(resource_type="aws_s3_bucket", reason="AWS denied ListBuckets")
    partly = [replace(taken[0], live=(), unseen=(unseen,)), *taken[1:]]
    after = told([look(NETWORK, redactor)], partly, redactor, NETWORK)
    assert after["network"].answer.unseen == (unseen,)
    assert "aws_s3_bucket" not in after["network"].answer.listed[0].resource_types


def test_what_nobody_may_describe_is_untold_and_not_seen(
    account: Account, taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{account.ids['key']}"
    denied = "AWS denied DescribeKey; grant it to the role of this target"
    doubted = [
        replace(
            inventory,
            live=tuple(
                replace(one, doubt=denied) if one.identity.resource_id == key else one
                for one in inventory.live
            ),
        )
        for inventory in taken
    ]
    after = told([look(NETWORK, redactor)], doubted, redactor, NETWORK)
    assert key not in unmanaged(after)
    assert reasons(after)[key] == f"could not look whether it is unmanaged: {denied}"
    assert after["network"].answer.unseen == (Unseen(resource_type="aws_kms_key", reason=denied),)
    known = told([look(NETWORK, redactor, ("aws_kms_key.k", {"arn": key}))], doubted, redactor, NETWORK)
    assert known["network"].answer.unseen == ()


def test_a_bucket_in_a_region_that_nobody_watches_is_said_and_is_no_drift(
    taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    far = [
        replace(
            inventory,
            live=tuple(
                replace(one, region="ap-south-1") if one.identity.resource_id == SHADOW else one
                for one in inventory.live
            ),
        )
        for inventory in taken
    ]
    after = told([look(NETWORK, redactor)], far, redactor, NETWORK)
    assert reasons(after)[SHADOW] == "it lies in ap-south-1, where this estate watches nothing"
    # what is watched in another account is not watched in this one
    other = target("other", account="210987654321", region="ap-south-1")
    after = told([look(NETWORK, redactor), look(other, redactor)], far, redactor, NETWORK, other)
    assert reasons(after)[SHADOW] == "it lies in ap-south-1, where this estate watches nothing"
    asked = target("asked", region="ap-south-1")
    assert SHADOW in unmanaged(
        told([look(NETWORK, redactor), look(asked, redactor)], far, redactor, NETWORK, asked)
    )


def test_terraforms_own_state_bucket_and_lock_table_are_no_strays(
    tmp_path: Path, taken: tuple[Inventory, ...], redactor: Redactor
) -> None:
    where = target("network", path=tmp_path)
    (tmp_path / ".terraform").mkdir()
    note = tmp_path / ".terraform" / "terraform.tfstate"
    note.write_text(
        '{"version": 3, "backend": {"type": "s3", "config": {"bucket": "ledger-store", "key": "k", '
        f'"region": "{REGION}", "dynamodb_table": "notes"}}}}}}'
    )
    after = told([look(where, redactor)], taken, redactor, where)
    own = "Terraform keeps the state of target network there"
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/notes"
    assert (reasons(after)[BOOKS], reasons(after)[table]) == (own, own)
    for spoilt in ("", "[]", '{"backend": null}', '{"backend": {"type": "s3", "config": []}}'):
        note.write_text(spoilt)
        assert kept_in(where) == ()


def test_a_secret_in_a_tag_of_a_stray_is_concealed(taken: tuple[Inventory, ...], redactor: Redactor) -> None:
    secret = "AKIA" + "Z" * 16
    marked = [replace(one, tags={**one.tags, TOPIC: {"Password": secret}}) for one in taken]
    after = told([look(NETWORK, redactor)], marked, redactor, NETWORK)
    (change,) = unmanaged(after)[TOPIC].changes
    assert change.redacted
    assert secret not in repr(unmanaged(after)[TOPIC])
