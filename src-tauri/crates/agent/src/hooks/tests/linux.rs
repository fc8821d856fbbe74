use std::path::Path;
use std::time::Duration;

use cardea_session::EndReason;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::timeout;

use super::{hooks, session};

const TEST_LIMIT: Duration = Duration::from_secs(20);

fn shell(script: &str, argument: &str) -> Vec<String> {
    ["/bin/sh", "-c", script, argument]
        .map(str::to_owned)
        .to_vec()
}

/// Writes reason and session into a file.
pub(super) fn writing_into(file: &Path) -> Vec<String> {
    let script = r#"echo "$CARDEA_REASON $CARDEA_SESSION_ID" > "$0""#;
    shell(script, &file.to_string_lossy())
}

pub(super) fn printing_much() -> Vec<String> {
    shell("head -c 1000000 /dev/zero; exit 3", "")
}

pub(super) fn never_ending() -> Vec<String> {
    ["/bin/sleep", "1000"].map(str::to_owned).to_vec()
}

#[tokio::test]
async fn no_shell_reads_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("written");
    let argument = "$(touch owned); `id` && \"*\"";
    let mut argv = shell(r#"printf %s "$1" > "$0""#, &file.to_string_lossy());
    argv.push(argument.to_owned());
    let mut hooks = hooks(&argv);
    hooks.session_ended(&session(), EndReason::CardRemoved);
    hooks.ended().await.unwrap().unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), argument);
}

/// The process that a hook wrote the number of into a file.
async fn started(file: &Path) -> Pid {
    let until = async {
        loop {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            if let Some(number) = text.strip_suffix('\n') {
                return number.parse().unwrap();
            }
            tokio::task::yield_now().await;
        }
    };
    let number = timeout(TEST_LIMIT, until).await.unwrap();
    Pid::from_raw(number).unwrap()
}

#[tokio::test]
async fn what_a_hook_leaves_running_does_not_make_it_late() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let script = "sleep 1000 & echo $! > \"$0\"; echo said";
    let mut hooks = hooks(&shell(script, &file.to_string_lossy()));
    hooks.session_ended(&session(), EndReason::CardRemoved);
    let ended = timeout(TEST_LIMIT, hooks.ended()).await;
    ended.unwrap().unwrap().unwrap();
    // It is still there to be ended.
    let process = started(&file).await;
    kill_process(process, Signal::KILL).unwrap();
}

#[tokio::test]
async fn what_a_hook_started_is_killed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let script = "sleep 1000 & echo $! > \"$0\"; wait";
    let mut hooks = hooks(&shell(script, &file.to_string_lossy()));
    hooks.session_ended(&session(), EndReason::CardRemoved);
    let process = started(&file).await;
    hooks.finish(Duration::ZERO).await;
    let until = async {
        let state = format!("/proc/{}/stat", process.as_raw_nonzero());
        // Whoever has to bury it may take a while.
        while std::fs::read_to_string(&state).is_ok_and(|state| !state.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    };
    timeout(TEST_LIMIT, until).await.unwrap();
}
