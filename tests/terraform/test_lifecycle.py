"""What code says of a lifecycle is told for sure, or not at all."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tasks.errors import ToolError
from tasks.terraform.lifecycle import Ignored, lifecycle_of

BLOCK = 'resource "terraform_data" "x" {\n  input = var.v\n  lifecycle {\n    %s\n  }\n}\n'
VARIABLE = 'variable "v" { default = "one" }\n'


def of(folder: Path, address: str = "terraform_data.x") -> Ignored:
    return lifecycle_of(folder, folder / ".terraform", address).ignore_changes


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def says(*lists: str) -> dict[str, str]:
    """Return a workspace whose main.tf and overrides, in order, say these lifecycles."""
    names = ("main.tf", "a_override.tf", "override.tf", "z_override.tf")
    return {
        name: BLOCK % said if name == "main.tf" else (BLOCK % said).replace("  input = var.v\n", "")
        for name, said in zip(names, lists, strict=False)
    }


JSON = json.dumps({"resource": {"terraform_data": {"x": {"lifecycle": {"ignore_changes": "all"}}}}})

MERGED: dict[str, tuple[dict[str, str], Ignored]] = {
    "a list": (says("ignore_changes = [input]"), ("input",)),
    "no lifecycle": ({"main.tf": 'resource "terraform_data" "x" {\n input = var.v\n}\n'}, ()),
    "all": (says("ignore_changes = all"), "all"),
    "quoted as of old": (says('ignore_changes = ["input"]'), ('"input"',)),
    "the override's list": (
        says("ignore_changes = [triggers_replace]", "ignore_changes = [input]"),
        ("input",),
    ),
    "a list that is overridden": (
        says("ignore_changes = [input]", "ignore_changes = [triggers_replace]"),
        ("triggers_replace",),
    ),
    "an empty list overrides nothing": (says("ignore_changes = [input]", "ignore_changes = []"), ("input",)),
    "all stays, whatever follows": (
        says("ignore_changes = all", "ignore_changes = [triggers_replace]"),
        "all",
    ),
    "all of an override": (says("ignore_changes = [triggers_replace]", "ignore_changes = all"), "all"),
    "overrides in the order of their names": (
        says("", "ignore_changes = [input]", "ignore_changes = []", "ignore_changes = [triggers_replace]"),
        ("triggers_replace",),
    ),
    "an override in JSON": ({**says(""), "b_override.tf.json": JSON}, "all"),
    "an override that speaks of something else": (says("ignore_changes = [input]", ""), ("input",)),
}


@pytest.mark.parametrize("case", MERGED)
def test_overrides_are_merged(tmp_path: Path, case: str) -> None:
    files, expected = MERGED[case]
    assert of(written(tmp_path, files)) == expected


@pytest.mark.terraform
@pytest.mark.parametrize("case", MERGED)
def test_overrides_are_merged_as_terraform_does_it(tmp_path: Path, program: str, case: str) -> None:
    files, expected = MERGED[case]
    written(tmp_path, {**files, "variables.tf": VARIABLE})
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}

    def terraform(*arguments: str) -> int:
        command = [program, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert done.returncode != 1, done.stderr
        return done.returncode

    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    left = terraform("plan", "-input=false", "-detailed-exitcode", "-var=v=two") == 0
    assert left == (expected == "all" or "input" in "".join(expected))


def test_entries_keep_their_spelling(tmp_path: Path) -> None:
    said = 'ignore_changes = [tags["Name"], # why\n ingress[0].cidr_blocks,\n /* x */ tags.a, "old", ]'
    expected = ('tags["Name"]', "ingress[0].cidr_blocks", "tags.a", '"old"')
    assert of(written(tmp_path, {"main.tf": BLOCK % said})) == expected


def test_the_block_that_counts_has_its_file_folder_and_line(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "shop" {\n  for_each = toset(["a"])\n  source = "./shop"\n}\n',
        "shop/main.tf": 'module "till" { source = "../till" }\n',
        "till/main.tf": "# first\n" + BLOCK % "prevent_destroy = true",
        "till/override.tf": "\n" + BLOCK % "ignore_changes = [input]",
    }
    written(tmp_path, files)
    found = lifecycle_of(tmp_path, tmp_path / "none", 'module.shop["a"].module.till.terraform_data.x[0]')
    assert found.folder.resolve() == tmp_path / "till"
    assert found.file.resolve() == tmp_path / "till" / "main.tf"
    assert found.line == 2
    assert found.prevent_destroy
    assert found.ignored_file is not None
    assert (found.ignored_file.name, found.ignored_line) == ("override.tf", 5)


UNSURE = {
    "no such block": ({"main.tf": ""}, "no single block"),
    "two such blocks": ({"main.tf": BLOCK % "", "more.tf": BLOCK % ""}, "no single block"),
    "a list that is computed": (says("ignore_changes = concat([input], [])"), "no list that is written out"),
    "a bracketed list": (says("ignore_changes = ([input])"), "no list that is written out"),
    "a second lifecycle": (says("}\n lifecycle {"), "second lifecycle"),
    "a file that does not parse": ({**says(""), "b.tf": 'resource "terraform_data" "x" {'}, "b.tf"),
    "an override that does not parse": (
        {**says(""), "override.tf": 'resource "terraform_data" "x" {\n  a = "'},
        "override.tf",
    ),
    "files of OpenTofu": ({**says(""), "b.tofu": ""}, "OpenTofu"),
    "a list that nothing can parse": (says('ignore_changes = [input["$${"]]'), "no list that is written out"),
}


@pytest.mark.parametrize("case", UNSURE)
def test_what_is_not_known_for_sure_is_an_error_not_an_empty_list(tmp_path: Path, case: str) -> None:
    files, reason = UNSURE[case]
    with pytest.raises(ToolError, match="can't read for sure") as refused:
        of(written(tmp_path, files))
    assert reason in str(refused.value)


def test_a_file_that_is_no_utf_8_is_an_error_not_an_empty_list(tmp_path: Path) -> None:
    written(tmp_path, says(""))
    (tmp_path / "override.tf").write_bytes(b"# terraform_data x resource \xff\n")
    with pytest.raises(ToolError, match=r"override\.tf can't be read \(UnicodeDecodeError\)"):
        of(tmp_path)


def test_a_module_that_is_not_there_is_an_error_not_an_empty_list(tmp_path: Path) -> None:
    written(tmp_path, {"main.tf": 'module "m" { source = "some/registry/aws" }\n'})
    with pytest.raises(ToolError, match="can't find the code of module m"):
        of(tmp_path, "module.m.terraform_data.x")
