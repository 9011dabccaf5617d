"""What only a replacement puts right is previewed as one, and done once a person has approved just that."""

from dataclasses import replace
from typing import Any

import pytest
from drifts import drift_of
from workspace_on_moto import Live

from tasks.detectors.terraform import collect, parse
from tasks.redaction import Redactor
from tasks.remedies import terraform_apply

pytestmark = [pytest.mark.terraform, pytest.mark.prove]

CODE = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}

resource "aws_dynamodb_table" "books" {
  name         = "replaced-books"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
"""


@pytest.fixture
def live(applied: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    folder = tmp_path_factory.mktemp("replaced")
    (folder / "main.tf").write_text(CODE)
    live = replace(applied, target=replace(applied.target, name="replaced", path=folder))
    live.terraform("init", "-input=false", "-no-color")
    live.terraform("apply", "-auto-approve", "-input=false", "-no-color")
    return live


def keys(live: Live) -> list[dict[str, Any]]:
    table = live.client("dynamodb").describe_table(TableName="replaced-books")["Table"]
    return [dict(key) for key in table["KeySchema"]]


def made_by_hand(live: Live, key: str) -> None:
    dynamodb = live.client("dynamodb")
    dynamodb.delete_table(TableName="replaced-books")
    dynamodb.create_table(
        TableName="replaced-books",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
    )


def test_a_table_made_anew_by_hand_with_another_key_is_destroyed_and_created_as_previewed(
    live: Live, redactor: Redactor
) -> None:
    made_by_hand(live, "other")
    answer = parse(collect(live.target, live.reach), live.target, redactor=redactor)
    (finding,) = [one for one in answer.findings if one.address == "aws_dynamodb_table.books"]
    drift = drift_of(finding, "replaced")
    preview = terraform_apply.preview(drift, live.target, live.reach, redactor=redactor)
    assert preview.document["destroys"] == ["aws_dynamodb_table.books"]
    assert preview.summary[0].startswith("DESTROYS aws_dynamodb_table.books and creates it anew")
    assert 'replace aws_dynamodb_table.books: hash_key "other" -> "id"' in preview.summary
    assert keys(live) == [{"AttributeName": "other", "KeyType": "HASH"}]
    terraform_apply.apply(drift, preview, live.target, live.reach, redactor=redactor)
    assert keys(live) == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert terraform_apply.look_again(drift, live.target, live.reach, redactor=redactor) is None
