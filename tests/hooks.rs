//! What IT has run when a session has ended.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::harness::agent::Plan;
use crate::harness::told::Told;
use crate::harness::workstation::Workstation;

/// A hook that tells what it is told into a pipe and prints a word.
fn telling(plan: Plan, pipe: &Path) -> Plan {
    let script = r#"echo hook-was-here; echo "$CARDEA_REASON $CARDEA_SESSION_ID $1" > "$0""#;
    let argv = [
        "/bin/sh",
        "-c",
        script,
        &pipe.to_string_lossy(),
        "$HOME; `id`",
    ]
    .map(str::to_owned);
    plan.setting("hooks", format!("on_session_end = {argv:?}"))
}

#[tokio::test]
async fn a_hook_runs_when_the_card_has_left_and_its_words_are_in_the_log() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut told = Told::new(folder.path())?;
    let with_hook = |plan| telling(plan, &told.path);
    let (workstation, mut stream) = Workstation::signed_in_with(with_hook).await?;
    let session = workstation
        .snapshot()
        .await?
        .session
        .context("no session")?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    let line = told.line().await?;
    assert_eq!(line, format!("card_removed {} $HOME; `id`", session.id));
    let (stopped, home) = workstation.agent.stop().await;
    ensure!(stopped.success());
    let written = home.everything_written();
    ensure!(written.contains("hook-was-here"), "{written}");
    Ok(())
}

#[tokio::test]
async fn a_hook_that_hangs_delays_neither_programs_nor_the_next_login() -> Result<()> {
    let hanging = |plan: Plan| plan.setting("hooks", "on_session_end = [\"/bin/sleep\", \"1000\"]");
    let (mut workstation, mut stream) = Workstation::signed_in_with(hanging).await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    let (stopped, home) = workstation.agent.stop().await;
    ensure!(stopped.success());
    ensure!(home.everything_written().contains("hooks were killed"));
    Ok(())
}
