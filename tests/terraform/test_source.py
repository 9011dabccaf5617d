"""Where a drifted resource stands in code."""

import json
from pathlib import Path

from tasks.terraform.source import places


def test_blocks_are_found_in_the_root_and_in_the_modules_that_terraform_placed(tmp_path: Path) -> None:
    root, module = tmp_path / "root", tmp_path / "modules" / "store"
    module.mkdir(parents=True)
    (root / ".terraform" / "modules").mkdir(parents=True)
    (root / "main.tf").write_text('# resource\n\nresource "aws_sns_topic" "bell" {\n}\n')
    (module / "bucket.tf").write_text('resource "aws_s3_bucket" "this" {}\n')
    listed = [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "store", "Source": "../modules/store", "Dir": "../modules/store"},
    ]
    (root / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": listed}))
    assert places(root, root / ".terraform") == {
        "aws_sns_topic.bell": ("main.tf", 3),
        "module.store.aws_s3_bucket.this": ("../modules/store/bucket.tf", 1),
    }


def test_a_workspace_without_modules_or_with_broken_notes_still_has_its_own_blocks(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_sns_topic" "bell" {\n}\n')
    assert places(tmp_path, tmp_path / "none") == {"aws_sns_topic.bell": ("main.tf", 1)}
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "modules.json").write_text('{"Modules": [1]}')
    assert places(tmp_path, tmp_path) == {"aws_sns_topic.bell": ("main.tf", 1)}
