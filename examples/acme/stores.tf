locals {
  stores = {
    ledger = { purpose = "Daily closings" }
    media  = { purpose = "Scanned statements" }
  }
}

module "store" {
  source   = "./modules/store"
  for_each = local.stores

  name    = "acme-${each.key}-${var.environment}"
  key_arn = aws_kms_key.ledger.arn
  tags    = merge(local.tags, { Purpose = each.value.purpose })
}
