variable "name" {
  description = "Name of the bucket; unique in the world."
  type        = string
}

variable "purpose" {
  description = "What is kept here, in words."
  type        = string
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts every object."
  type        = string
}
