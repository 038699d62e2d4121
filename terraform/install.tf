# What is installed, in the bucket for models; user data only fetches it, for it is larger than user data may be.

module "host" {
  source = "./host"

  region           = var.region
  vpc_id           = aws_vpc.main.id
  models_bucket    = local.buckets["models"]
  logs_bucket      = local.buckets["logs"]
  daemon_sha256    = filesha256(var.daemon_binary)
  releases         = var.releases
  grafana          = var.grafana
  act_on_instances = var.daemon_may.ec2
  listen_to_others = { for service in ["grafana", "prometheus", "daemon"] : service => length(var.allowed_cidrs[service]) > 0 }
}

resource "aws_s3_object" "install" {
  for_each = module.host.files

  # checkov:skip=CKV_AWS_186: As the bucket: S3's own keys.
  bucket  = aws_s3_bucket.main["models"].id
  key     = "install/${each.key}"
  content = each.value

  depends_on = [aws_s3_bucket_versioning.main, aws_s3_bucket_server_side_encryption_configuration.main]
}

resource "aws_s3_object" "daemon" {
  # checkov:skip=CKV_AWS_186: As the bucket: S3's own keys.
  bucket      = aws_s3_bucket.main["models"].id
  key         = "install/monitoring/bin/smartcloudops"
  source      = var.daemon_binary
  source_hash = filesha256(var.daemon_binary)

  depends_on = [aws_s3_bucket_versioning.main, aws_s3_bucket_server_side_encryption_configuration.main]
}

# Comes last, so that it never names what is not there yet.
resource "aws_s3_object" "manifest" {
  for_each = module.host.manifests

  # checkov:skip=CKV_AWS_186: As the bucket: S3's own keys.
  bucket  = aws_s3_bucket.main["models"].id
  key     = "install/${each.key}/manifest.sha256"
  content = each.value

  depends_on = [aws_s3_object.install, aws_s3_object.daemon]
}
