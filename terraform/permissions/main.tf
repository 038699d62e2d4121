# What each instance may do, as JSON from plain values. No provider: it can be rendered, read and tried by itself.

locals {
  models = "arn:${var.partition}:s3:::${var.models_bucket}"
  logs   = "arn:${var.partition}:s3:::${var.logs_bucket}"

  statements = {
    # Prometheus looks for instances, and the daemon acts. In this order, so that who reads it sees the most first.
    monitoring = concat(
      [for statement in local.ec2 : statement if var.daemon_may.ec2],
      [for statement in local.autoscaling : statement if var.daemon_may.autoscaling],
      [for statement in local.run_documents : statement if length(var.daemon_may.ssm_documents) > 0],
      local.look,
      local.models_and_journal,
      local.fetch["monitoring"],
    )
    application = local.fetch["application"]
    agent       = local.agent
  }

  # EC2 describes all instances or none: these actions know no resource.
  look = [{
    Sid      = "Look"
    Effect   = "Allow"
    Action   = ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypes"]
    Resource = "*"
  }]

  models_and_journal = [
    {
      Sid      = "Models"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = "${local.models}/models/*"
    },
    # Without it S3 says of what is not there that it is forbidden, and "no models yet" would be an error.
    {
      Sid      = "SayWhatIsMissing"
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = [local.models, local.logs]
    },
    # Written once and read again, never deleted.
    {
      Sid      = "Journal"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = "${local.logs}/journal/*"
    },
  ]

  fetch = {
    for host in ["monitoring", "application"] : host => [
      {
        Sid      = "Install"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${local.models}/install/${host}/*"
      },
      {
        Sid       = "ListInstall"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.models
        Condition = { StringLike = { "s3:prefix" = "install/${host}/*" } }
      },
    ]
  }
}
