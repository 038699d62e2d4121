//! Objects in a folder or in S3, for whatever is kept outside of the storage folder.

mod location;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use url::Url;

pub use location::Location;

/// A connection takes no longer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A request takes no longer, its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(600);
/// A request that failed is made again for so long, and so often.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: usize = 3;

/// How S3 is reached. Credentials come from the environment, a web identity, the container's or the instance's
/// role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// The address of S3, or of what is compatible with it; `None`: as in the environment, or AWS's own.
    pub endpoint_url: Option<Url>,
    /// `None`: as in the environment, or `us-east-1`.
    pub region: Option<String>,
}

/// Why a place cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address or the settings are wrong.
    #[error(
        "{location} cannot be opened: {source}; check the address and the AWS settings of the environment"
    )]
    Settings {
        /// The folder or bucket.
        location: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// The folder cannot be made.
    #[error("{} cannot be written: {source}; check the folder's permissions and free space", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An open place for objects.
#[derive(Clone, Debug)]
pub struct Place {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    location: Location,
}

impl Place {
    /// Opens a place; a folder is made if it does not exist. Nothing is asked of S3 yet.
    pub fn open(location: &Location, access: &Access) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Settings { location: location.to_string(), source };
        let (store, prefix): (Arc<dyn ObjectStore>, _) = match location {
            Location::Folder(folder) => {
                let io = |source| OpenError::Folder { path: folder.clone(), source };
                std::fs::create_dir_all(folder).map_err(io)?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(failed)?;
                (Arc::new(store.with_fsync(true)), String::new())
            }
            Location::S3 { bucket, prefix } => {
                (Arc::new(s3(bucket, access).map_err(failed)?), prefix.clone())
            }
        };
        Ok(Self { store, prefix, location: location.clone() })
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Where its objects are asked for.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The path of an object in the store.
    pub fn path(&self, object: &str) -> Path {
        Path::from(self.prefix.as_str()).join(object)
    }

    /// What an object is called in messages.
    pub fn name(&self, object: &str) -> String {
        format!("{}/{object}", self.location.to_string().trim_end_matches('/'))
    }
}

fn s3(bucket: &str, access: &Access) -> object_store::Result<AmazonS3> {
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    if let Some(region) = &access.region {
        builder = builder.with_region(region);
    }
    let set = |key| builder.get_config_value(&key);
    let environment = set(AmazonS3ConfigKey::S3Endpoint).or_else(|| set(AmazonS3ConfigKey::Endpoint));
    let endpoint = access.endpoint_url.as_ref().map(|url| url.as_str().to_owned()).or(environment);
    let mut options =
        ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
    if let Some(endpoint) = endpoint {
        options = options.with_allow_http(endpoint.starts_with("http://"));
        builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, endpoint);
    }
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    builder.with_client_options(options).with_retry(retry).build()
}
