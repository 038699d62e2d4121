variable "partition" {
  description = "The partition of AWS, as aws."
  type        = string
}

variable "region" {
  description = "The region of what may be acted on."
  type        = string
}

variable "account_id" {
  description = "The account of what may be acted on."
  type        = string
}

variable "models_bucket" {
  description = "The name of the bucket with models and with what is installed."
  type        = string
}

variable "logs_bucket" {
  description = "The name of the bucket for closed months of the journal."
  type        = string
}

variable "daemon_may" {
  description = "What the daemon may do to what carries the tag; as in the root module."
  type = object({
    ec2           = bool
    autoscaling   = bool
    ssm_documents = set(string)
  })
}
