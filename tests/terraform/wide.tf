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
    tags = { ManagedBy = "terraform" }
  }
}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  lists = { plain = null, kept = 14 }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::wide-books", "arn:aws:s3:::wide-books/*"]
  }
}

# Roles: policies in the role, beside it, exclusively listed, and attached by a resource of three sides.
resource "aws_iam_role" "inside" {
  name               = "wide-inside"
  path               = "/wide/"
  assume_role_policy = local.trust
  inline_policy {
    name   = "read"
    policy = data.aws_iam_policy_document.read.json
  }
}

resource "aws_iam_role" "beside" {
  name               = "wide-beside"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "beside" {
  name   = "read"
  role   = aws_iam_role.beside.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "beside" {
  role       = aws_iam_role.beside.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role" "listed" {
  name               = "wide-listed"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "listed" {
  name   = "read"
  role   = aws_iam_role.listed.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policies_exclusive" "listed" {
  role_name    = aws_iam_role.listed.name
  policy_names = [aws_iam_role_policy.listed.name]
}

resource "aws_iam_policy" "read" {
  name   = "wide-read"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy_attachment" "both" {
  name       = "both"
  policy_arn = aws_iam_policy.both.arn
  roles      = [aws_iam_role.listed.name]
  users      = [aws_iam_user.person["a.b"].name]
}

resource "aws_iam_policy" "both" {
  name   = "wide-both"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user" "person" {
  for_each = toset(["a.b", "c"])
  name     = each.key
}

resource "aws_iam_group" "readers" {
  name = "wide-readers"
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.person["a.b"].name]
}

# A network: rules, entries and routes, inside their parents and beside them.
resource "aws_vpc" "net" {
  cidr_block = "10.60.0.0/16"
}

resource "aws_internet_gateway" "net" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route_table" "beside" {
  vpc_id = aws_vpc.net.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.beside.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.net.id
}

resource "aws_network_acl" "beside" {
  vpc_id = aws_vpc.net.id
}

resource "aws_network_acl_rule" "ssh" {
  network_acl_id = aws_network_acl.beside.id
  rule_number    = 100
  egress         = false
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = "10.60.0.0/16"
  from_port      = 22
  to_port        = 22
}

resource "aws_security_group" "inside" {
  name   = "wide-inside"
  vpc_id = aws_vpc.net.id
  dynamic "ingress" {
    for_each = [443, 8443]
    content {
      from_port        = ingress.value
      to_port          = ingress.value
      protocol         = "TCP"
      cidr_blocks      = ["10.0.0.0/8", "192.168.0.0/16"]
      ipv6_cidr_blocks = ["2001:db8:0:0::/64"]
    }
  }
}

resource "aws_security_group" "beside" {
  name   = "wide-beside"
  vpc_id = aws_vpc.net.id
}

resource "aws_security_group_rule" "web" {
  type              = "ingress"
  security_group_id = aws_security_group.beside.id
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["10.1.0.0/16", "10.2.0.0/16"]
}

resource "aws_vpc_dhcp_options" "own" {
  domain_name         = "wide.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
}

resource "aws_vpc_dhcp_options_association" "own" {
  vpc_id          = aws_vpc.net.id
  dhcp_options_id = aws_vpc_dhcp_options.own.id
}

# Buckets: one with parts, one without any.
resource "aws_s3_bucket" "books" {
  for_each = { books = "Books", plain = null }
  bucket   = "wide-${each.key}"
  tags     = each.value == null ? null : { Name = each.value }
}

resource "aws_s3_bucket_versioning" "books" {
  bucket = aws_s3_bucket.books["books"].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_cors_configuration" "books" {
  bucket = aws_s3_bucket.books["books"].id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://a.example", "https://b.example"]
  }
}

resource "aws_s3_object" "note" {
  bucket  = aws_s3_bucket.books["plain"].id
  key     = "note.txt"
  content = "a note"
}

# The rest: values that are ignored, unset, ordered, or JSON.
resource "aws_cloudwatch_log_group" "log" {
  for_each          = local.lists
  name              = "/wide/${each.key}"
  retention_in_days = each.value
}

resource "aws_ssm_parameter" "ignored" {
  name  = "/wide/ignored"
  type  = "String"
  value = "one"
  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_dynamodb_table" "stock" {
  name         = "wide-stock"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  attribute {
    name = "pk"
    type = "S"
  }
  ttl {
    attribute_name = "until"
    enabled        = true
  }
}

resource "aws_sns_topic" "bell" {
  name = "wide-bell"
}

resource "aws_ssm_parameter" "bell" {
  name  = "/wide/bell"
  type  = "String"
  value = aws_sns_topic.alarm.arn
}

resource "aws_sns_topic" "alarm" {
  name = "wide-alarm"
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name          = "wide-nightly"
  event_pattern = jsonencode({ source = ["aws.ec2"] })
}

resource "aws_cloudwatch_event_target" "bell" {
  rule      = aws_cloudwatch_event_rule.nightly.name
  target_id = "bell"
  arn       = aws_sns_topic.bell.arn
}

resource "aws_glue_catalog_database" "shelf" {
  name = "wide"
}

resource "aws_glue_catalog_table" "shelf" {
  name          = "shelf"
  database_name = aws_glue_catalog_database.shelf.name
  storage_descriptor {
    location = "s3://wide-books/shelf"
    columns {
      name = "title"
      type = "string"
    }
    columns {
      name = "pages"
      type = "int"
    }
  }
}
