terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  # The default of 25 retries turns an endpoint that answers with errors into a run of many minutes.
  max_retries = 2
}
