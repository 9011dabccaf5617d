data "aws_vpc" "default" {
  default = true
}

# The default group admits its own members to each other; here it admits nobody.
resource "aws_default_security_group" "closed" {
  vpc_id = data.aws_vpc.default.id
  tags   = local.tags
}

resource "aws_security_group" "web" {
  name        = "acme-web"
  description = "Internal front door of the ledger"
  vpc_id      = data.aws_vpc.default.id

  ingress {
    description = "HTTPS from the private range"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    description = "HTTPS to anywhere"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = merge(local.tags, { Name = "acme-web" })
}
