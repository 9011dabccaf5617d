resource "aws_dynamodb_table" "ledger" {
  name         = "acme-ledger"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "account"
  range_key    = "entry"

  attribute {
    name = "account"
    type = "S"
  }

  attribute {
    name = "entry"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.ledger.arn
  }

  tags = merge(local.tags, { CostCenter = "ledger" })
}

resource "aws_ssm_parameter" "settlement_window" {
  name        = "/acme/ledger/settlement-window"
  description = "How long an entry may wait for settlement"
  type        = "String"
  value       = "PT15M"
  tags        = local.tags
}

resource "aws_ssm_parameter" "feed_token" {
  name        = "/acme/ledger/feed-token"
  description = "Token for the settlement feed"
  type        = "SecureString"
  key_id      = aws_kms_alias.secrets.name
  value       = var.feed_token
  tags        = local.tags
}

resource "aws_secretsmanager_secret" "signing" {
  name                    = "acme/ledger/signing"
  description             = "Signs ledger entries; its value is rotated outside Terraform"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7
  tags                    = local.tags
}
