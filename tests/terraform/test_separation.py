"""One drift is put right while others stand beside it, in one block, one module or one state."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drifts import drift_of
from separate import build
from workspace_on_moto import Live

from tasks.detectors.terraform import collect, parse
from tasks.redaction import Redactor
from tasks.remedies import RefusedError, terraform_apply
from taxonomy.drift import Drift

pytestmark = pytest.mark.terraform

ALPHA = 'module.store["alpha"].aws_ssm_parameter.door'


@pytest.fixture(scope="module")
def live(applied: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """The workspace, applied, then changed by hand."""
    path = build(tmp_path_factory.mktemp("separate"))
    live = replace(applied, target=replace(applied.target, name="separate", path=path))
    live.terraform("init", "-input=false", "-no-color")
    live.terraform("apply", "-auto-approve", "-input=false", "-no-color")
    change_by_hand(live)
    return live


def change_by_hand(live: Live) -> None:
    sns, ssm = live.client("sns"), live.client("ssm")
    for name in ("alpha", "beta-x"):
        sns.tag_resource(ResourceArn=topic(live, name), Tags=[{"Key": "Owner", "Value": "hand"}])
        put(ssm, f"/{name}/door", "open")
    seen = [{"Key": "Seen", "Value": "today"}]
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/alpha/door", Tags=seen)
    for name in ("first", "second"):
        put(ssm, f"/chain/{name}", "by hand")


def put(ssm: Any, name: str, value: str) -> None:
    ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def topic(live: Live, name: str) -> str:
    topics = live.client("sns").list_topics()["Topics"]
    return next(str(one["TopicArn"]) for one in topics if one["TopicArn"].endswith(f":{name}"))


def owner(live: Live, name: str) -> str:
    tags = live.client("sns").list_tags_for_resource(ResourceArn=topic(live, name))["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}["Owner"]


def value(live: Live, name: str) -> str:
    return str(live.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def drift_at(live: Live, redactor: Redactor, address: str) -> Drift:
    answer = parse(collect(live.target, live.reach), live.target, redactor=redactor)
    return drift_of(next(one for one in answer.findings if one.address == address), "separate")


def files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if ".terraform/" not in str(path)
    )


def state(live: Live) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((live.path / "terraform.tfstate").read_bytes())
    return document


def test_one_instance_of_a_module_is_put_right_and_all_else_is_left_as_it_is(
    live: Live, redactor: Redactor
) -> None:
    drift = drift_at(live, redactor, ALPHA)
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
    assert preview.document["held"] == [{"block": "module.store.aws_sns_topic.bell", "ignore_changes": "all"}]
    assert [row["attribute"] for row in preview.document["changes"] if row["address"] == ALPHA]
    assert {row["address"] for row in preview.document["changes"]} == {ALPHA}
    before, listed = state(live), files(live.path.parent)
    terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    assert value(live, "/alpha/door") == "closed"
    assert value(live, "/beta-x/door") == "open"
    assert (owner(live, "alpha"), owner(live, "beta-x")) == ("hand", "hand")
    seen = live.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId="/alpha/door")
    assert seen["TagList"] == [{"Key": "Seen", "Value": "today"}]
    after = state(live)
    assert (after["lineage"], after["serial"] > before["serial"]) == (before["lineage"], True)
    assert set(files(live.path.parent)) - set(listed) <= {"network/terraform.tfstate.backup"}
    assert list(live.reach.scratch.iterdir()) == []
    assert terraform_apply.look_again(drift, live.target, live.reach, redactor=redactor) is None


@pytest.mark.prove
def test_two_calls_of_one_module_that_drifted_in_one_attribute_can_not_be_told_apart(
    live: Live, redactor: Redactor
) -> None:
    drift = drift_at(live, redactor, "module.second.aws_ssm_parameter.link")
    with pytest.raises(
        RefusedError, match=r"change value of module\.first\.aws_ssm_parameter\.link.*same block"
    ):
        terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)


@pytest.mark.prove
def test_code_that_nobody_has_applied_yet_is_not_applied_along(live: Live, redactor: Redactor) -> None:
    code = live.path.parent / "modules" / "store" / "main.tf"
    text = code.read_text()
    beta = 'module.store["beta.x"].aws_ssm_parameter.door'
    try:
        code.write_text(text.replace('"the door"', '"the new door"'))
        drift = drift_at(live, redactor, beta)
        assert {change.attribute for change in drift.changes} == {"value"}
        preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
        assert {"block": "module.store.aws_ssm_parameter.door", "ignore_changes": ["description"]} in (
            preview.document["held"]
        )
        terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    finally:
        code.write_text(text)
    assert value(live, "/beta-x/door") == "closed"
    described = live.client("ssm").describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": ["/beta-x/door"]}]
    )
    assert described["Parameters"][0]["Description"] == "the door"
