# One role for each instance. What it may do stands in permissions/.

module "permissions" {
  source = "./permissions"

  partition     = data.aws_partition.current.partition
  region        = var.region
  account_id    = data.aws_caller_identity.current.account_id
  models_bucket = local.buckets["models"]
  logs_bucket   = local.buckets["logs"]
  daemon_may    = var.daemon_may
}

resource "aws_iam_role" "host" {
  for_each = local.hosts

  name        = "${var.name}-${each.key}-${var.region}"
  description = "The ${each.key} instance of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "host" {
  for_each = local.hosts

  name   = each.key
  role   = aws_iam_role.host[each.key].id
  policy = module.permissions.policies[each.key]
}

resource "aws_iam_role_policy" "systems_manager" {
  for_each = local.hosts

  name   = "systems-manager"
  role   = aws_iam_role.host[each.key].id
  policy = module.permissions.policies["agent"]
}

resource "aws_iam_instance_profile" "host" {
  for_each = local.hosts

  name = aws_iam_role.host[each.key].name
  role = aws_iam_role.host[each.key].name
}
