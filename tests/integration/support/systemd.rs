//! A real systemd for one user, on a bus of its own, in a mount and process namespace of its own: it sees
//! no unit of this machine's and reaches none of its processes. It starts its bus itself, as in a session.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::process::install;
use super::{PATIENCE, wait_until};

/// A running systemd; dropping it kills it with everything it has started.
pub struct Systemd {
    child: Child,
    folder: TempDir,
}

/// Runs in the namespaces. systemd must not be their first process, which it would take for the system's.
const START: &str = "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user/0 && \
     export XDG_RUNTIME_DIR=/run/user/0 XDG_CONFIG_HOME=\"$0/config\" DBUS_SESSION_BUS_ADDRESS=\"unix:path=$0/bus\" && \
     /lib/systemd/systemd --user; exit $?";

impl Systemd {
    /// Starts with these units, each a name and its file's content. `policy` is added to the bus's.
    pub async fn start(units: &[(&str, &str)], policy: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().display().to_string();
        let of_user = folder.path().join("config/systemd/user");
        fs::create_dir_all(&of_user).expect("the folder can be written");
        let write = |file: PathBuf, text: &str| fs::write(file, text).expect("the folder can be written");
        let bus = format!(
            "<busconfig><type>session</type><listen>systemd:</listen><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>{policy}\
             </policy></busconfig>"
        );
        write(folder.path().join("bus.conf"), &bus);
        let daemon = format!(
            "[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\n\
             ExecStart=/usr/bin/dbus-daemon --config-file={path}/bus.conf --address=systemd: --nofork --nopidfile\n"
        );
        write(of_user.join("dbus.service"), &daemon);
        write(of_user.join("dbus.socket"), &format!("[Socket]\nListenStream={path}/bus\n"));
        write(of_user.join("default.target"), "[Unit]\nRequires=dbus.service\nAfter=dbus.service\n");
        for (name, content) in units {
            write(of_user.join(name), content);
        }
        let systemd = Self { child: spawn(&folder), folder };
        systemd.wait_until_ready().await;
        systemd
    }

    /// The address of its bus.
    pub fn bus(&self) -> String {
        format!("unix:path={}/bus", self.folder.path().display())
    }

    /// Calls a method of its manager as somebody else does; whether that went well.
    pub fn call(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("busctl");
        command.arg(format!("--address={}", self.bus())).arg("call").args([
            "org.freedesktop.systemd1",
            "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager",
        ]);
        let output = command.args(arguments).output();
        output.unwrap_or_else(|error| panic!("busctl: {error}; {}", install("systemd"))).status.success()
    }

    async fn wait_until_ready(&self) {
        let log = self.folder.path().join("log");
        let what = format!("systemd on its bus; its log is {}", log.display());
        wait_until(PATIENCE, &what, async || {
            self.folder.path().join("bus").exists() && self.call(&["GetUnit", "s", "default.target"])
        })
        .await;
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        // It may have ended by itself. With it the first process of the namespace is killed, and so all.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &TempDir) -> Child {
    let log = File::create(folder.path().join("log")).expect("the log can be written");
    let errors = log.try_clone().expect("a file handle can be duplicated");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", START]);
    command.arg(folder.path()).stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().unwrap_or_else(|error| panic!("cannot run unshare: {error}; {}", install("util-linux")))
}
