variable "name" {
  description = "What the names of everything begin with."
  type        = string
  default     = "smartcloudops"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name has 3 to 20 lower-case letters, digits and dashes, begins with a letter and ends with none: it becomes part of a bucket's name."
  }
}

variable "region" {
  description = "The region of everything."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of a region, as us-east-1."
  }
}

variable "availability_zones" {
  description = "The zones of the two subnets. The instances are in the first: what passes between zones is billed."
  type        = list(string)
  default     = ["us-east-1a", "us-east-1b"]

  validation {
    condition     = length(distinct(var.availability_zones)) == 2 && length(var.availability_zones) == 2
    error_message = "availability_zones names two different zones."
  }

  validation {
    condition     = alltrue([for zone in var.availability_zones : startswith(zone, var.region)])
    error_message = "availability_zones are of the region: with another region, name its zones."
  }
}

variable "vpc_cidr" {
  description = "The addresses of the VPC; each subnet has a 256th of them."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.vpc_cidr)[1]), 99) <= 20
    error_message = "vpc_cidr is an IPv4 network of /16 to /20, as 10.0.0.0/16."
  }
}

variable "allowed_cidrs" {
  description = "Who may reach what, as lists of IPv4 networks. Everything is closed by default: Session Manager needs no open port. Only http may be open to the world."
  type = object({
    ssh        = optional(set(string), [])
    http       = optional(set(string), [])
    grafana    = optional(set(string), [])
    prometheus = optional(set(string), [])
    daemon     = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for cidr in flatten([for cidrs in values(var.allowed_cidrs) : tolist(cidrs)]) : can(cidrnetmask(cidr))])
    error_message = "allowed_cidrs holds IPv4 networks, as 203.0.113.7/32."
  }

  validation {
    condition = alltrue([
      for cidr in flatten([for service, cidrs in var.allowed_cidrs : tolist(cidrs) if service != "http"]) :
      try(tonumber(split("/", cidr)[1]), 0) >= 8
    ])
    error_message = "Only http may be open to the world; for ssh, grafana, prometheus and daemon name networks of /8 or smaller."
  }

  validation {
    condition     = length(var.allowed_cidrs.ssh) == 0 || var.key_name != null
    error_message = "allowed_cidrs.ssh opens a port that nobody can use without key_name; leave it empty and use Session Manager, or name a key."
  }
}

variable "key_name" {
  description = "An EC2 key pair for SSH. Not needed with Session Manager."
  type        = string
  default     = null
}

variable "instance_types" {
  description = "The types of the instances; x86-64."
  type = object({
    monitoring  = optional(string, "t3.micro")
    application = optional(string, "t3.micro")
  })
  default = {}

  validation {
    condition     = alltrue([for type in values(var.instance_types) : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", type))])
    error_message = "instance_types holds names of types, as t3.micro."
  }

  validation {
    condition     = alltrue([for type in values(var.instance_types) : !can(regex("^(a1|[a-z]+[0-9]+g[a-z]*)\\.", type))])
    error_message = "instance_types are x86-64: the image and the programs are; a type with a g behind its number is Graviton."
  }

  validation {
    condition     = alltrue([for type in values(var.instance_types) : !can(regex("^(t1|m1|m2|m3|c1|t2|c3|g2|r3|i2)\\.", type))])
    error_message = "instance_types are of a generation that knows optimised EBS at every size: t3.micro, and not t2.micro."
  }
}

variable "volume_gib" {
  description = "The size of each instance's volume in GiB."
  type = object({
    monitoring  = optional(number, 20)
    application = optional(number, 8)
  })
  default = {}

  validation {
    condition     = alltrue([for size in values(var.volume_gib) : size >= 8 && size <= 1024 && floor(size) == size])
    error_message = "volume_gib is a whole number from 8, the size of the image, to 1024."
  }
}

variable "daemon_binary" {
  description = "The daemon as a file on the machine that runs Terraform: x86-64 Linux, for glibc 2.34, as Amazon Linux 2023 has it (docs/aws.md)."
  type        = string

  validation {
    condition     = fileexists(var.daemon_binary)
    error_message = "daemon_binary names a file; build it as docs/aws.md says."
  }
}

variable "daemon_may" {
  description = "What the daemon may do to what carries the tag smartcloudops:managed=true: reboot, start and stop instances; change the capacity of Auto Scaling groups; run these documents of Systems Manager (AWS-RunShellScript is a shell as root)."
  type = object({
    ec2           = optional(bool, true)
    autoscaling   = optional(bool, false)
    ssm_documents = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for name in var.daemon_may.ssm_documents : can(regex("^[a-zA-Z0-9_.-]{3,128}$", name))])
    error_message = "daemon_may.ssm_documents holds names of documents, none with a wildcard."
  }
}

variable "releases" {
  description = "The releases of the Prometheus project that are installed, with the sums that it publishes beside linux-amd64.tar.gz."
  type = map(object({
    version = string
    sha256  = string
  }))
  default = {
    prometheus = {
      version = "3.5.0"
      sha256  = "e811827af26d822afb09a4f28314f61b618b12cff5369835a67f674d8b46f39a"
    }
    alertmanager = {
      version = "0.28.1"
      sha256  = "5ac7ab5e4b8ee5ce4d8fb0988f9cb275efcc3f181b4b408179fafee121693311"
    }
    node_exporter = {
      version = "1.9.1"
      sha256  = "becb950ee80daa8ae7331d77966d94a611af79ad0d3307380907e0ec08f5b4e8"
    }
  }

  validation {
    condition     = toset(keys(var.releases)) == toset(["prometheus", "alertmanager", "node_exporter"])
    error_message = "releases names prometheus, alertmanager and node_exporter."
  }

  validation {
    condition = alltrue([
      for release in values(var.releases) :
      can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", release.version)) && can(regex("^[0-9a-f]{64}$", release.sha256))
    ])
    error_message = "Each of releases has a version as 3.5.0 and a sha256 of 64 hexadecimal digits."
  }
}

variable "grafana" {
  description = "The version of Grafana, from its own package repository, and the fingerprint of the key that signs it."
  type = object({
    version         = optional(string, "11.6.0")
    key_fingerprint = optional(string, "B53AE77BADB630A683046005963FA27710458545")
  })
  default = {}

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.grafana.version)) && can(regex("^[0-9A-F]{40}$", var.grafana.key_fingerprint))
    error_message = "grafana has a version as 11.6.0 and a key_fingerprint of 40 capital hexadecimal digits."
  }
}

variable "logs_kept_days" {
  description = "For how long the bucket for logs keeps an object: closed months of the journal, flow logs, access logs."
  type        = number
  default     = 730

  validation {
    condition     = var.logs_kept_days >= 90 && var.logs_kept_days <= 3650
    error_message = "logs_kept_days is from 90 to 3650."
  }
}

variable "destroy_with_objects" {
  description = "Whether terraform destroy may remove buckets that hold something, with every version of it."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}

  validation {
    condition     = !contains(keys(var.tags), "smartcloudops:managed")
    error_message = "tags must not hold smartcloudops:managed: it is what the daemon may act on, and would be on the monitoring instance too."
  }
}
