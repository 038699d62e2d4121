//! Tests that need a process of their own: because of a limit or a subscriber that holds for a whole process.

use std::process::Command;

const MARK: &str = "SMARTCLOUDOPS_TEST_ALONE";

/// True in the test's own process. Otherwise runs the named test there, under `wrapper`, and asserts its success.
pub fn runs_alone(test: &str, wrapper: &[&str]) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let mut command = match wrapper {
        [] => Command::new(program),
        [wrapper, arguments @ ..] => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program);
            command
        }
    };
    let output = command.args(["--exact", test, "--nocapture"]).env(MARK, "1").output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {wrapper:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}
