# Secrets have a key of their own, so that who may read the ledger need not be able to read them.

resource "aws_kms_key" "ledger" {
  description             = "Encrypts the ledger and everything derived from it"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "ledger" {
  name          = "alias/acme-ledger"
  target_key_id = aws_kms_key.ledger.key_id
}

resource "aws_kms_key" "secrets" {
  description             = "Encrypts tokens and signing secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/acme-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}
