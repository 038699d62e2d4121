# What may reach an instance, and what an instance may reach. Nothing is open unless allowed_cidrs says so.

locals {
  ports = {
    ssh        = { port = 22, hosts = ["monitoring", "application"] }
    http       = { port = 80, hosts = ["application"] }
    grafana    = { port = 3000, hosts = ["monitoring"] }
    prometheus = { port = 9090, hosts = ["monitoring"] }
    daemon     = { port = 9494, hosts = ["monitoring"] }
  }

  openings = merge(flatten([
    for service, opening in local.ports : [
      for host in opening.hosts : {
        for cidr in var.allowed_cidrs[service] :
        "${host} ${service} ${cidr}" => { host = host, service = service, port = opening.port, cidr = cidr }
      }
    ]
  ])...)
}

resource "aws_security_group" "host" {
  for_each = local.hosts

  # checkov:skip=CKV2_AWS_5: Both are attached (compute.tf); the checker does not follow for_each, tests/ does.
  name        = "${var.name}-${each.key}"
  description = "The ${each.key} instance of ${var.name}"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "named" {
  for_each = local.openings

  security_group_id = aws_security_group.host[each.value.host].id
  description       = "${each.value.service} from a network named in allowed_cidrs"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_ingress_rule" "node_exporter" {
  security_group_id            = aws_security_group.host["application"].id
  description                  = "Prometheus asks the node exporter"
  ip_protocol                  = "tcp"
  from_port                    = 9100
  to_port                      = 9100
  referenced_security_group_id = aws_security_group.host["monitoring"].id
}

resource "aws_vpc_security_group_egress_rule" "node_exporter" {
  security_group_id            = aws_security_group.host["monitoring"].id
  description                  = "Prometheus asks the node exporter"
  ip_protocol                  = "tcp"
  from_port                    = 9100
  to_port                      = 9100
  referenced_security_group_id = aws_security_group.host["application"].id
}

# AWS's APIs, packages and releases, web hooks. Names and time come from the VPC itself, past every security group.
resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = local.hosts

  security_group_id = aws_security_group.host[each.key].id
  description       = "HTTPS to AWS, to package repositories and to web hooks"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
