//! A clinical program by the C# client under Mono, at the real agent.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::time::{Instant, sleep_until};

use crate::harness::agent::{Home, Plan};
use crate::harness::csharp::Program;
use crate::harness::squatter::{Says, Squatter};
use crate::harness::stream::Stream;
use crate::harness::workstation::{Workstation, succeeded};

/// So long a process has to be stopped until it must notice (the client's `Silence`), and a little.
const STOPPED: Duration = Duration::from_millis(5_500);

async fn signed_in() -> Result<(Workstation, Stream, Program)> {
    let (workstation, stream) = Workstation::signed_in().await?;
    let mut program = Program::start(&workstation.agent.home, &workstation.app).await?;
    program.says("signed in").await?;
    Ok((workstation, stream, program))
}

#[tokio::test]
async fn a_program_in_csharp_locks_when_the_card_leaves() -> Result<()> {
    let (workstation, _stream, mut program) = signed_in().await?;
    workstation.reader.remove();
    program.says("signed out (card_removed)").await
}

#[tokio::test]
async fn a_program_in_csharp_that_was_stopped_while_the_card_left_locks_before_all_else()
-> Result<()> {
    let (workstation, mut stream, mut program) = signed_in().await?;
    program.stop()?;
    let awake = Instant::now() + STOPPED;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    sleep_until(awake).await;
    program.go_on()?;
    // Both lock. Which comes first is a matter of which thread wakes first: the one that sees the
    // silence, or the one that reads what came meanwhile.
    let mut first = program.next().await?;
    if first == "checking" {
        first = program.next().await?;
    }
    ensure!(first == "signed out (card_removed)", "{first}");
    Ok(())
}

#[tokio::test]
async fn a_program_in_csharp_that_was_stopped_while_the_card_stayed_checks_too() -> Result<()> {
    let (_workstation, _stream, mut program) = signed_in().await?;
    program.stop()?;
    sleep_until(Instant::now() + STOPPED).await;
    program.go_on()?;
    program.says("checking").await?;
    program.says("signed in").await
}

#[tokio::test]
async fn an_agent_that_dies_signs_a_program_in_csharp_out() -> Result<()> {
    let (workstation, _stream, mut program) = signed_in().await?;
    let _home = workstation.agent.kill().await;
    program.says("signed out (agent_lost)").await
}

#[tokio::test]
async fn an_agent_that_stops_and_comes_back_signs_a_program_in_csharp_out() -> Result<()> {
    let (workstation, _stream, mut program) = signed_in().await?;
    let plan = Plan::new()
        .cis2(workstation.provider.issuer(), "another-run")
        .setting("api", "port = 0")
        .app(&workstation.app);
    let home = workstation.agent.kill().await;
    let _agent = plan.start_in(home).await;
    // Which of the two comes first is a matter of how long the start takes.
    let first = program.next().await?;
    ensure!(
        ["signed out (agent_restarted)", "signed out (agent_lost)"].contains(&&*first),
        "{first}"
    );
    program.says("signed out (not_signed_in)").await?;
    ensure!(program.does("session").await? != "active");
    Ok(())
}

#[tokio::test]
async fn a_squatter_on_the_port_never_gets_the_token_of_a_program_in_csharp() -> Result<()> {
    let (workstation, _stream, mut program) = signed_in().await?;
    let port = workstation.agent.port().parse()?;
    let boot = workstation.agent.endpoint["boot"].clone();
    // As a crash does it: the endpoint file stays and names the port.
    let _home = workstation.agent.kill().await;
    let squatter = Squatter::at(port, Says::no_proof(&boot)).await?;
    program.says("signed out (agent_lost)").await?;
    let outcome = program.does("session").await?;
    let sent = squatter.heard();
    ensure!(!sent.contains(&workstation.app.token), "it got the token");
    ensure!(!sent.to_lowercase().contains("authorization"), "{sent}");
    ensure!(sent.contains("GET /v1/health?app=emis&nonce="), "{sent}");
    ensure!(
        outcome.contains("did not prove that it is the agent"),
        "{outcome}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_in_csharp_calls_every_route() -> Result<()> {
    let mut workstation = Workstation::of_developer(|plan| plan).await?;
    let mut stream = workstation.events().await?;
    let mut program = Program::start(&workstation.agent.home, &workstation.app).await?;
    program.says("signed out (not_signed_in)").await?;
    ensure!(program.does("app").await? == "emis");
    let nobody = program.does("tokens").await?;
    ensure!(nobody.contains("[no_session]; "), "{nobody}");
    let beyond = program.does("activity").await?;
    ensure!(beyond.contains("[scope_missing]; "), "{beyond}");

    workstation.insert(&mut stream).await?;
    ensure!(program.does("login").await? == "started");
    let address = workstation.pages.next().await?;
    workstation.sign_in_at(&address).await?;
    program.says("signed in").await?;
    ensure!(program.does("session").await? == "active");
    ensure!(program.does("tokens").await? == crate::harness::workstation::CLIENT_ID);
    let again = program.does("login").await?;
    ensure!(again.contains("[already_signed_in]; "), "{again}");

    program.tell("logout").await?;
    let mut said = [program.next().await?, program.next().await?];
    said.sort();
    assert_eq!(said, ["logout: done", "signed out (app_logout)"]);
    Ok(())
}

#[tokio::test]
async fn a_program_in_csharp_is_paired_by_its_code_and_gives_its_token_back() -> Result<()> {
    let plan = Plan::new().setting("api", "port = 0");
    let agent = plan.start_in(Home::new()).await;
    let mut program = Program::run(&agent.home, &["--pair", "New records", "live"])?;
    let shown = program.next().await?;
    let code = shown.strip_prefix("code ").context("no code")?;
    let approved = agent.home.tool(&["apps", "approve", code]).await;
    succeeded(&approved)?;
    let paired = program.next().await?;
    if !paired.starts_with("paired ") {
        bail!("{paired}");
    }
    program.says("signed out (not_signed_in)").await?;
    ensure!(program.does("app").await? == "New records");
    ensure!(program.does("unpair").await? == "done");
    Ok(())
}
