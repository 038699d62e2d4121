# The buckets, from the plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  daemon_binary = "host/files/install.sh"
}

run "buckets_are_private_encrypted_and_versioned" {
  command = plan

  assert {
    condition     = { for purpose, bucket in aws_s3_bucket.main : purpose => bucket.bucket } == { models = "smartcloudops-models-123456789012-us-east-1", logs = "smartcloudops-logs-123456789012-us-east-1" }
    error_message = "Two buckets, whose names say whose they are."
  }

  assert {
    condition = length(aws_s3_bucket_public_access_block.main) == 2 && alltrue([
      for block in aws_s3_bucket_public_access_block.main :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "All four blocks of public access, on both."
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.main) == 2 && alltrue([for versioning in aws_s3_bucket_versioning.main : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "Both are versioned."
  }

  assert {
    condition = length(aws_s3_bucket_server_side_encryption_configuration.main) == 2 && alltrue(flatten([
      for encryption in aws_s3_bucket_server_side_encryption_configuration.main :
      [for rule in encryption.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"]
    ]))
    error_message = "Both are encrypted."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.models.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 && aws_s3_bucket_lifecycle_configuration.models.rule[0].expiration[0].expired_object_delete_marker
    error_message = "Models that were replaced go after a month, marks of deletion after them, current ones stay."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.logs.rule[0].expiration[0].days == 730
    error_message = "Logs go after two years."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.main : bucket.force_destroy == false])
    error_message = "A bucket that holds something is not destroyed."
  }
}

run "clear_text_is_refused" {
  command = plan

  assert {
    condition = alltrue([
      for policy in aws_s3_bucket_policy.main : length([
        for statement in jsondecode(policy.policy).Statement : statement
        if statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
      ]) == 1
    ])
    error_message = "Both buckets refuse requests without TLS."
  }

  assert {
    condition = alltrue(flatten([
      for policy in aws_s3_bucket_policy.main : [
        for statement in jsondecode(policy.policy).Statement :
        statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012" && can(statement.Principal.Service)
        if statement.Effect == "Allow"
      ]
    ]))
    error_message = "Whoever else is let in is a service of AWS, on behalf of this account."
  }
}

run "what_is_installed_is_what_the_manifest_names" {
  command = plan

  assert {
    condition     = length(aws_s3_object.install) == length(keys(module.host.files)) && contains(keys(aws_s3_object.install), "monitoring/install.sh") && contains(keys(aws_s3_object.install), "application/install.sh")
    error_message = "Every file is stored."
  }

  assert {
    condition     = aws_s3_object.daemon.source_hash == filesha256("host/files/install.sh")
    error_message = "The daemon is stored again when its file changes."
  }

  assert {
    condition     = toset(keys(aws_s3_object.manifest)) == toset(["monitoring", "application"])
    error_message = "Each host has its manifest."
  }
}
