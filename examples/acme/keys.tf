# One key per kind of data, so that losing or rotating one leaves the other readable.

resource "aws_kms_key" "ledger" {
  description             = "Encrypts the ledger and everything derived from it"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "ledger" {
  name          = "alias/acme-ledger"
  target_key_id = aws_kms_key.ledger.key_id
}

resource "aws_kms_key" "media" {
  description             = "Encrypts scanned statements"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "media" {
  name          = "alias/acme-media"
  target_key_id = aws_kms_key.media.key_id
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}
