locals {
  tags = {
    Owner       = var.owner
    Environment = var.environment
  }
}
