//! A real Docker engine in a folder of its own: no network, no firewall rules, and one image made of busybox.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bollard::models::{ContainerCreateBody, ContainerInspectResponse, HostConfig};
use bollard::query_parameters::{CreateContainerOptions, CreateImageOptions, LogsOptions};
use bollard::{ClientVersion, Docker, body_full};
use futures::TryStreamExt;
use tempfile::TempDir;

use super::process::install;
use super::{PATIENCE, wait_until};

const IMAGE: &str = "box:test";
/// Of the API, so that old and new engines speak it.
const VERSION: ClientVersion = ClientVersion { major_version: 1, minor_version: 40 };
/// Where the kernel keeps groups of processes; what an engine has made there outlives it.
const CGROUPS: &str = "/sys/fs/cgroup";

/// A running engine; dropping it ends its containers and itself.
pub struct DockerEngine {
    child: Child,
    folder: TempDir,
}

impl DockerEngine {
    /// Starts an engine and gives it its image.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let engine = Self { child: spawn(&folder), folder };
        let what = format!("the engine; its log is {}", engine.folder.path().join("log").display());
        wait_until(PATIENCE, &what, async || match engine.client() {
            Some(client) => client.ping().await.is_ok(),
            None => false,
        })
        .await;
        engine.import().await;
        engine
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// Makes a container and starts it.
    pub async fn run(&self, name: &str, labels: &[(&str, &str)], argv: &[&str]) {
        self.create(name, labels, argv).await;
        let client = self.client().expect("the socket is there");
        client.start_container(name, None).await.expect("it can be started");
    }

    /// Makes a container; in its image there is nothing but `/bin/busybox`.
    pub async fn create(&self, name: &str, labels: &[(&str, &str)], argv: &[&str]) {
        let client = self.client().expect("the socket is there");
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let body = ContainerCreateBody {
            image: Some(IMAGE.to_owned()),
            cmd: Some(argv.iter().map(|word| (*word).to_owned()).collect()),
            labels: Some(labels.collect()),
            host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..Default::default() }),
            ..Default::default()
        };
        let options = CreateContainerOptions { name: Some(name.to_owned()), ..Default::default() };
        client.create_container(Some(options), body).await.expect("a container can be made");
    }

    /// How a container is.
    pub async fn inspect(&self, name: &str) -> ContainerInspectResponse {
        self.client()
            .expect("the socket is there")
            .inspect_container(name, None)
            .await
            .expect("there is such a container")
    }

    /// What a container has printed.
    pub async fn printed(&self, name: &str) -> String {
        let options = LogsOptions { stdout: true, ..Default::default() };
        let logs = self.client().expect("the socket is there").logs(name, Some(options));
        let logs: Vec<_> = logs.try_collect().await.expect("it has a log");
        logs.iter().map(ToString::to_string).collect()
    }

    fn client(&self) -> Option<Docker> {
        let timeout = PATIENCE.as_secs();
        Docker::connect_with_unix(&self.socket().to_string_lossy(), timeout, &VERSION).ok()
    }

    /// An image of one file needs no registry.
    async fn import(&self) {
        let folder = self.folder.path().join("image");
        fs::create_dir_all(folder.join("bin")).expect("the folder can be written");
        let file = folder.join("bin/busybox");
        fs::copy("/bin/busybox", &file)
            .unwrap_or_else(|error| panic!("/bin/busybox: {error}; {}", install("busybox-static")));
        fs::set_permissions(&file, Permissions::from_mode(0o755)).expect("it is our file");
        let tar = Command::new("tar").arg("-C").arg(&folder).args(["-cf", "-", "bin"]).output();
        let tar = tar.expect("tar runs").stdout;
        let (name, tag) = IMAGE.split_once(':').expect("the image has a tag");
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            repo: Some(name.to_owned()),
            tag: Some(tag.to_owned()),
            ..Default::default()
        };
        let client = self.client().expect("the socket is there");
        let import = client.create_image(Some(options), Some(body_full(tar.into())), None);
        import.try_collect::<Vec<_>>().await.expect("the image can be imported");
    }

    /// The groups of its containers; which kinds there are depends on the kernel's settings.
    fn groups(&self) -> Vec<PathBuf> {
        let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
        let ids: Vec<_> =
            entries(self.folder.path().join("data/containers")).map(|entry| entry.file_name()).collect();
        let kinds = entries(CGROUPS.into()).map(|kind| kind.path()).chain([CGROUPS.into()]);
        let groups = kinds.flat_map(|kind| ids.iter().map(move |id| kind.join("docker").join(id)));
        groups.filter(|group| group.exists()).collect()
    }
}

impl Drop for DockerEngine {
    fn drop(&mut self) {
        // It may have ended by itself. With it the first process of the namespace is killed, and so all.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A group can be removed once the last of its processes is gone.
        let begun = Instant::now();
        while self.groups().into_iter().any(|group| fs::remove_dir(group).is_err())
            && begun.elapsed() < PATIENCE
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// In namespaces of its own: what it mounts and starts ends with it.
fn spawn(folder: &TempDir) -> Child {
    let path = folder.path().display().to_string();
    let log = File::create(folder.path().join("log")).expect("the log can be written");
    let errors = log.try_clone().expect("a file handle can be duplicated");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "dockerd"]);
    command.args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"]);
    command.arg(format!("--data-root={path}/data")).arg(format!("--exec-root={path}/exec"));
    command.arg(format!("--host=unix://{path}/docker.sock")).arg(format!("--pidfile={path}/pid"));
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().unwrap_or_else(|error| panic!("cannot run unshare: {error}; {}", install("util-linux")))
}
