//! What the help desk asks the agent: diagnostics, what happened lately, and for the window.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::harness::agent::{App, Home, Plan};
use crate::harness::programs;
use crate::harness::told::Told;
use crate::harness::workstation::Workstation;

#[tokio::test]
async fn diagnostics_say_how_things_are_and_how_fast_a_removal_was_told_but_not_who() -> Result<()>
{
    let (workstation, mut stream) = Workstation::signed_in().await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    let answer = workstation.get("/v1/diagnostics").await?;
    ensure!(answer.status() == 200, "{answer:?}");
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    let report: Value = serde_json::from_str(&text)?;
    assert_eq!(report["state"], "no_card");
    assert_eq!(report["readers"][0]["state"], "empty");
    let latency = &report["removal_latency"];
    ensure!(
        latency["count"] == 1 && latency["p50_us"].is_u64(),
        "{latency}"
    );
    assert_eq!(
        report["removals"][0]["reader"],
        report["readers"][0]["name"]
    );
    let settings = report["settings"].as_array().into_iter().flatten();
    let set = |key: &str| settings.clone().find(|row| row["key"] == key).cloned();
    ensure!(set("session.idle_timeout").is_some_and(|row| row["origin"] == "default"));
    ensure!(text.contains("(not shown)") && !text.contains(&workstation.app.token_sha256()));
    for unwanted in workstation.personal() {
        ensure!(!text.contains(&unwanted), "{unwanted} in {text}");
    }
    Ok(())
}

/// A program beside the agent that tells its arguments to a pipe. Another process writes it: what
/// this one writes to cannot be started while some other test forks.
async fn window_in(folder: &Path, pipe: &Path) -> Result<()> {
    let script = format!("#!/bin/sh\necho \"$@\" > {}\n", pipe.display());
    let mut install = Command::new("install")
        .args(["-m", "755", "/dev/stdin"])
        .arg(folder.join("cardea-desktop"))
        .stdin(Stdio::piped())
        .spawn()?;
    let mut stdin = install.stdin.take().context("no standard input")?;
    stdin.write_all(script.as_bytes()).await?;
    drop(stdin);
    ensure!(install.wait().await?.success());
    Ok(())
}

#[tokio::test]
async fn the_window_is_started_from_beside_the_agent() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cardea = folder.path().join("cardea");
    std::fs::copy(programs::cardea(), &cardea)?;
    let app = App::new("emis");
    let plan = Plan::new().setting("api", "port = 0").app(&app);
    let agent = plan.start_in(Home::of_program(cardea)).await;
    let open = || agent.post("/v1/window", &app.token, "{}");
    let absent = open().await?;
    let problem: Value = serde_json::from_slice(absent.body())?;
    ensure!(
        absent.status() == 409 && problem["code"] == "no_window",
        "{problem}"
    );

    let mut told = Told::new(folder.path())?;
    window_in(folder.path(), &told.path).await?;
    ensure!(open().await?.status() == 204);
    assert_eq!(told.line().await?, "window");
    Ok(())
}
