"""Code that is all for another region is refused before anything is asked; what may not be is planned."""

from pathlib import Path

import pytest

from tasks.errors import ToolError
from tasks.terraform.region import check_region
from tasks.terraform.source.modules import Modules
from taxonomy.target import TerraformTarget

HERE, EAST = "eu-west-1", "us-east-1"
ELSEWHERE = f'provider "aws" {{\n  region = "{EAST}"\n}}\n'

UNSURE = {
    "no provider": 'resource "aws_sns_topic" "x" {}',
    "a provider without a region": 'provider "aws" {}',
    "a region that is computed": 'provider "aws" {\n  region = var.region\n}',
    "a provider by another name": f'provider "aws" {{\n  alias = "east"\n  region = "{EAST}"\n}}',
    "a second provider": ELSEWHERE + f'provider "aws" {{\n  alias = "here"\n  region = "{HERE}"\n}}',
    "a resource in a region of its own": ELSEWHERE + f'resource "aws_sns_topic" "x" {{ region = "{HERE}" }}',
    "a module that is not at hand": ELSEWHERE + 'module "m" { source = "somewhere/else" }',
    "a module with a provider of its own": ELSEWHERE + 'module "m" { source = "./own" }',
    "code that can't be followed": ELSEWHERE + 'locals { a = "',
}


def check(folder: Path, code: str, region: str | None = HERE) -> None:
    (folder / "main.tf").write_text(code)
    (folder / "own").mkdir()
    (folder / "own" / "main.tf").write_text(f'provider "aws" {{\n  region = "{HERE}"\n}}')
    (folder / "plain").mkdir()
    (folder / "plain" / "main.tf").write_text('resource "aws_sns_topic" "x" {}')
    target = TerraformTarget(name="shop", path=folder, region=region)
    check_region(target, Modules.of(folder, folder / ".terraform"))


@pytest.mark.parametrize(
    "code",
    [
        ELSEWHERE,
        ELSEWHERE + 'module "m" { source = "./plain" }',
        ELSEWHERE + 'terraform {\n  backend "s3" {\n    region = "eu-west-1"\n  }\n}',
    ],
)
def test_one_provider_for_another_region_is_refused_with_its_line(code: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=rf"expected {HERE}, .* for {EAST} \(main\.tf:2\)"):
        check(tmp_path, code)


@pytest.mark.parametrize("code", UNSURE.values(), ids=UNSURE)
def test_what_may_be_in_the_region_is_left_to_the_plan(code: str, tmp_path: Path) -> None:
    check(tmp_path, code)


def test_a_target_without_a_region_takes_any(tmp_path: Path) -> None:
    check(tmp_path, ELSEWHERE, region=None)
