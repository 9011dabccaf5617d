"""A copy of a workspace: what code refers to is where it was, and only the override is new."""

import json
import os
from pathlib import Path

import pytest

from tasks.errors import ToolError
from tasks.terraform.copy import ERRORED, OVERRIDE, copied
from tasks.terraform.difference import Path as Attribute
from tasks.terraform.effects import Effect
from tasks.terraform.hold import Hold, InseparableError, holding, overrides
from tasks.terraform.lifecycle import Ignored, Lifecycle
from tasks.terraform.state import StateVersion, local_state, version_of

FILES = {
    "infra/network/main.tf": "root",
    "infra/network/files/policy.json": "{}",
    "infra/network/.terraform/modules/modules.json": "{}",
    "infra/network/.terraform/modules/net/main.tf": "downloaded",
    "infra/modules/store/main.tf": "store",
    "infra/modules/store/deep/main.tf": "deep",
    "notes/owner.txt": "owner",
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "code" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "code"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch" / "copy"
    folder.mkdir(parents=True)
    return folder


def names(folder: Path) -> dict[str, str]:
    """Every file below a folder, links followed, and what it says."""
    found = (Path(root) / file for root, _, files in os.walk(folder, followlinks=True) for file in files)
    return {str(file.relative_to(folder)): file.read_text() for file in found if file.exists()}


def test_every_relative_path_leads_where_it_led(code: Path, into: Path) -> None:
    workspace = copied(code / "infra/network", {code / "infra/modules/store": "hold"}, into=into)
    assert names(workspace / "../..") == FILES | {f"infra/modules/store/{OVERRIDE}": "hold"}
    assert (workspace / "../../../code/notes/owner.txt").read_text() == "owner"
    assert (workspace / "../../notes").resolve() == code / "notes"
    assert names(code) == FILES


def test_a_module_inside_the_data_folder_is_held_too(code: Path, into: Path) -> None:
    module = code / "infra/network/.terraform/modules/net"
    workspace = copied(code / "infra/network", {module: "hold", code / "infra/network": "root"}, into=into)
    assert (workspace / ".terraform/modules/net" / OVERRIDE).read_text() == "hold"
    assert (workspace / ".terraform/modules/net/main.tf").read_text() == "downloaded"
    assert (workspace / OVERRIDE).read_text() == "root"
    assert names(code) == FILES


def test_a_module_that_is_in_scratch_already_is_written_to_where_it_is(code: Path, into: Path) -> None:
    module = into.parent / "data" / "modules" / "net"
    module.mkdir(parents=True)
    copied(code / "infra/network", {module: "hold"}, into=into)
    assert (module / OVERRIDE).read_text() == "hold"


def test_a_state_that_could_not_be_saved_lies_beside_the_code_and_not_in_the_copy(
    code: Path, into: Path
) -> None:
    workspace = copied(code / "infra/network", {code / "infra/modules/store": "hold"}, into=into)
    (workspace / ERRORED).write_text("rescued")
    assert (code / "infra/network" / ERRORED).read_text() == "rescued"


def test_code_that_holds_a_file_of_that_name_is_refused(code: Path, into: Path) -> None:
    (code / "infra/modules/store" / OVERRIDE).write_text("mine")
    with pytest.raises(ToolError, match="stands in the code already; remove it"):
        copied(code / "infra/network", {code / "infra/modules/store": "hold"}, into=into)


def test_code_that_can_not_be_copied_is_an_error(code: Path, into: Path) -> None:
    with pytest.raises(ToolError, match=r"can't copy the workspace .*No such file"):
        copied(code / "infra/network", {code / "infra/modules/gone": "hold"}, into=into)


def said(folder: str, *ignored: str, whole: bool = False) -> Lifecycle:
    place = Path("/code") / folder
    listed: Ignored = "all" if whole else ignored
    return Lifecycle(
        ignore_changes=listed, prevent_destroy=False, folder=place, file=place / "main.tf", line=1
    )


def effect(address: str, path: Attribute = ("tags", "Owner"), action: str = "update") -> Effect:
    return Effect(
        address=address, attribute=".".join(path), before="by hand", after="code", action=action, path=path
    )


CODE = {
    "aws_vpc.main": said("network"),
    "module.a.aws_sqs_queue.q": said("network/../modules/store", 'tags["Seen"]', "delay_seconds"),
    "module.b.aws_sqs_queue.q": said("modules/store", 'tags["Seen"]', "delay_seconds"),
    "aws_iam_role.r": said("network", whole=True),
}


def held(approved: list[Effect], *beyond: Effect) -> list[dict[str, object]]:
    return [hold.to_document() for hold in holding((), beyond, approved, CODE.__getitem__)]


def test_another_block_is_held_whole() -> None:
    approved = [effect('module.a.aws_sqs_queue.q["x"]')]
    assert held(approved, effect("aws_vpc.main")) == [{"block": "aws_vpc.main", "ignore_changes": "all"}]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("visibility_timeout_seconds",), "visibility_timeout_seconds"),
        (("tags", "New"), 'tags["New"]'),
        (("tags", 'a "b" ${c} %{d}'), 'tags["a \\"b\\" $${c} %%{d}"]'),
        (("rule", "0", "status"), "rule"),
    ],
)
def test_another_attribute_of_the_same_block_is_held_as_shortly_as_can_be(
    path: Attribute, written: str
) -> None:
    approved = [effect("module.a.aws_sqs_queue.q", ("tags", "Owner"))]
    wanted = [{"block": "module.a.aws_sqs_queue.q", "ignore_changes": [written]}]
    assert held(approved, effect('module.a.aws_sqs_queue.q["y"]', path)) == wanted


