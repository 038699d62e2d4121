# What is opened by choice, and what cannot be.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  daemon_binary = "host/files/install.sh"
}

run "http_may_be_open_to_the_world_and_is_so_on_the_application_alone" {
  command = plan

  variables {
    allowed_cidrs = { http = ["0.0.0.0/0"] }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.named) == ["application http 0.0.0.0/0"]
    error_message = "One rule, for the application."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.named["application http 0.0.0.0/0"].from_port == 80 && aws_vpc_security_group_ingress_rule.named["application http 0.0.0.0/0"].to_port == 80
    error_message = "For port 80 and no other."
  }
}

run "each_service_is_open_to_its_own_networks" {
  command = plan

  variables {
    key_name = "somebody"
    allowed_cidrs = {
      ssh        = ["203.0.113.7/32"]
      grafana    = ["203.0.113.0/24", "198.51.100.0/24"]
      prometheus = ["203.0.113.7/32"]
      daemon     = ["203.0.113.7/32"]
    }
  }

  assert {
    condition = { for name, rule in aws_vpc_security_group_ingress_rule.named : name => "${rule.from_port}-${rule.to_port} ${rule.cidr_ipv4}" } == {
      "application ssh 203.0.113.7/32"       = "22-22 203.0.113.7/32"
      "monitoring ssh 203.0.113.7/32"        = "22-22 203.0.113.7/32"
      "monitoring grafana 203.0.113.0/24"    = "3000-3000 203.0.113.0/24"
      "monitoring grafana 198.51.100.0/24"   = "3000-3000 198.51.100.0/24"
      "monitoring prometheus 203.0.113.7/32" = "9090-9090 203.0.113.7/32"
      "monitoring daemon 203.0.113.7/32"     = "9494-9494 203.0.113.7/32"
    }
    error_message = "A rule for each service, host and network, and no more."
  }
}

run "prometheus_cannot_be_open_to_the_world" {
  command         = plan
  expect_failures = [var.allowed_cidrs]

  variables {
    allowed_cidrs = { prometheus = ["0.0.0.0/0"] }
  }
}

run "nor_to_half_of_it" {
  command         = plan
  expect_failures = [var.allowed_cidrs]

  variables {
    allowed_cidrs = { grafana = ["0.0.0.0/1", "128.0.0.0/1"] }
  }
}

run "ssh_cannot_be_open_without_a_key" {
  command         = plan
  expect_failures = [var.allowed_cidrs]

  variables {
    allowed_cidrs = { ssh = ["203.0.113.7/32"] }
  }
}

run "networks_are_networks" {
  command         = plan
  expect_failures = [var.allowed_cidrs]

  variables {
    allowed_cidrs = { http = ["anywhere"] }
  }
}
