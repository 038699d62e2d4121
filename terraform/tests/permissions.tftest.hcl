# What the roles may do, statement by statement.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  daemon_binary = "host/files/install.sh"
}

run "instances_are_changed_only_with_the_tag" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : statement
      if statement.Sid == "ManagedInstances"
      ] == [{
        Sid       = "ManagedInstances"
        Effect    = "Allow"
        Action    = ["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"]
        Resource  = "arn:aws:ec2:us-east-1:123456789012:instance/*"
        Condition = { StringEquals = { "aws:ResourceTag/smartcloudops:managed" = "true" } }
    }]
    error_message = "Reboot, start and stop, of this account's instances in this region, with the tag."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : [
        for action in flatten([statement.Action]) :
        can(regex("^(ec2|autoscaling):Describe", action)) || startswith(action, "s3:") || statement.Sid == "ManagedInstances"
      ]
    ]))
    error_message = "By default the rest looks, or is of S3."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : [
        for resource in flatten([statement.Resource]) : resource != "*" || statement.Sid == "Look"
      ]
    ]))
    error_message = "Only what cannot be narrowed is for every resource."
  }

  assert {
    condition = alltrue(flatten([
      for policy in [aws_iam_role_policy.host["monitoring"], aws_iam_role_policy.host["application"], aws_iam_role_policy.systems_manager["application"]] : [
        for statement in jsondecode(policy.policy).Statement : [for action in flatten([statement.Action]) : !strcontains(action, "*")]
      ]
    ]))
    error_message = "Every action is named."
  }
}

run "nothing_may_set_the_tag_or_read_parameters" {
  command = plan

  assert {
    condition = !anytrue([
      for policy in concat(values(aws_iam_role_policy.host), values(aws_iam_role_policy.systems_manager)) :
      can(regex("CreateTags|iam:|GetParameter", policy.policy))
    ])
    error_message = "Neither instance can give itself more."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.host["application"].policy).Statement : startswith(flatten([statement.Action])[0], "s3:")
    ])
    error_message = "The application instance fetches what it installs, no more."
  }
}

run "groups_and_commands_are_opened_by_choice_and_only_with_the_tag" {
  command = plan

  variables {
    daemon_may = { ec2 = false, autoscaling = true, ssm_documents = ["AWS-RunShellScript", "Ours-Restart"] }
  }

  assert {
    condition = !anytrue([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : statement.Sid == "ManagedInstances"
    ])
    error_message = "What is not wanted is not there."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : statement.Condition.StringEquals
      if statement.Sid == "ManagedGroups"
    ]) == { "aws:ResourceTag/smartcloudops:managed" = "true" }
    error_message = "Groups with the tag."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : statement.Condition.StringEquals
      if statement.Sid == "ManagedInstancesRun"
    ]) == { "ssm:resourceTag/smartcloudops:managed" = "true" }
    error_message = "Commands on instances with the tag."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.host["monitoring"].policy).Statement : statement.Resource
      if statement.Sid == "Documents"
    ]) == ["arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "arn:aws:ssm:us-east-1:123456789012:document/Ours-Restart"]
    error_message = "These documents: AWS's own and one of this account."
  }
}

run "a_daemon_that_may_not_act_has_no_policy_for_it" {
  command = plan

  variables {
    daemon_may = { ec2 = false }
  }

  assert {
    condition     = yamldecode(module.host.files["monitoring/smartcloudops/smartcloudops.yml"]).remediation == { mode = "shadow" }
    error_message = "No policy names what the role cannot do."
  }
}

run "the_daemon_begins_in_the_shadow" {
  command = plan

  assert {
    condition     = yamldecode(module.host.files["monitoring/smartcloudops/smartcloudops.yml"]).remediation.mode == "shadow" && length(yamldecode(module.host.files["monitoring/smartcloudops/smartcloudops.yml"]).remediation.policies) == 1
    error_message = "A plan is recorded, nothing is done."
  }
}
