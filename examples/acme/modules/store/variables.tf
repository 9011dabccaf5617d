variable "name" {
  description = "Name of the bucket; unique in the world."
  type        = string
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts every object."
  type        = string
}
