//! How the API server is reached: by a kubeconfig, or as every pod reaches it.

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::act::KubernetesConfig;
use crate::act::output::one_line;

/// One for questions, which are asked again where that may help, and one for changes, which are sent once.
pub(super) struct Clients {
    /// Asks.
    pub reader: Client,
    /// Changes.
    pub writer: Client,
}

impl Clients {
    /// From files as they are now: a token may have been replaced since the last action.
    pub(super) async fn connect(config: &KubernetesConfig) -> Result<Self, String> {
        let settings = settings(config).await.map_err(|reason| one_line(&reason))?;
        let client = |default_retry| {
            let mut settings = settings.clone();
            settings.default_retry = default_retry;
            Client::try_from(settings).map_err(|error| {
                one_line(&format!("cannot reach Kubernetes with what is configured: {error}"))
            })
        };
        Ok(Self { reader: client(true)?, writer: client(false)? })
    }
}

async fn settings(config: &KubernetesConfig) -> Result<Config, String> {
    let Some(path) = &config.kubeconfig else {
        return Config::incluster().map_err(|error| {
            format!("this is no pod with a service account, and kubernetes.kubeconfig is not set: {error}")
        });
    };
    let shown = path.display();
    let file = Kubeconfig::read_from(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let options = KubeConfigOptions { context: config.context.clone(), ..KubeConfigOptions::default() };
    let settings = Config::from_custom_kubeconfig(file, &options).await;
    settings.map_err(|error| format!("cannot use {shown}: {error}"))
}
