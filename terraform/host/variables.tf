variable "region" {
  description = "The region, for the clients of AWS."
  type        = string
}

variable "vpc_id" {
  description = "The VPC in which Prometheus looks for instances."
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

variable "daemon_sha256" {
  description = "The sum of the daemon's binary, which is fetched with the other files."
  type        = string
}

variable "releases" {
  description = "Versions and sums of Prometheus, Alertmanager and node exporter; as in the root module."
  type        = map(object({ version = string, sha256 = string }))
}

variable "grafana" {
  description = "Grafana's version and the fingerprint of its key; as in the root module."
  type        = object({ version = string, key_fingerprint = string })
}

variable "listen_to_others" {
  description = "Whether grafana, prometheus and daemon listen beyond the host itself."
  type        = map(bool)
}

variable "act_on_instances" {
  description = "Whether the daemon has a policy for instances that cannot be reached; in the shadow at first."
  type        = bool
}

variable "releases_url" {
  description = "Where the project's releases are, without the name of the program."
  type        = string
  default     = "https://github.com/prometheus"
}

variable "grafana_url" {
  description = "Grafana's package repository, with its key in gpg.key."
  type        = string
  default     = "https://rpm.grafana.com"
}

variable "swap_mib" {
  description = "Swap in MiB: a gigabyte of memory is little for a package manager beside five programs."
  type        = number
  default     = 1024
}
