# Values that are refused before anything is asked of AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  daemon_binary = "host/files/install.sh"
}

run "a_name_becomes_part_of_a_bucket" {
  command         = plan
  expect_failures = [var.name]

  variables {
    name = "Smart_Cloud"
  }
}

run "zones_are_of_the_region" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    region = "eu-central-1"
  }
}

run "zones_differ" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    availability_zones = ["us-east-1a", "us-east-1a"]
  }
}

run "a_small_network_has_no_room_for_the_subnets" {
  command         = plan
  expect_failures = [var.vpc_cidr]

  variables {
    vpc_cidr = "10.0.0.0/24"
  }
}

run "graviton_does_not_run_these_programs" {
  command         = plan
  expect_failures = [var.instance_types]

  variables {
    instance_types = { application = "t4g.micro" }
  }
}

run "an_old_generation_has_no_optimised_ebs" {
  command         = plan
  expect_failures = [var.instance_types]

  variables {
    instance_types = { monitoring = "t2.micro" }
  }
}

run "what_only_begins_with_a_t_has_no_cpu_credits" {
  command = plan

  variables {
    instance_types = { application = "trn1.2xlarge" }
  }

  assert {
    condition     = length(aws_instance.host["application"].credit_specification) == 0
    error_message = "Only the T family has CPU credits."
  }
}

run "a_volume_holds_the_image" {
  command         = plan
  expect_failures = [var.volume_gib]

  variables {
    volume_gib = { monitoring = 4 }
  }
}

run "the_daemon_is_a_file" {
  command         = plan
  expect_failures = [var.daemon_binary]

  variables {
    daemon_binary = "nowhere/smartcloudops"
  }
}

run "documents_have_no_wildcard" {
  command         = plan
  expect_failures = [var.daemon_may]

  variables {
    daemon_may = { ssm_documents = ["AWS-*"] }
  }
}

run "a_release_has_a_whole_sum" {
  command         = plan
  expect_failures = [var.releases]

  variables {
    releases = {
      prometheus    = { version = "3.5.0", sha256 = "e811" }
      alertmanager  = { version = "0.28.1", sha256 = "5ac7" }
      node_exporter = { version = "1.9.1", sha256 = "becb" }
    }
  }
}

run "a_fingerprint_is_whole" {
  command         = plan
  expect_failures = [var.grafana]

  variables {
    grafana = { key_fingerprint = "10458545" }
  }
}

run "logs_are_kept_as_long_as_the_journal" {
  command         = plan
  expect_failures = [var.logs_kept_days]

  variables {
    logs_kept_days = 7
  }
}

run "no_tag_of_everything_lets_the_daemon_act_on_itself" {
  command         = plan
  expect_failures = [var.tags]

  variables {
    tags = { "smartcloudops:managed" = "true" }
  }
}
