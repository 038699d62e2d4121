output "instance_ids" {
  description = "The instances, by what they are for."
  value       = { for host, instance in aws_instance.host : host => instance.id }
}

output "public_ips" {
  description = "Their public addresses. One that was stopped and started has another one."
  value       = { for host, instance in aws_instance.host : host => instance.public_ip }
}

output "urls" {
  description = "Where Grafana, Prometheus and the daemon are reached by who is named in allowed_cidrs; null: by nobody."
  value = {
    for service in ["grafana", "prometheus", "daemon"] :
    service => length(var.allowed_cidrs[service]) > 0 ? "http://${aws_instance.host["monitoring"].public_ip}:${local.ports[service].port}" : null
  }
}

output "tunnels" {
  description = "How each is reached without an open port, at the same port of this machine."
  value = {
    for service in ["grafana", "prometheus", "daemon"] :
    service => "aws ssm start-session --region ${var.region} --target ${aws_instance.host["monitoring"].id} --document-name AWS-StartPortForwardingSession --parameters portNumber=${local.ports[service].port},localPortNumber=${local.ports[service].port}"
  }
}

output "buckets" {
  description = "The buckets, by what they are for."
  value       = { for purpose, bucket in aws_s3_bucket.main : purpose => bucket.id }
}

output "install_again" {
  description = "What makes an instance fetch and install what terraform apply has changed."
  value = {
    for host, instance in aws_instance.host :
    host => "aws ssm send-command --region ${var.region} --instance-ids ${instance.id} --document-name AWS-RunShellScript --parameters commands=/usr/local/sbin/smartcloudops-install"
  }
}
