//! An agent that is there and does nothing more.

use std::time::Duration;

use super::*;
use crate::harness::programs;
use crate::harness::stream::Stream;

/// The half minute after which silence counts, and the questions that follow it.
const SILENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_agent_that_hangs_in_a_session_is_ended_and_comes_back_with_nobody_signed_in()
-> Result<()> {
    let mut place = Place::new().await?;
    place.sign_in().await?;
    let url = desktop::endpoint(&place.desk.home)?["url"].clone();
    let url = url.as_str().context("no address")?;
    let mut stream = Stream::open(url, &place.desk.app.token).await?;
    let hung = desktop::hang_agent(&place.desk.home)?;

    let host = &place.tray.host;
    let lost = host.until_within(SILENCE, |shown| shown.icon == "agent-down");
    assert_eq!(lost.await?.state(), "Restarting; nobody is signed in");
    let told = host.told("Signed out").await?;
    assert_eq!(told.body, "Cardea stopped, so you were signed out.");
    stream.broken().await?;
    host.until_icon("card").await?;
    let now = desktop::endpoint(&place.desk.home)?;
    assert_ne!(now["pid"].as_u64(), Some(hung));
    Ok(())
}

#[tokio::test]
async fn a_hanging_agent_that_a_lost_tray_left_is_ended() -> Result<()> {
    let desk = Desk::new().await?;
    let (mut left, _output) = plan(&desk).start_without_port(&desk.home).await;
    desktop::hang_agent(&desk.home)?;

    let tray = Tray::start(&desk.home, &plan(&desk), desk.keyring.bus()).await?;
    tray.host.until_icon("no-card").await?;
    left.wait().await?;
    Ok(())
}

#[tokio::test]
async fn a_hanging_agent_of_another_installation_is_left_alone() -> Result<()> {
    let folder = programs::cardea_for_everybody()?;
    let desk = Desk::with_program(folder.path().join("cardea")).await?;
    let (mut others, _output) = plan(&desk).start_without_port(&desk.home).await;
    desktop::hang_agent(&desk.home)?;

    let tray = Tray::start(&desk.home, &plan(&desk), desk.keyring.bus()).await?;
    tray.host
        .until(|shown| shown.state() == "Not running; nobody is signed in")
        .await?;
    assert_eq!(others.try_wait()?, None, "it is there");
    Ok(())
}

/// Of an agent that nobody signs in at.
fn plan(desk: &Desk) -> Plan {
    desk.plan("http://127.0.0.1:9")
}
