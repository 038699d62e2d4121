//! The engine's API: which containers there are, how one is, and what is done to it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum, ContainerSummary};
use bollard::query_parameters::{
    ListContainersOptions, RestartContainerOptions, StartContainerOptions, StopContainerOptions,
};
use bollard::{ClientVersion, Docker};

use crate::model::{ContainerLookup, DockerAction, DockerOperation};

/// Versions of the API, the one for new engines first: an engine refuses what is too new for it, and new ones what
/// is too old. What is asked here is the same in all.
const VERSIONS: [ClientVersion; 2] = [
    ClientVersion { major_version: 1, minor_version: 44 },
    ClientVersion { major_version: 1, minor_version: 24 },
];
/// How an engine refuses a version, as it does any request that is at fault.
const BAD_REQUEST: u16 = 400;

/// An engine that speaks a version of the API that we do.
pub(super) struct Engine(Docker);

/// Why a request has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum EngineError {
    /// The answer is a no.
    #[error("{0}")]
    Refused(String),
    /// Nobody knows what became of it.
    #[error("{0}")]
    Lost(String),
}

impl From<Error> for EngineError {
    fn from(error: Error) -> Self {
        match error {
            Error::DockerResponseServerError { status_code, message } => {
                Self::Refused(format!("HTTP {status_code}: {message}"))
            }
            other => Self::Lost(chain(&other)),
        }
    }
}

/// An error and its causes: the outermost alone says only that it is about a client.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}

/// How a container is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// All 64 digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The engine's word for it, such as `running` or `exited`.
    pub status: String,
    /// When it was last started, in the engine's words; only ever compared.
    pub started_at: String,
    /// With which code it last exited.
    pub exit_code: i64,
    /// What kept it from starting.
    pub error: String,
}

impl State {
    /// Whether its program runs and is not frozen.
    pub fn is_running(&self) -> bool {
        self.status == ContainerStateStatusEnum::RUNNING.to_string()
    }

    /// What there is to say of one that does not run.
    pub fn trouble(&self) -> String {
        match self.error.as_str() {
            "" => format!(" (exit code {})", self.exit_code),
            error => format!(" ({error})"),
        }
    }
}

impl From<ContainerInspectResponse> for State {
    fn from(seen: ContainerInspectResponse) -> Self {
        let state = seen.state.unwrap_or_default();
        Self {
            id: seen.id.unwrap_or_default(),
            name: seen.name.unwrap_or_default().trim_start_matches('/').to_owned(),
            status: state.status.map_or_else(|| "in no known state".to_owned(), |status| status.to_string()),
            started_at: state.started_at.unwrap_or_default(),
            exit_code: state.exit_code.unwrap_or_default(),
            error: state.error.unwrap_or_default(),
        }
    }
}

impl Engine {
    /// Asks the engine whether it speaks a version that we do. Each request gives up after `time`, if nobody does
    /// earlier.
    pub async fn connect(socket: &Path, time: Duration) -> Result<Self, EngineError> {
        let [new, old] = VERSIONS;
        match Self::speaking(socket, time, &new).await {
            Err(Error::DockerResponseServerError { status_code: BAD_REQUEST, .. }) => {
                Ok(Self::speaking(socket, time, &old).await?)
            }
            other => Ok(other?),
        }
    }

    async fn speaking(socket: &Path, time: Duration, version: &ClientVersion) -> Result<Self, Error> {
        let docker = Docker::connect_with_unix(&socket.to_string_lossy(), time.as_secs() + 1, version)?;
        docker.version().await?;
        Ok(Self(docker))
    }

    /// The ids of the containers that are meant, those that do not run included.
    pub async fn find(&self, lookup: &ContainerLookup) -> Result<Vec<String>, EngineError> {
        let filter = match lookup {
            // A pattern for the engine, which narrows its answer down; what counts is compared here.
            ContainerLookup::Name(name) => ("name", name.clone()),
            ContainerLookup::Label { key, value } => ("label", format!("{key}={value}")),
        };
        let filters = Some(HashMap::from([(filter.0.to_owned(), vec![filter.1])]));
        let options = ListContainersOptions { all: true, filters, ..Default::default() };
        let found = self.0.list_containers(Some(options)).await?;
        Ok(found.into_iter().filter(|one| is_meant(lookup, one)).filter_map(|one| one.id).collect())
    }

    /// How a container is now.
    pub async fn state(&self, id: &str) -> Result<State, EngineError> {
        Ok(self.0.inspect_container(id, None).await?.into())
    }

    /// Has it done; the engine answers when it is.
    pub async fn change(&self, action: &DockerAction, id: &str) -> Result<(), EngineError> {
        let t = action.kill_after.map(|time| i32::try_from(time.as_secs()).unwrap_or(i32::MAX));
        match action.operation {
            DockerOperation::Restart => {
                self.0
                    .restart_container(id, Some(RestartContainerOptions { t, ..Default::default() }))
                    .await?;
            }
            DockerOperation::Start => self.0.start_container(id, None::<StartContainerOptions>).await?,
            DockerOperation::Stop => {
                self.0.stop_container(id, Some(StopContainerOptions { t, ..Default::default() })).await?;
            }
        }
        Ok(())
    }
}

fn is_meant(lookup: &ContainerLookup, found: &ContainerSummary) -> bool {
    match lookup {
        ContainerLookup::Name(name) => {
            let mut names = found.names.iter().flatten();
            names.any(|one| one.strip_prefix('/').unwrap_or(one) == name)
        }
        ContainerLookup::Label { key, value } => {
            found.labels.as_ref().and_then(|labels| labels.get(key)) == Some(value)
        }
    }
}
