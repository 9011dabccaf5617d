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

data "aws_vpc" "default" {
  default = true
}

resource "aws_security_group" "door" {
  name        = "door"
  description = "the door"
  vpc_id      = data.aws_vpc.default.id

  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_s3_bucket" "books" {
  bucket        = "small-books"
  force_destroy = true
  tags          = { Owner = "books" }
}

resource "aws_s3_bucket_versioning" "books" {
  bucket = aws_s3_bucket.books.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_iam_role" "clerk" {
  name = "clerk"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_ssm_parameter" "door" {
  for_each = toset(["front", "back.door"])
  name     = "/small/${each.key}"
  type     = "SecureString"
  value    = "planted-${each.key}"
}

resource "aws_sns_topic" "bell" {
  name = "bell"
  tags = { Owner = "door" }
}
