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

resource "aws_cloudwatch_log_group" "ledger" {
  name              = "/shop/ledger"
  retention_in_days = 365
}

resource "aws_sns_topic" "bell" {
  for_each = toset(["front", "back"])
  name     = "shop-${each.key}"
  tags     = { Owner = "shop" }
}
