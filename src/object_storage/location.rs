//! Where models are: a folder, or a prefix in an S3 bucket.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A folder or `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder; it need not exist yet.
    Folder(PathBuf),
    /// A bucket that exists.
    S3 {
        /// Its name.
        bucket: String,
        /// What the names of the objects begin with, without slashes at its ends; it may be empty.
        prefix: String,
    },
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let folder = text.trim();
            let given = !folder.is_empty();
            return given.then(|| Self::Folder(folder.into())).ok_or_else(|| "must not be empty".to_owned());
        };
        if scheme != "s3" {
            return Err(format!("begins with {scheme}://; write a folder or s3://bucket/prefix"));
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(named) {
            return Err(format!("names no bucket: '{bucket}'; write for example s3://my-bucket/models"));
        }
        let prefix = prefix.trim_matches('/');
        if object_store::path::Path::parse(prefix).is_err() {
            return Err(format!("has a prefix that S3 does not keep as it is: '{prefix}'"));
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_buckets_are_told_apart_and_written_as_read() {
        for (text, shown) in [
            ("models", Some("models")),
            ("/var/lib/models/", Some("/var/lib/models/")),
            ("s3://my-bucket", Some("s3://my-bucket")),
            ("s3://my-bucket/", Some("s3://my-bucket")),
            ("s3://my-bucket/a/b/", Some("s3://my-bucket/a/b")),
            ("", None),
            (" ", None),
            ("s3://", None),
            ("s3://My_Bucket/a", None),
            ("s3://my-bucket/a//b", None),
            ("s3://my-bucket/../b", None),
            ("gs://my-bucket/a", None),
            ("https://example.org/a", None),
        ] {
            let location = text.parse::<Location>().ok();
            assert_eq!(location.map(|location| location.to_string()).as_deref(), shown, "{text}");
        }
    }
}
