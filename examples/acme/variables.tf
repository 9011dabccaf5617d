variable "region" {
  description = "The only region in which the ledger may keep data."
  type        = string
  default     = "eu-west-1"
}

variable "environment" {
  description = "Which copy of the ledger this is."
  type        = string
  default     = "production"
}

variable "owner" {
  description = "The role that answers for these resources."
  type        = string
  default     = "platform-oncall"
}

variable "feed_token" {
  description = "Token for the settlement feed. The pipeline sets it; the default only lets a plan run."
  type        = string
  sensitive   = true
  default     = "set-by-the-pipeline"
}
