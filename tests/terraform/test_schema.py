"""What is known of the provider's schema, held to the provider."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from workspace_on_moto import CODE

from tasks.terraform import schema
from tasks.terraform.mirrors import EXCLUSIVE, MIRRORS
from tasks.terraform.noise import ECHOES
from tasks.terraform.parents import NAMED_BY
from tasks.terraform.residue import RESIDUES
from tasks.terraform.schema_table import PROVIDER, derive

TABLE = Path(schema.__file__).with_name("aws_schema.json")


@pytest.mark.parametrize(
    ("resource_type", "name", "told"),
    [
        ("aws_security_group", "ingress", True),
        ("aws_wafv2_web_acl", "rule", True),
        ("aws_s3_bucket_lifecycle_configuration", "rule", False),
        ("aws_glue_catalog_table", "columns", False),
        ("azurerm_storage_account", "ip_rules", None),
    ],
)
def test_a_set_is_told_from_a_list_by_the_type_that_holds_it(
    resource_type: str,
    name: str,
    told: bool | None,  # noqa: FBT001
) -> None:
    assert schema.is_set(resource_type, name) is told


@pytest.mark.parametrize(
    ("resource_type", "name", "told"),
    [
        ("aws_iam_role", "unique_id", True),
        ("aws_sqs_queue", "policy", False),
        ("aws_instance", "instance_state", True),
        ("aws_sqs_queue", "id", True),
        ("aws_sqs_queue", "no_such_attribute", False),
        ("azurerm_storage_account", "id", False),
    ],
)
def test_what_code_can_not_set_is_known_and_all_else_may_be_set(
    resource_type: str,
    name: str,
    told: bool,  # noqa: FBT001
) -> None:
    assert schema.only_cloud_sets(resource_type, name) is told


@pytest.mark.parametrize(
    ("resource_type", "name", "told"),
    [
        ("aws_iam_role", "permissions_boundary", True),
        ("aws_sqs_queue", "policy", False),
        ("aws_instance", "vpc_security_group_ids", False),
        ("aws_instance", "http_tokens", False),
        ("aws_instance", "no_such_attribute", False),
        ("aws_no_such_type", "permissions_boundary", False),
        ("azurerm_storage_account", "permissions_boundary", False),
    ],
)
def test_what_null_in_code_takes_away_is_known_and_all_else_may_stay(
    resource_type: str,
    name: str,
    told: bool,  # noqa: FBT001
) -> None:
    assert schema.is_planned_away(resource_type, name) is told


def test_a_name_is_listed_once_where_it_is_so_everywhere_and_by_type_where_it_is_not() -> None:
    def resource(**attributes: Any) -> dict[str, Any]:
        return {"block": {"attributes": attributes}}

    computed, optional = {"type": "string", "computed": True}, {"type": "string", "optional": True}
    lists, sets = (
        {"type": ["list", "string"], "optional": True},
        {"type": ["set", "string"], "optional": True},
    )
    schemas = {
        "aws_a": resource(arn=computed, size=computed, zones=sets),
        "aws_b": resource(arn=computed, size=optional, zones=lists),
    }
    table = derive({"provider_schemas": {PROVIDER: {"resource_schemas": schemas}}})
    assert table == {
        "computed": {"everywhere": "arn", "only": {"size": "a"}, "but": {}},
        "plain": {"everywhere": "zones", "only": {"size": "b"}, "but": {}},
        "sets": {"everywhere": "", "only": {"zones": "a"}, "but": {}},
        "types": "a b",
    }


@pytest.mark.terraform
@pytest.mark.prove
def test_the_table_and_the_mirrors_are_what_the_provider_says(
    tmp_path: Path, program: str, terraform_env: Mapping[str, str]
) -> None:
    (tmp_path / "main.tf").write_text(CODE.read_text())
    environment = {**terraform_env, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    def run(*arguments: str) -> bytes:
        command = [program, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True).stdout

    run("init", "-input=false")
    document = json.loads(run("providers", "schema", "-json"))
    assert derive(document) == json.loads(TABLE.read_text())
    schemas = document["provider_schemas"][PROVIDER]["resource_schemas"]
    names = {
        (kind, name)
        for kind, one in schemas.items()
        for part in ("attributes", "block_types")
        for name in one["block"].get(part, {})
    }
    assert MIRRORS.keys() | RESIDUES.keys() | EXCLUSIVE.keys() | set(EXCLUSIVE.values()) <= names
    assert set(NAMED_BY.items()) <= names
    assert {kind for kinds in MIRRORS.values() for kind in kinds} <= NAMED_BY.keys()
    assert {name for _, name in names} >= ECHOES
