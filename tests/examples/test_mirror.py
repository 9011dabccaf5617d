"""Where Terraform's providers are found on this machine, and what Terraform is told of it."""

from pathlib import Path

import pytest

from examples.terraform import cli_config, mirror


@pytest.mark.parametrize("place", [".", "opt", "opt/plugins"])
def test_a_mirror_is_found_at_most_three_levels_down(tmp_path: Path, place: str) -> None:
    (tmp_path / place / "registry.terraform.io").mkdir(parents=True)
    assert mirror(tmp_path) == tmp_path / place


def test_a_mirror_further_down_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c" / "registry.terraform.io").mkdir(parents=True)
    assert mirror(tmp_path) is None


def test_what_the_mirror_holds_comes_from_it_and_the_rest_from_the_registry(tmp_path: Path) -> None:
    for provider in ("hashicorp/aws", "hashicorp/random"):
        (tmp_path / "registry.terraform.io" / provider / "1.0.0").mkdir(parents=True)
    held = '["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/random"]'
    told = cli_config(tmp_path)
    assert f'path    = "{tmp_path}"' in told
    assert told.count(held) == 2
    assert told.index("filesystem_mirror") < told.index("direct")
