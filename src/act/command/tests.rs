//! Real processes.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use rustix::process::test_kill_process;

use super::*;

/// Time enough for a shell to begin on a busy machine, for programs that would run for ever.
const SHORT: Duration = Duration::from_secs(2);

fn action(argv: &[&str], timeout: Duration) -> CommandAction {
    CommandAction { argv: argv.iter().map(|&argument| argument.to_owned()).collect(), timeout }
}

async fn run_for(argv: &[&str], timeout: Duration) -> Result<ActReport, ActError> {
    let limits = Limits { kill_after: Duration::from_millis(300), ..Limits::default() };
    run(&action(argv, timeout), &limits).await
}

async fn run_it(argv: &[&str]) -> Result<ActReport, ActError> {
    run_for(argv, Duration::from_secs(30)).await
}

/// A script for `/bin/sh`, which stands for any program.
async fn run_script(script: &str) -> Result<ActReport, ActError> {
    run_it(&["/bin/sh", "-c", script]).await
}

fn not_started(result: Result<ActReport, ActError>) -> String {
    match result {
        Err(ActError::NotStarted { reason }) => reason,
        other => panic!("should not have started: {other:?}"),
    }
}

fn unknown(result: Result<ActReport, ActError>) -> (String, String) {
    match result {
        Err(ActError::Unknown { reason, report }) => (reason, report.output),
        other => panic!("should be unknown: {other:?}"),
    }
}

/// Whether a process exists and has not ended.
fn lives(pid: i32) -> bool {
    let exists = test_kill_process(Pid::from_raw(pid).unwrap()).is_ok();
    let zombie = || {
        procfs::process::Process::new(pid).and_then(|process| process.stat()).map(|stat| stat.state == 'Z')
    };
    exists && !zombie().unwrap_or(true)
}

async fn ends(pid: i32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while lives(pid) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    !lives(pid)
}

/// Polls a file until it holds a whole line, and reads the number there.
async fn number_in(file: &Path) -> i32 {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.ends_with('\n') {
            return text.trim().parse().unwrap();
        }
        assert!(Instant::now() < deadline, "{} stays empty", file.display());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn exit_status_0_is_accepted() {
    let report = run_it(&["/bin/echo", "done"]).await.unwrap();
    assert_eq!(report, ActReport { summary: "exit status 0".to_owned(), output: "done\n".to_owned() });
}

#[tokio::test]
async fn any_other_end_of_its_own_is_a_failure() {
    for (claim, script, summary) in [
        ("an exit status", "echo why >&2; exit 3", "exit status 3"),
        ("a signal", "echo why; kill -9 $$", "killed by signal 9"),
    ] {
        let report = ActReport { summary: summary.to_owned(), output: "why\n".to_owned() };
        assert_eq!(run_script(script).await, Err(ActError::Failed { report }), "{claim}");
    }
}

#[tokio::test]
async fn what_cannot_be_run_was_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o644)).unwrap();
    for (claim, argv, reason) in [
        ("nothing", &[][..], "the command is empty"),
        ("a relative path", &["echo", "x"], "the program \"echo\" is not an absolute path"),
        ("a missing program", &["/nonexistent"], "cannot run \"/nonexistent\": No such file or directory"),
        ("a file that is not executable", &[plain.to_str().unwrap()], "Permission denied"),
        ("a folder", &["/usr"], "Permission denied"),
        ("a NUL in an argument", &["/bin/echo", "a\0b"], "nul byte"),
    ] {
        let said = not_started(run_it(argv).await);
        assert!(said.contains(reason), "{claim}: {said}");
    }
}

#[tokio::test]
async fn the_environment_is_clean() {
    let report = run_it(&["/usr/bin/env"]).await.unwrap();
    let mut lines: Vec<_> = report.output.lines().collect();
    lines.sort_unstable();
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    assert_eq!(lines, ["LANG=C.UTF-8", path]);
}

#[tokio::test]
async fn it_runs_in_the_root_folder_with_nothing_to_read() {
    let report = run_it(&["/bin/pwd"]).await.unwrap();
    assert_eq!(report.output, "/\n");
    let report = run_it(&["/bin/cat"]).await.unwrap();
    assert_eq!(report.output, "");
}

#[tokio::test]
async fn arguments_arrive_literally() {
    let arguments = ["; rm -rf /", "$(id)", "`id`", "two\nlines", "* ?", "-n", "'\"\\", ""];
    for argument in arguments {
        let report = run_it(&["/usr/bin/printf", "[%s]", argument]).await.unwrap();
        assert_eq!(report.output, format!("[{argument}]"));
    }
}

