data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "ledger_writer" {
  statement {
    sid       = "AppendToLedger"
    actions   = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.ledger.arn]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.ledger.arn]
  }
}

resource "aws_iam_role" "ledger_writer" {
  name               = "acme-ledger-writer"
  description        = "The only identity that appends to the ledger"
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
}

resource "aws_iam_policy" "ledger_writer" {
  name        = "acme-ledger-writer"
  description = "Append to the ledger, nothing else"
  policy      = data.aws_iam_policy_document.ledger_writer.json
}

resource "aws_iam_role_policy_attachment" "ledger_writer" {
  role       = aws_iam_role.ledger_writer.name
  policy_arn = aws_iam_policy.ledger_writer.arn
}
