//! systemd's manager on a bus: its methods, its jobs and the properties of its units.

use std::num::NonZeroUsize;

use futures::StreamExt;
use zbus::message::Type;
use zbus::{
    Connection, DynamicType, Error, MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant, fdo,
};

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Where system-wide programs find each other.
const SYSTEM_BUS: &str = "unix:path=/run/dbus/system_bus_socket";
/// Ends of jobs that may wait to be read. While our own request has no answer others may end.
const QUEUE: NonZeroUsize = NonZeroUsize::new(1024).expect("it is not zero");
/// A job of somebody else is not replaced.
const MODE: &str = "fail";

/// A bus with systemd on it, and the ends of its jobs from now on.
pub(super) struct Bus {
    connection: Connection,
    removals: MessageStream,
}

/// A connection before anything was asked.
pub(super) struct Connected(Connection);

/// Why a request has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum BusError {
    /// The answer is a no: it was not done.
    #[error("{0}")]
    Refused(String),
    /// Nobody knows whether it was done.
    #[error("{0}")]
    Lost(String),
}

impl From<Error> for BusError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::FDO(error) if is_silence(&error) => Self::Lost(text),
            Error::MethodError(..) | Error::FDO(_) => Self::Refused(text),
            _ => Self::Lost(text),
        }
    }
}

/// What the bus itself answers when the other side has not.
fn is_silence(error: &fdo::Error) -> bool {
    use fdo::Error::{Disconnected, NoReply, TimedOut, Timeout, ZBus};
    matches!(error, NoReply(_) | Timeout(_) | TimedOut(_) | Disconnected(_) | ZBus(_))
}

impl Bus {
    /// A connection of its own to the bus at an address; `None`: to the system's.
    pub async fn connect(address: Option<&str>) -> Result<Connected, BusError> {
        let address = address.unwrap_or(SYSTEM_BUS);
        Ok(Connected(zbus::connection::Builder::address(address).build().await?))
    }

    /// systemd's word for how well a unit could be read: `loaded`, `not-found`, `masked`, …
    pub async fn load_state(&self, unit: &str) -> Result<String, BusError> {
        self.property(&self.path_of(unit).await?, "LoadState").await
    }

    /// A unit's state in one word, and in the word of its kind, such as `active` and `running`.
    pub async fn active_state(&self, unit: &str) -> Result<(String, String), BusError> {
        let path = self.path_of(unit).await?;
        Ok((self.property(&path, "ActiveState").await?, self.property(&path, "SubState").await?))
    }

    /// Asks for a job and gives back its path.
    pub async fn begin(&self, method: &str, unit: &str) -> Result<OwnedObjectPath, BusError> {
        let answer = call(&self.connection, PATH, MANAGER, method, &(unit, MODE)).await?;
        Ok(answer.body().deserialize()?)
    }

    /// Waits until a job is gone, and gives back its result: `done`, `failed`, `timeout`, `canceled`, ….
    pub async fn end_of(&mut self, job: &OwnedObjectPath) -> Result<String, BusError> {
        while let Some(message) = self.removals.next().await {
            let message = message?;
            let body = message.body();
            let (_, path, _, result): (u32, OwnedObjectPath, &str, &str) = body.deserialize()?;
            if path == *job {
                return Ok(result.to_owned());
            }
        }
        Err(BusError::Lost("the bus has closed the connection".to_owned()))
    }

    async fn path_of(&self, unit: &str) -> Result<OwnedObjectPath, BusError> {
        let answer = call(&self.connection, PATH, MANAGER, "LoadUnit", &(unit,)).await?;
        Ok(answer.body().deserialize()?)
    }

    async fn property(&self, path: &OwnedObjectPath, name: &str) -> Result<String, BusError> {
        let answer = call(&self.connection, path.as_str(), PROPERTIES, "Get", &(UNIT, name)).await?;
        let value: OwnedVariant = answer.body().deserialize()?;
        Ok(String::try_from(value)?)
    }
}

impl Connected {
    /// Has systemd tell of the ends of jobs, which it does only for those who ask.
    pub async fn listen(self) -> Result<Bus, BusError> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(NAME)
            .path(PATH)
            .interface(MANAGER)
            .member("JobRemoved")
            .build()?;
        let removals = MessageStream::for_match_rule(rule, &self.0, Some(QUEUE)).await?;
        call(&self.0, PATH, MANAGER, "Subscribe", &()).await?;
        Ok(Bus { connection: self.0, removals })
    }
}

async fn call<B>(
    connection: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<Message, BusError>
where
    B: serde::Serialize + DynamicType,
{
    Ok(connection.call_method(Some(NAME), path, Some(interface), method, body).await?)
}
