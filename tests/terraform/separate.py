"""A workspace whose modules share folders and depend on one another, below a folder that they refer to."""

from pathlib import Path

ROOT = """
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

module "store" {
  source   = "../modules/store"
  for_each = toset(["alpha", "beta.x"])
  name     = replace(each.key, ".", "-")
}

module "first" {
  source = "../modules/chain"
  name   = "first"
  after  = "nothing"
}

module "second" {
  source = "../modules/chain"
  name   = "second"
  after  = module.first.version
}
"""

STORE = """
variable "name" { type = string }

resource "aws_sns_topic" "bell" {
  name = var.name
  tags = { Owner = "store", Note = trimspace(file("${path.module}/../../notes/owner.txt")) }
}

resource "aws_ssm_parameter" "door" {
  name        = "/${aws_sns_topic.bell.name}/door"
  type        = "String"
  value       = "closed"
  description = "the door"

  lifecycle {
    ignore_changes = [tags["Seen"]]
  }
}
"""

CHAIN = """
variable "name" { type = string }
variable "after" { type = string }

resource "aws_ssm_parameter" "link" {
  name        = "/chain/${var.name}"
  type        = "String"
  value       = "as declared"
  description = "after ${var.after}"
}

output "version" { value = aws_ssm_parameter.link.name }
"""


def build(folder: Path) -> Path:
    """Write the code below a folder, and return its root module."""
    texts = {
        "network/main.tf": ROOT,
        "modules/store/main.tf": STORE,
        "modules/chain/main.tf": CHAIN,
        "notes/owner.txt": "by the door\n",
    }
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "network"
