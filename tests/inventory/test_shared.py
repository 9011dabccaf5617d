"""What stands in two states is told, for two applies fight over it; a part is not the whole."""

from strays import NOW, REGION, look, target, told

from examples.clouds.moto import ACCOUNT
from tasks.inventory.shared import shared
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.holding import Held

NETWORK, EDGE = target("network"), target("edge")
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"
VPC = ("aws_vpc.main", {"id": "vpc-1", "arn": ARN})


def held(address: str, resource_id: str, **more: str) -> Held:
    kind = more.pop("type", address.split(".", maxsplit=1)[0])
    told = {"prefix": "", "number": "", **more}
    return Held(address=address, type=kind, resource_id=resource_id, names=(resource_id,), inside=(), **told)


def addresses(**states: list[Held]) -> list[tuple[str, ...]]:
    return [one.addresses for one in shared(states)]


def test_a_resource_in_two_states_is_told_with_both_looks(redactor: Redactor) -> None:
    looks = [look(NETWORK, redactor, VPC), look(EDGE, redactor, ("aws_vpc.mine", VPC[1]))]
    after = told(looks, (), redactor, NETWORK, EDGE)
    for name in ("network", "edge"):
        (one,) = after[name].answer.shared
        assert (one.resource_id, one.part) == (ARN, "")
        assert one.addresses == ("edge:aws_vpc.mine", "network:aws_vpc.main")
    assert "their applies fight over it" in one.told


def test_a_resource_twice_in_one_state_is_told(redactor: Redactor) -> None:
    after = told([look(NETWORK, redactor, VPC, ("aws_vpc.again", VPC[1]))], (), redactor, NETWORK)
    assert [one.addresses for one in after["network"].answer.shared] == [
        ("network:aws_vpc.again", "network:aws_vpc.main")
    ]


def test_one_resource_in_one_state_is_nothing_to_tell(redactor: Redactor) -> None:
    after = told([look(NETWORK, redactor, VPC), look(EDGE, redactor)], (), redactor, NETWORK, EDGE)
    assert [one.answer.shared for one in after.values()] == [(), ()]


def test_what_the_baseline_of_a_state_that_was_not_looked_at_names_is_shared_too(redactor: Redactor) -> None:
    rows = {
        'module.hub["a.b"].aws_vpc.main': {"resource_id": ARN, "resource_type": "aws_vpc", "attributes": {}},
        "aws_x_part.main": {"resource_id": ARN, "resource_type": "aws_vpc", "attributes": {}},
    }
    sealed = Baseline.of("network", rows, taken_at=NOW)
    looks = [look(EDGE, redactor, VPC)]
    after = told(looks, (), redactor, NETWORK, EDGE, baselines={"network": sealed})
    assert [one.addresses for one in after["edge"].answer.shared] == [
        ("edge:aws_vpc.main", 'network:module.hub["a.b"].aws_vpc.main')
    ]
    gone = told(looks, (), redactor, EDGE, baselines={"network": sealed})
    assert gone["edge"].answer.shared == (), "a target that left the estate holds nothing of it"


def test_a_part_in_another_state_is_not_twice_but_the_same_part_is() -> None:
    bucket = held("aws_s3_bucket.x", "arn:aws:s3:::x")
    policy = held("aws_s3_bucket_policy.x", "arn:aws:s3:::x", prefix="policy", number="x")
    versioning = held("aws_s3_bucket_versioning.x", "arn:aws:s3:::x", prefix="versioning", number="x")
    assert addresses(a=[bucket], b=[policy, versioning]) == []
    assert addresses(a=[bucket, policy], b=[policy]) == [
        ("a:aws_s3_bucket_policy.x", "b:aws_s3_bucket_policy.x")
    ]


def test_rules_of_one_group_are_told_apart_by_their_own_ids() -> None:
    one = held("aws_vpc_security_group_ingress_rule.a", "arn:sg", prefix="ingress", number="sgr-1")
    two = held("aws_vpc_security_group_ingress_rule.b", "arn:sg", prefix="ingress", number="sgr-2")
    assert addresses(a=[one], b=[two]) == []
    assert len(addresses(a=[one], b=[one])) == 1


def test_a_default_resource_adopted_in_one_state_is_the_one_imported_in_another() -> None:
    adopted = held("aws_default_security_group.x", "arn:sg")
    imported = held("aws_security_group.x", "arn:sg")
    assert len(addresses(a=[adopted], b=[imported])) == 1


def test_what_several_may_speak_of_is_not_twice() -> None:
    one = held("aws_iam_user_group_membership.a", "arn:user", prefix="groups", number="1")
    two = held("aws_iam_user_group_membership.b", "arn:user", prefix="groups", number="2")
    assert addresses(a=[one], b=[two]) == []


def test_two_rules_that_aim_at_one_function_are_two(redactor: Redactor) -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    aims = [
        (f"aws_cloudwatch_event_target.{name}", {"id": f"{name}-1", "rule": name, "arn": arn})
        for name in ("night", "day")
    ]
    function = ("aws_lambda_function.f", {"id": "f", "function_name": "f", "arn": arn})
    after = told([look(NETWORK, redactor, function, *aims)], (), redactor, NETWORK)
    assert after["network"].answer.shared == ()
