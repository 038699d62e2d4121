output "files" {
  description = "What is to be stored, by host and path; without the manifests and the daemon."
  value = merge([
    for host, files in local.files : { for path, content in files : "${host}/${path}" => content }
  ]...)
}

output "manifests" {
  description = "The sums of each host's files, the daemon among them, as sha256sum checks them."
  value = {
    for host, files in local.files : host => join("", [
      for path, sum in merge({ for path, content in files : path => sha256(content) }, host == "monitoring" ? { "bin/smartcloudops" = var.daemon_sha256 } : {}) :
      "${sum}  ${path}\n"
    ])
  }
}

output "user_data" {
  description = "What each host runs at its first start."
  value = {
    for host in keys(local.files) : host => join("\n", [
      "#!/usr/bin/env bash",
      "INSTALL_SOURCE='s3://${var.models_bucket}/install/${host}'",
      "export AWS_DEFAULT_REGION='${var.region}'",
      file("${path.module}/files/fetch.sh"),
    ])
  }
}
