# What the daemon may do to others: only to what carries the tag, which nothing here may set.

locals {
  tag       = "smartcloudops:managed"
  managed   = { StringEquals = { "aws:ResourceTag/${local.tag}" = "true" } }
  instances = "arn:${var.partition}:ec2:${var.region}:${var.account_id}:instance/*"

  ec2 = [{
    Sid       = "ManagedInstances"
    Effect    = "Allow"
    Action    = ["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"]
    Resource  = local.instances
    Condition = local.managed
  }]

  autoscaling = [
    {
      Sid       = "ManagedGroups"
      Effect    = "Allow"
      Action    = "autoscaling:SetDesiredCapacity"
      Resource  = "arn:${var.partition}:autoscaling:${var.region}:${var.account_id}:autoScalingGroup:*:autoScalingGroupName/*"
      Condition = local.managed
    },
    {
      Sid      = "LookAtGroups"
      Effect   = "Allow"
      Action   = "autoscaling:DescribeAutoScalingGroups"
      Resource = "*"
    },
  ]

  # A command needs leave for its document and for its instance.
  run_documents = [
    {
      Sid       = "ManagedInstancesRun"
      Effect    = "Allow"
      Action    = "ssm:SendCommand"
      Resource  = local.instances
      Condition = { StringEquals = { "ssm:resourceTag/${local.tag}" = "true" } }
    },
    {
      Sid      = "Documents"
      Effect   = "Allow"
      Action   = "ssm:SendCommand"
      Resource = [for name in var.daemon_may.ssm_documents : local.documents[name]]
    },
    # Both know no resource.
    {
      Sid      = "CommandsSent"
      Effect   = "Allow"
      Action   = ["ssm:GetCommandInvocation", "ssm:CancelCommand"]
      Resource = "*"
    },
  ]

  # The documents of AWS itself belong to no account.
  documents = {
    for name in var.daemon_may.ssm_documents :
    name => "arn:${var.partition}:ssm:${var.region}:${can(regex("^(AWS|Amazon)", name)) ? "" : var.account_id}:document/${name}"
  }
}
