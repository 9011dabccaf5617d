locals {
  stores = {
    ledger = { purpose = "Daily closings", key_arn = aws_kms_key.ledger.arn }
    media  = { purpose = "Scanned statements", key_arn = aws_kms_key.media.arn }
  }
}

module "store" {
  source   = "./modules/store"
  for_each = local.stores

  name    = "acme-${each.key}-${var.environment}"
  key_arn = each.value.key_arn
  tags    = merge(local.tags, { Purpose = each.value.purpose })
}
