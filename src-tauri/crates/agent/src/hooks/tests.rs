#![cfg(target_os = "linux")]

use tempfile::TempDir;

use super::*;

fn session() -> SessionId {
    SessionId::new("boot.s1")
}

fn hooks(argv: &[&str]) -> Hooks {
    let mut hooks = Hooks::default();
    hooks.follow(&argv.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
    hooks
}

/// Runs a hook that writes what it is given into a file of `folder`.
async fn written(folder: &TempDir, argument: &str) -> String {
    let file = folder.path().join("written");
    let script = r#"printf '%s|%s|%s' "$CARDEA_REASON" "$CARDEA_SESSION_ID" "$1" > "$0""#;
    let mut hooks = hooks(&["/bin/sh", "-c", script, file.to_str().unwrap(), argument]);
    hooks.session_ended(&session(), EndReason::CardRemoved);
    hooks.ended().await.unwrap().unwrap();
    std::fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn a_hook_is_told_which_session_ended_and_why() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(written(&folder, "x").await, "card_removed|boot.s1|x");
}

#[tokio::test]
async fn no_shell_reads_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let argument = "$(touch owned); `id` && \"*\"";
    let written = written(&folder, argument).await;
    assert_eq!(written, format!("card_removed|boot.s1|{argument}"));
}

#[tokio::test]
async fn without_a_hook_nothing_runs() {
    let mut hooks = hooks(&[]);
    hooks.session_ended(&session(), EndReason::CardRemoved);
    assert!(hooks.ended().await.is_none());
}

#[tokio::test]
async fn a_hook_that_is_not_there_or_prints_much_harms_nobody() {
    let mut absent = hooks(&["/nowhere/at/all"]);
    absent.session_ended(&session(), EndReason::UserLogout);
    absent.ended().await.unwrap().unwrap();
    let mut loud = hooks(&["/bin/sh", "-c", "head -c 1000000 /dev/zero; exit 3"]);
    loud.session_ended(&session(), EndReason::UserLogout);
    loud.ended().await.unwrap().unwrap();
}

#[tokio::test]
async fn so_many_hooks_run_at_once_and_no_more_and_all_end_with_the_agent() {
    let mut hooks = hooks(&["/bin/sleep", "1000"]);
    for _ in 0..MOST_RUNNING + 3 {
        hooks.session_ended(&session(), EndReason::IdleTimeout);
    }
    assert_eq!(hooks.running.len(), MOST_RUNNING);
    hooks.finish(Duration::ZERO).await;
    assert!(hooks.ended().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_takes_too_long_is_killed() {
    let mut hooks = hooks(&["/bin/sleep", "1000"]);
    hooks.session_ended(&session(), EndReason::IdleTimeout);
    hooks.ended().await.unwrap().unwrap();
}

/// The process that a hook wrote the number of into a file.
async fn started(file: &std::path::Path) -> rustix::process::Pid {
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
    rustix::process::Pid::from_raw(number).unwrap()
}

const TEST_LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn what_a_hook_leaves_running_does_not_make_it_late() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let script = "sleep 1000 & echo $! > \"$0\"; echo said";
    let mut hooks = hooks(&["/bin/sh", "-c", script, file.to_str().unwrap()]);
    hooks.session_ended(&session(), EndReason::CardRemoved);
    let ended = timeout(TEST_LIMIT, hooks.ended()).await;
    ended.unwrap().unwrap().unwrap();
    // It is still there to be ended.
    let process = started(&file).await;
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn what_a_hook_started_is_killed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let script = "sleep 1000 & echo $! > \"$0\"; wait";
    let mut hooks = hooks(&["/bin/sh", "-c", script, file.to_str().unwrap()]);
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
