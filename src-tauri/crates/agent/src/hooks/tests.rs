#[cfg(target_os = "linux")]
#[path = "tests/linux.rs"]
mod programs;

#[cfg(windows)]
#[path = "tests/windows.rs"]
mod programs;

use std::path::Path;

use super::*;

fn session() -> SessionId {
    SessionId::new("boot.s1")
}

fn hooks(argv: &[String]) -> Hooks {
    let mut hooks = Hooks::default();
    hooks.follow(argv);
    hooks
}

#[tokio::test]
async fn a_hook_is_told_which_session_ended_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("written");
    let mut hooks = hooks(&programs::writing_into(&file));
    hooks.session_ended(&session(), EndReason::CardRemoved);
    hooks.ended().await.unwrap().unwrap();
    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(written.trim_end(), "card_removed boot.s1");
}

#[tokio::test]
async fn without_a_hook_nothing_runs() {
    let mut hooks = hooks(&[]);
    hooks.session_ended(&session(), EndReason::CardRemoved);
    assert!(hooks.ended().await.is_none());
}

#[tokio::test]
async fn a_hook_that_is_not_there_or_prints_much_harms_nobody() {
    let nowhere = Path::new("/nowhere/at/all");
    let mut absent = hooks(&[nowhere.to_string_lossy().into_owned()]);
    absent.session_ended(&session(), EndReason::UserLogout);
    absent.ended().await.unwrap().unwrap();
    let mut loud = hooks(&programs::printing_much());
    loud.session_ended(&session(), EndReason::UserLogout);
    loud.ended().await.unwrap().unwrap();
}

#[test]
fn so_many_hooks_run_at_once_and_no_more_and_all_end_with_the_agent() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut hooks = hooks(&programs::never_ending());
        for _ in 0..MOST_RUNNING + 3 {
            hooks.session_ended(&session(), EndReason::IdleTimeout);
        }
        assert_eq!(hooks.running.len(), MOST_RUNNING);
        hooks.finish(Duration::ZERO).await;
        assert!(hooks.ended().await.is_none());
    });
    // As the program ends: under Wine a console that outlives its program may hold a pipe open, and
    // the thread that reads it would be waited for.
    runtime.shutdown_background();
}

#[tokio::test(start_paused = true)]
#[cfg_attr(
    windows,
    ignore = "tokio reads pipes on threads there, and a paused clock waits for those"
)]
async fn a_hook_that_takes_too_long_is_killed() {
    let mut hooks = hooks(&programs::never_ending());
    hooks.session_ended(&session(), EndReason::IdleTimeout);
    hooks.ended().await.unwrap().unwrap();
}
