//! A real moto server: it speaks EC2's, S3's and IAM's APIs, keeps instances and objects in memory and remembers
//! every request.

use std::path::{Path, PathBuf};

#[cfg(feature = "aws")]
use base64::{Engine, prelude::BASE64_STANDARD};
use tempfile::TempDir;

use super::http;
use super::process::{Process, Program};

/// A running moto.
pub struct Moto {
    process: Process,
    #[cfg_attr(
        not(feature = "aws"),
        allow(dead_code, reason = "it holds the recording, which only EC2's tests read")
    )]
    folder: TempDir,
}

impl Moto {
    /// Starts without instances, and with every key allowed to do everything.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (server, path) = (server(), folder.path().display().to_string());
        let arguments = move |port: u16| {
            let recording = format!("MOTO_RECORDER_FILEPATH={path}/recording");
            let server = server.display().to_string();
            [&recording, &server, "-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned).to_vec()
        };
        let program = Program {
            name: "env",
            package: "coreutils",
            ready_path: "/moto-api/",
            arguments: Box::new(arguments),
            log: folder.path().join("log"),
        };
        let moto = Self { process: Process::start(program).await, folder };
        moto.control("recorder/start-recording", String::new()).await;
        moto
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.process.url("")
    }

    /// Makes a bucket.
    pub async fn make_bucket(&self, name: &str) {
        self.s3(http().put(self.process.url(&format!("/{name}")))).await;
    }

    /// Puts an object in the place of one that is there, as somebody else would.
    pub async fn put_object(&self, path: &str, content: Vec<u8>) {
        self.s3(http().put(self.process.url(&format!("/{path}"))).body(content)).await;
    }

    /// The content of an object.
    pub async fn object(&self, path: &str) -> Vec<u8> {
        self.s3(http().get(self.process.url(&format!("/{path}")))).await
    }

    async fn s3(&self, request: reqwest::RequestBuilder) -> Vec<u8> {
        let answer = request.header("authorization", scope("s3")).send().await.expect("moto answers");
        assert!(answer.status().is_success(), "{}: {}", answer.url(), answer.status());
        answer.bytes().await.expect("the whole answer").to_vec()
    }

    async fn control(&self, path: &str, body: String) {
        let request = http().post(self.process.url(&format!("/moto-api/{path}"))).body(body);
        let answer = request.send().await.expect("moto answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
}

/// Which service is meant stands in the signature, which is not checked.
fn scope(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

#[cfg(feature = "aws")]
impl Moto {
    /// After so many more requests, only a known key with a right signature and a policy may do anything.
    pub async fn demand_authentication_after(&self, requests: u32) {
        self.control("reset-auth", requests.to_string()).await;
    }

    /// What was asked of it from the start.
    pub fn actions(&self) -> Vec<String> {
        // Where nothing was asked there is no file.
        let recording = std::fs::read_to_string(self.folder.path().join("recording")).unwrap_or_default();
        recording.lines().filter_map(action).collect()
    }

    /// Instances whose reboot was asked for, and the end of the second in which it was, since 1970.
    pub fn rebooted(&self) -> Vec<(String, f64)> {
        let recording = std::fs::read_to_string(self.folder.path().join("recording")).unwrap_or_default();
        // The last line may be half written.
        let whole = recording.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.filter(|line| action(line).as_deref() == Some("RebootInstances")).map(reboot).collect()
    }

    /// Makes a user without any rights and gives back a key of his: its id and its secret.
    pub async fn user_without_rights(&self) -> (String, String) {
        self.iam(&[("Action", "CreateUser"), ("UserName", "nobody")]).await;
        let answer = self.iam(&[("Action", "CreateAccessKey"), ("UserName", "nobody")]).await;
        let field = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>")).expect("the answer holds a key");
            rest.split('<').next().unwrap_or_default().to_owned()
        };
        (field("AccessKeyId"), field("SecretAccessKey"))
    }

    async fn iam(&self, form: &[(&str, &str)]) -> String {
        let request = http().post(self.url()).header("authorization", scope("iam")).form(form);
        let answer = request.send().await.expect("moto answers");
        assert!(answer.status().is_success(), "{form:?}: {}", answer.status());
        answer.text().await.expect("the whole answer")
    }
}

/// The action of a recorded request, in its header or in its form; those that control moto itself have none.
#[cfg(feature = "aws")]
fn action(line: &str) -> Option<String> {
    let request: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
    let target = request["headers"].as_object().expect("headers").iter();
    let mut target = target.filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
    if let Some((_, target)) = target.next() {
        return target.as_str()?.rsplit('.').next().map(str::to_owned);
    }
    field(&request, "Action")
}

/// A field of the form in a recorded request.
#[cfg(feature = "aws")]
fn field(request: &serde_json::Value, name: &str) -> Option<String> {
    let form = BASE64_STANDARD.decode(request["body"].as_str().expect("a body")).expect("a body in base64");
    let field = url::form_urlencoded::parse(&form).find(|(other, _)| other == name);
    field.map(|(_, value)| value.into_owned())
}

/// The instance of a recorded reboot, and the end of the second in which the request was signed.
#[cfg(feature = "aws")]
fn reboot(line: &str) -> (String, f64) {
    let request: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
    let headers = request["headers"].as_object().expect("headers");
    let date = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-date"));
    let date = date.and_then(|(_, date)| date.as_str()).expect("the SDK signs with a date");
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).expect("the form that AWS wants");
    let signed = date.to_zoned(jiff::tz::TimeZone::UTC).expect("a time of day").timestamp().as_second();
    (field(&request, "InstanceId.1").expect("a reboot names its instance"), signed as f64 + 1.0)
}

/// The project's own, or one that is on the path.
fn server() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::iter::once(own).chain(std::env::split_paths(&path));
    let found = places.find_map(|place| Some(place.join("moto_server")).filter(|file| file.is_file()));
    found.expect("moto_server is neither in .venv nor on PATH; install it with: make .venv/bin/.ready")
}
