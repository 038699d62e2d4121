//! What actions need besides their own settings.

use std::path::PathBuf;

use url::Url;

/// For all actions together. The same in every build, so that one file serves them all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// For actions on AWS.
    pub aws: AwsConfig,
    /// For actions on Kubernetes.
    pub kubernetes: KubernetesConfig,
    /// For actions on units.
    pub systemd: SystemdConfig,
    /// For actions on containers.
    pub docker: DockerConfig,
}

/// How the container engine is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerConfig {
    /// The socket of Docker, or of what speaks its API, such as podman. Default `/var/run/docker.sock`.
    pub socket: PathBuf,
}

impl Default for DockerConfig {
    fn default() -> Self {
        Self { socket: PathBuf::from("/var/run/docker.sock") }
    }
}

/// How Kubernetes is reached, and where anything may be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesConfig {
    /// A kubeconfig. Without it the daemon must be a pod, and uses its service account.
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig. Without it the current one.
    pub context: Option<String>,
    /// In no other namespace anything is done. Empty: nowhere.
    pub namespaces: Vec<String>,
}

/// How systemd is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemdConfig {
    /// The address of the bus, for example `unix:path=/run/dbus/system_bus_socket`.
    pub bus: Option<String>,
}

/// How AWS is reached. Credentials are no setting: AWS's own chain finds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsConfig {
    /// For example `us-east-1`; `None`: from AWS's own chain (environment, profile, instance).
    pub region: Option<String>,
    /// EC2's address instead of the public one: a VPC endpoint, or a stand-in for tests.
    pub endpoint_url: Option<Url>,
    /// The same of Auto Scaling.
    pub autoscaling_endpoint_url: Option<Url>,
    /// The same of Systems Manager.
    pub ssm_endpoint_url: Option<Url>,
}