def test_an_attribute_beside_the_approved_one_in_a_nested_block_goes_by_its_path() -> None:
    approved = [effect("aws_vpc.main", ("rule", "0", "status"))]
    wanted = [{"block": "aws_vpc.main", "ignore_changes": ["rule[0].id"]}]
    assert held(approved, effect("aws_vpc.main", ("rule", "0", "id"))) == wanted


@pytest.mark.parametrize(
    ("beyond", "why"),
    [
        (effect('module.a.aws_sqs_queue.q["y"]'), "same block as what is approved"),
        (effect("module.b.aws_sqs_queue.q"), "same block as what is approved"),
        (effect("module.b.aws_sqs_queue.q", ("tags",)), "same block as what is approved"),
        (effect("aws_vpc.main", (), "create"), "also create aws_vpc.main"),
        (effect("aws_vpc.main", (), "delete"), "also delete aws_vpc.main, which can't be held still"),
    ],
)
def test_what_can_not_be_told_apart_in_code_is_refused(beyond: Effect, why: str) -> None:
    with pytest.raises(InseparableError, match=why):
        held([effect('module.a.aws_sqs_queue.q["x"]')], beyond)


def test_creating_one_instance_does_not_keep_the_others_from_being_held() -> None:
    approved = [effect('module.a.aws_sqs_queue.q["x"]', (), "create")]
    wanted = [{"block": "module.a.aws_sqs_queue.q", "ignore_changes": "all"}]
    assert held(approved, effect('module.a.aws_sqs_queue.q["y"]')) == wanted


def test_an_override_repeats_the_list_that_code_has() -> None:
    holds = [
        Hold(block="module.a.aws_sqs_queue.q", ignore_changes=("name",)),
        Hold(block="module.b.aws_sqs_queue.q", ignore_changes=("policy", 'tags["Seen"]')),
        Hold(block="aws_iam_role.r", ignore_changes=("tags",)),
    ]
    texts = overrides(holds, CODE.__getitem__)
    assert texts[Path("/code/modules/store")] == (
        'resource "aws_sqs_queue" "q" {\n  lifecycle {\n'
        '    ignore_changes = [tags["Seen"], delay_seconds, name, policy]\n  }\n}\n'
    )
    assert "ignore_changes = all" in texts[Path("/code/network")]


@pytest.mark.parametrize(
    ("backend", "name", "state"),
    [
        (None, "default", "terraform.tfstate"),
        (None, "prod", "terraform.tfstate.d/prod/terraform.tfstate"),
        ({"type": "local", "config": {"path": "../state/x.tfstate"}}, "default", "../state/x.tfstate"),
        (
            {"type": "local", "config": {"path": None, "workspace_dir": "all"}},
            "prod",
            "all/prod/terraform.tfstate",
        ),
        ({"type": "s3", "config": {}}, "default", None),
    ],
)
def test_where_a_state_lies_is_what_terraform_has_noted(
    tmp_path: Path, backend: dict[str, object] | None, name: str, state: str | None
) -> None:
    if backend is not None:
        (tmp_path / "terraform.tfstate").write_text(json.dumps({"backend": backend}))
    expected = None if state is None else tmp_path / "code" / state
    assert local_state(tmp_path / "code", tmp_path, name=name) == expected


def test_a_backend_that_can_not_be_read_is_an_error_and_not_a_local_one(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_text("{")
    with pytest.raises(ToolError, match="can't read which backend"):
        local_state(tmp_path, tmp_path, name="default")


def test_a_state_is_known_by_lineage_and_serial() -> None:
    assert version_of(b'{"lineage": "l", "serial": 3}', name="x") == StateVersion(lineage="l", serial=3)
    with pytest.raises(ToolError, match="no lineage and serial"):
        version_of(b"", name="x")
