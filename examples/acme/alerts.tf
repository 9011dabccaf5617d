resource "aws_cloudwatch_log_group" "ledger" {
  name              = "/acme/ledger"
  retention_in_days = 365
  tags              = local.tags
}

resource "aws_sns_topic" "alerts" {
  name              = "acme-ledger-alerts"
  display_name      = "Ledger alerts"
  kms_master_key_id = aws_kms_key.ledger.arn

  tags = merge(local.tags, { CostCenter = "ledger" })
}
