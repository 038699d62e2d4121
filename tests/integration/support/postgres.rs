//! A PostgreSQL server of the tests' own: one for the whole test program, a database for each test.
//!
//! It listens on a socket in its own folder and ends with the program that started it, however that ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

/// How long the server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// The folder's name, before the number of the process that uses it.
const FOLDER: &str = "smartcloudops-postgres-";

/// A server, stopped only when it is told to, or when this program ends.
pub struct PostgresServer {
    folder: PathBuf,
    programs: PathBuf,
    child: Mutex<Child>,
    databases: AtomicU32,
}

/// The one server of this program, for tests that leave it running.
pub fn postgres() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(|| PostgresServer::start("shared"))
}

impl PostgresServer {
    /// Starts a server of its own, for a test that stops it.
    pub fn start(name: &str) -> Self {
        let programs = programs();
        remove_left_over();
        let folder = std::env::temp_dir().join(format!("{FOLDER}{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        if rustix::process::geteuid().is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        run(as_user(&programs.join("initdb")).arg("--pgdata").arg(&data).args([
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]));
        let child = Mutex::new(spawn(&programs, &folder));
        let server = Self { folder, programs, child, databases: AtomicU32::new(0) };
        server.wait_until_ready();
        server
    }

    /// Makes a new database and gives back its URL.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string();
        format!("postgres://postgres@localhost/{database}?host={folder}&sslmode=disable")
    }

    /// Carries out SQL; gives back what `psql` prints, a row a line.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        run(self.program("psql").args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet"]).args([
            "--set=ON_ERROR_STOP=1",
            "--command",
            sql,
            database,
        ]))
    }

    /// Stops the server as its service would be: every connection ends at once.
    pub fn stop(&self) {
        let mut child = self.child.lock().expect("no test panics while it holds the server");
        let pid = i32::try_from(child.id()).expect("a process number");
        let pid = rustix::process::Pid::from_raw(pid).expect("not zero");
        // SIGINT is PostgreSQL's fast shutdown.
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the server runs");
        child.wait().expect("the server can be awaited");
    }

    /// Starts the server again on the same data.
    pub fn start_again(&self) {
        *self.child.lock().expect("no test panics while it holds the server") =
            spawn(&self.programs, &self.folder);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.program("pg_isready").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
        {
            assert!(Instant::now() < deadline, "PostgreSQL does not start, see {}", self.folder.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg("--host").arg(&self.folder).arg("--username=postgres");
        command
    }
}

/// The newest version that is installed; Debian keeps each in a folder of its own.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("postgres").exists()).max();
    newest.expect("PostgreSQL is missing; tools/install.sh postgres installs it")
}

/// The server must not run as root.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL");
    if rustix::process::geteuid().is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

/// The signal comes when the thread ends that has started the server: one that never does starts it.
fn spawn(programs: &Path, folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("the log can be written");
    let mut command = as_user(&programs.join("postgres"));
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    command.args(["-c", "listen_addresses=", "-c", "max_connections=300", "-c", "fsync=off"]);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log);
    let (sender, started) = mpsc::channel();
    std::thread::spawn(move || {
        // Whoever waits is there until the server has started.
        let _ = sender.send(command.spawn());
        loop {
            std::thread::park();
        }
    });
    started.recv().expect("the thread answers").expect("PostgreSQL can be started")
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program can be started");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Folders of test programs that are gone.
fn remove_left_over() {
    let found = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for entry in found {
        let name = entry.file_name().into_string().unwrap_or_default();
        let process = name.strip_prefix(FOLDER).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            // Another test program may be removing it just now.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
