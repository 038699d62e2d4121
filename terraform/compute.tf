# The two instances, with the newest Amazon Linux 2023 of the day on which they are made.

locals {
  hosts = toset(["monitoring", "application"])

  # What the daemon may act on. The monitoring instance does not carry it, so that nothing there acts on itself.
  managed = { "smartcloudops:managed" = "true" }
}

data "aws_ssm_parameter" "amazon_linux" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_instance" "host" {
  for_each = local.hosts

  # checkov:skip=CKV_AWS_88: Public addresses stand in for a NAT gateway; what may reach them is in security.tf.
  # checkov:skip=CKV_AWS_126: The node exporter measures four times a minute; CloudWatch bills every minute of it.
  ami                         = data.aws_ssm_parameter.amazon_linux.insecure_value
  instance_type               = var.instance_types[each.key]
  subnet_id                   = aws_subnet.public[var.availability_zones[0]].id
  vpc_security_group_ids      = [aws_security_group.host[each.key].id]
  associate_public_ip_address = true
  iam_instance_profile        = aws_iam_instance_profile.host[each.key].name
  key_name                    = var.key_name
  ebs_optimized               = true
  user_data                   = module.host.user_data[each.key]

  # Credentials only for who asks with a token, and for nobody behind a further hop.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.volume_gib[each.key]
    encrypted   = true
  }

  # Unlimited is the default of these types, and bills what is used beyond the credits.
  dynamic "credit_specification" {
    for_each = can(regex("^t[0-9]", var.instance_types[each.key])) ? ["standard"] : []

    content {
      cpu_credits = credit_specification.value
    }
  }

  tags = merge({ Name = "${var.name}-${each.key}" }, each.key == "application" ? local.managed : {})

  # A newer image, or another way to install, is no reason to take away an instance with its data.
  lifecycle {
    ignore_changes = [ami, user_data]
  }

  depends_on = [
    aws_iam_role_policy.host,
    aws_iam_role_policy.systems_manager,
    aws_route.internet,
    aws_route_table_association.public,
    aws_s3_object.manifest,
    aws_vpc_security_group_egress_rule.https,
  ]
}
