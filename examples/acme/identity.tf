resource "aws_iam_role" "ledger_writer" {
  name        = "acme-ledger-writer"
  description = "The only identity that appends to the ledger"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "ledger_writer" {
  name        = "acme-ledger-writer"
  description = "Append to the ledger, nothing else"
  tags        = local.tags

  # Written with jsonencode: a policy document as data source is read late, and the policy shown as
  # changing, whenever the table it names has any change pending.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "AppendToLedger"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.ledger.arn
      },
      {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.ledger.arn
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "ledger_writer" {
  role       = aws_iam_role.ledger_writer.name
  policy_arn = aws_iam_policy.ledger_writer.arn
}
