# What an instance installs, as files from plain values. No provider: it is rendered by itself, and tried in an empty
# root (tools/terraform/try_install.py).

locals {
  repository = "${path.module}/../.."
  listen     = { for service, others in var.listen_to_others : service => others ? "0.0.0.0" : "127.0.0.1" }

  # The lines of install.env, but for those that differ by host.
  settings = {
    RELEASES_URL            = var.releases_url
    GRAFANA_URL             = var.grafana_url
    GRAFANA_VERSION         = var.grafana.version
    GRAFANA_KEY_FINGERPRINT = var.grafana.key_fingerprint
    SWAP_MIB                = var.swap_mib
    LISTEN_PROMETHEUS       = "${local.listen["prometheus"]}:9090"
    LISTEN_DAEMON           = "${local.listen["daemon"]}:9494"
  }
  versions = merge([
    for name, release in var.releases : {
      "${upper(name)}_VERSION" = release.version
      "${upper(name)}_SHA256"  = release.sha256
    }
  ]...)

  shared = {
    "install.sh"                  = file("${path.module}/files/install.sh")
    "release.sh"                  = file("${path.module}/files/release.sh")
    "units/node_exporter.service" = file("${path.module}/files/units/node_exporter.service")
  }

  monitoring = merge(
    {
      "install.env"   = local.environments["monitoring"]
      "monitoring.sh" = file("${path.module}/files/monitoring.sh")
      "prometheus/prometheus.yml" = templatefile("${path.module}/files/prometheus.yml.tftpl", {
        region = var.region
        vpc_id = var.vpc_id
      })
      "alertmanager/alertmanager.yml" = file("${path.module}/files/alertmanager.yml")
      "smartcloudops/smartcloudops.yml" = templatefile("${path.module}/files/smartcloudops.yml.tftpl", {
        region           = var.region
        models_bucket    = var.models_bucket
        logs_bucket      = var.logs_bucket
        act_on_instances = var.act_on_instances
      })
      "grafana/grafana.ini" = templatefile("${path.module}/files/grafana/grafana.ini.tftpl", {
        address = local.listen["grafana"]
      })
    },
    { for name in ["dashboards", "datasources"] : "grafana/provisioning/${name}/smartcloudops.yml" => file("${path.module}/files/grafana/${name}.yml") },
    { for name in ["alertmanager", "prometheus", "smartcloudops"] : "units/${name}.service" => file("${path.module}/files/units/${name}.service") },
    { "units/grafana-server.service.d/smartcloudops.conf" = file("${path.module}/files/units/grafana-server.conf") },
    { for name in fileset("${local.repository}/rules", "*.yml") : "prometheus/rules/${name}" => file("${local.repository}/rules/${name}") },
    { for name in fileset("${local.repository}/dashboards", "*.json") : "grafana/dashboards/${name}" => file("${local.repository}/dashboards/${name}") },
  )

  files = {
    monitoring  = merge(local.shared, local.monitoring)
    application = merge(local.shared, { "install.env" = local.environments["application"] })
  }

  environments = {
    for role in ["monitoring", "application"] : role => join("", [
      for name, value in merge(local.settings, local.versions, { ROLE = role, LISTEN_NODE_EXPORTER = role == "application" ? "0.0.0.0:9100" : "127.0.0.1:9100" }) :
      "${name}='${value}'\n"
    ])
  }
}