#[tokio::test]
async fn no_open_file_is_inherited() {
    let inheritable = File::open("/etc/hostname").unwrap();
    rustix::io::fcntl_setfd(&inheritable, FdFlags::empty()).unwrap();
    let report = run_script("exec /bin/ls -l /proc/self/fd").await.unwrap();
    assert!(!report.output.contains("hostname"), "{}", report.output);
    let open = report.output.lines().filter(|line| line.contains(" -> ")).count();
    assert_eq!(open, 4, "0, 1, 2 and the folder itself: {}", report.output);
    drop(inheritable);
}

#[tokio::test]
async fn it_leads_a_group_of_its_own() {
    let report = run_script("echo $$; cut -d ' ' -f 5 /proc/$$/stat").await.unwrap();
    let (leader, group) = report.output.trim().split_once('\n').unwrap();
    assert_eq!(leader, group);
}

#[tokio::test]
async fn ten_megabytes_of_output_are_read_and_cut() {
    let report =
        run_script("echo first; head -c 10000000 /dev/zero | tr '\\0' x; echo; echo last").await.unwrap();
    assert!(report.output.len() < (64 << 10) + 100, "{}", report.output.len());
    assert!(report.output.starts_with("first\nxxx") && report.output.ends_with("xxx\nlast\n"));
    assert!(report.output.contains(&format!("\n[{} bytes left out]\n", 10_000_012 - (64 << 10))));
}

#[tokio::test]
async fn output_is_cleaned() {
    let report = run_it(&["/usr/bin/printf", r"a\033[2Jb\r\n\377\tc"]).await.unwrap();
    assert_eq!(report.output, "a[2Jb\n\u{fffd}\tc");
}

#[tokio::test]
async fn at_the_end_of_its_time_it_gets_term_and_the_outcome_is_unknown() {
    let script = "trap 'echo cleaned; exit 0' TERM; echo begun; while :; do sleep 0.05; done";
    let result = run(&action(&["/bin/sh", "-c", script], SHORT), &Limits::default()).await;
    let (reason, output) = unknown(result);
    assert_eq!(reason, "no end within 2s: it ended on TERM");
    assert!(output.starts_with("begun\n") && output.ends_with("cleaned\n"), "{output}");
}

#[tokio::test]
async fn who_ignores_term_is_killed() {
    let script = "trap '' TERM; echo $$; while :; do sleep 0.05; done";
    let begun = Instant::now();
    let (reason, output) = unknown(run_for(&["/bin/sh", "-c", script], SHORT).await);
    assert_eq!(reason, "no end within 2s: it was killed");
    assert!(!lives(output.trim().parse().unwrap()));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_it_forked_is_killed_with_it() {
    let script = "trap '' TERM; (while :; do sleep 0.05; done) & echo $!; wait";
    let (_, output) = unknown(run_for(&["/bin/sh", "-c", script], SHORT).await);
    let grandchild = output.trim().parse().unwrap();
    assert!(ends(grandchild).await, "{grandchild} lives on");
}

#[tokio::test]
async fn a_grandchild_that_outlives_term_is_killed_after_its_parent_has_ended() {
    let script = "(trap '' TERM; echo ready; while :; do sleep 0.05; done) & echo $!; wait";
    let (reason, output) = unknown(run_for(&["/bin/sh", "-c", script], SHORT).await);
    assert_eq!(reason, "no end within 2s: it was killed");
    let grandchild = output.lines().find_map(|line| line.parse().ok()).unwrap();
    assert!(ends(grandchild).await, "{grandchild} lives on");
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
    let begun = Instant::now();
    let report = run_script("sleep 30 & echo $!").await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let grandchild = report.output.trim().parse().unwrap();
    assert!(lives(grandchild), "what a successful program leaves behind is its own affair");
    rustix::process::kill_process(Pid::from_raw(grandchild).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn dropping_the_future_kills_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let (leader, grandchild) = (folder.path().join("leader"), folder.path().join("grandchild"));
    let script = "trap '' TERM; echo $$ > $0; (while :; do sleep 0.05; done) & echo $! > $1; wait";
    let argv = ["/bin/sh", "-c", script, leader.to_str().unwrap(), grandchild.to_str().unwrap()];
    let numbers = async { (number_in(&leader).await, number_in(&grandchild).await) };
    let (leader, grandchild) = tokio::select! {
        numbers = numbers => numbers,
        ended = run_it(&argv) => panic!("ended by itself: {ended:?}"),
    };
    assert!(ends(leader).await, "{leader} lives on");
    assert!(ends(grandchild).await, "{grandchild} lives on");
}

#[tokio::test]
async fn a_program_that_closes_its_output_still_has_its_time() {
    let report = run_script("exec >&- 2>&-; sleep 0.3").await.unwrap();
    assert_eq!(report.summary, "exit status 0");
}
