# Fifty resources of types that the provider makes and reads without waiting.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
  default_tags {
    tags = { Workspace = var.name }
  }
}

variable "name" {
  type = string
}

resource "aws_iam_role" "this" {
  count = 10
  name  = "${var.name}-${count.index}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = 10
  name  = "own"
  role  = aws_iam_role.this[count.index].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sns:Publish"], Resource = aws_sns_topic.this[count.index].arn }]
  })
}

resource "aws_sns_topic" "this" {
  count = 10
  name  = "${var.name}-${count.index}"
}

resource "aws_ssm_parameter" "this" {
  count = 10
  name  = "/${var.name}/${count.index}"
  type  = "String"
  value = "on"
}

resource "aws_cloudwatch_log_group" "this" {
  count             = 10
  name              = "/${var.name}/${count.index}"
  retention_in_days = 30
}
