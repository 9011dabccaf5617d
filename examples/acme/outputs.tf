output "buckets" {
  description = "ARN of each store's bucket."
  value       = { for key, store in module.store : key => store.arn }
}

output "table" {
  description = "ARN of the ledger's table."
  value       = aws_dynamodb_table.ledger.arn
}
