# What is made by default, from the plan: closed, encrypted, and with no more leave than is needed.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  # Any file stands in for the daemon.
  daemon_binary = "host/files/install.sh"
}

run "everything_is_closed_by_default" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.named) == 0
    error_message = "Without allowed_cidrs nothing is open."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.node_exporter.from_port == 9100 && aws_vpc_security_group_ingress_rule.node_exporter.to_port == 9100
    error_message = "Beside it the node exporter, for the monitoring instance."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.https : rule.from_port == 443 && rule.to_port == 443 && rule.ip_protocol == "tcp"])
    error_message = "What leaves is HTTPS."
  }
}

run "instances_are_hardened" {
  command = plan

  assert {
    condition     = alltrue([for instance in aws_instance.host : instance.metadata_options[0].http_tokens == "required" && instance.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "Credentials are given to who asks with a token (IMDSv2), and to nobody behind a further hop."
  }

  assert {
    condition     = alltrue([for instance in aws_instance.host : instance.root_block_device[0].encrypted == true && instance.root_block_device[0].volume_type == "gp3"])
    error_message = "Volumes are encrypted."
  }

  assert {
    condition     = alltrue([for instance in aws_instance.host : instance.instance_type == "t3.micro" && instance.credit_specification[0].cpu_credits == "standard"])
    error_message = "A t3.micro with standard credits bills nothing beyond its price."
  }

  assert {
    condition     = alltrue([for instance in aws_instance.host : length(instance.user_data) < 16384])
    error_message = "User data has at most 16 KiB."
  }
}

run "only_the_application_may_be_acted_on" {
  command = plan

  assert {
    condition     = aws_instance.host["application"].tags["smartcloudops:managed"] == "true"
    error_message = "The application instance carries the tag."
  }

  assert {
    condition     = !contains(keys(aws_instance.host["monitoring"].tags), "smartcloudops:managed")
    error_message = "The monitoring instance does not: nothing there acts on itself."
  }
}

run "the_network_is_as_documented" {
  command = plan

  assert {
    condition     = aws_vpc.main.cidr_block == "10.0.0.0/16" && aws_vpc.main.enable_dns_hostnames
    error_message = "The VPC is 10.0.0.0/16."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { "us-east-1a" = "10.0.1.0/24", "us-east-1b" = "10.0.2.0/24" }
    error_message = "Two subnets in two zones."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "What is started in a subnet by hand has no public address by itself."
  }

  assert {
    condition     = aws_route.internet.destination_cidr_block == "0.0.0.0/0" && length(aws_route_table_association.public) == 2
    error_message = "Both subnets reach the internet."
  }

  assert {
    condition     = aws_flow_log.refused.traffic_type == "REJECT"
    error_message = "Who was refused is logged."
  }
}
