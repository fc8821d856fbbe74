//! The tray on a real bus, with a real card service and the simulated CIS2: icon, menu and
//! notifications after each state, and what becomes of agent and session.

mod hanging_agent;
mod notifications;
mod panel;

use anyhow::{Context as _, Result, ensure};

use crate::harness::agent::Plan;
use crate::harness::desktop::place::{Place, SIGN_IN};
use crate::harness::desktop::{self, Seat, Service, Tray};
use crate::harness::workstation::{Desk, NHS_CARD};

const ALWAYS: [&str; 3] = ["Open Cardea", "Check this computer…", "About Cardea"];

#[tokio::test]
async fn icon_and_menu_follow_the_card_and_the_session() -> Result<()> {
    let mut place = Place::new().await?;
    let host = &place.tray.host;
    let shown = host
        .until(|shown| shown.state() == "No card in the reader")
        .await?;
    let usual = [&ALWAYS[..], &["Quit Cardea"]].concat();
    assert_eq!(shown.enabled(), [&[SIGN_IN], &usual[..]].concat());

    place.desk.reader.insert(NHS_CARD);
    let shown = host.until_icon("card").await?;
    assert_eq!(shown.state(), "Card in the reader, nobody signed in");
    host.told("Card seen").await?;

    host.choose(SIGN_IN).await?;
    let shown = host.until_icon("signing-in").await?;
    assert_eq!(
        shown.enabled(),
        [&["Cancel signing in"], &usual[..]].concat()
    );

    place.go_on_in_the_browser().await?;
    let host = &place.tray.host;
    let shown = host.until_icon("signed-in").await?;
    assert_eq!(shown.state(), "Signed in", "no name");
    let usual = [&ALWAYS[..], &["Sign out and quit Cardea"]].concat();
    assert_eq!(
        shown.enabled(),
        [&["Sign out", "Change role…"], &usual[..]].concat()
    );

    place.desk.reader.remove();
    host.until_icon("no-card").await?;
    let told = host.told("Signed out").await?;
    assert_eq!(told.body, "Your card was taken out.");
    Ok(())
}

#[tokio::test]
async fn the_tray_says_what_is_missing() -> Result<()> {
    let place = Place::new().await?;
    let host = &place.tray.host;
    place.desk.reader.unplug();
    host.until_icon("no-reader").await?;
    place.desk.pcscd.kill();
    host.until_icon("no-card-service").await?;
    let told = host.told("Cardea needs attention").await?;
    assert_eq!(
        told.body,
        "The smartcard service of this computer is not running."
    );
    Ok(())
}

#[tokio::test]
async fn a_login_is_cancelled_and_a_session_ended_by_the_menu() -> Result<()> {
    let mut place = Place::new().await?;
    place.desk.reader.insert(NHS_CARD);
    let host = &place.tray.host;
    host.choose(SIGN_IN).await?;
    place.desk.pages.next().await?;
    host.choose("Cancel signing in").await?;
    host.until_icon("card").await?;

    place.sign_in().await?;
    let host = &place.tray.host;
    host.choose("Sign out").await?;
    host.until_icon("card").await?;
    assert_eq!(host.told("Signed out").await?.body, "You signed out.");
    Ok(())
}

#[tokio::test]
async fn a_notification_does_what_it_offers() -> Result<()> {
    let place = Place::new().await?;
    place.desk.reader.insert(NHS_CARD);
    let host = &place.tray.host;
    let told = host.told("Card seen").await?;
    host.accept_until_icon(&told, "signing-in").await
}

#[tokio::test]
async fn a_program_that_asks_to_be_let_in_is_shown() -> Result<()> {
    let place = Place::new().await?;
    place.ask_to_be_let_in().await?;
    let host = &place.tray.host;
    host.told("A program asks to connect").await?;
    let shown = host.until_icon("attention").await?;
    assert!(
        shown
            .line("1 connection request…")
            .is_some_and(|line| line.enabled)
    );
    Ok(())
}

#[tokio::test]
async fn an_agent_that_is_killed_in_a_session_comes_back_with_nobody_signed_in() -> Result<()> {
    let mut place = Place::new().await?;
    place.sign_in().await?;
    let killed = desktop::kill_agent(&place.desk.home)?;

    let host = &place.tray.host;
    let shown = host.until_icon("agent-down").await?;
    assert_eq!(shown.state(), "Restarting; nobody is signed in");
    let told = host.told("Signed out").await?;
    assert_eq!(told.body, "Cardea stopped, so you were signed out.");
    host.until_icon("card").await?;
    let now = desktop::endpoint(&place.desk.home)?;
    assert_ne!(now["pid"].as_u64(), Some(killed));
    Ok(())
}

#[tokio::test]
async fn quitting_ends_the_session_first_and_then_the_agent() -> Result<()> {
    let mut place = Place::new().await?;
    place.sign_in().await?;
    place.tray.host.choose("Sign out and quit Cardea").await?;
    ensure!(place.tray.ended().await?.success());
    assert!(
        !place.desk.home.endpoint_file().exists(),
        "the agent ended in order"
    );
    let audit = place.desk.home.audit()?;
    let end = audit.iter().rfind(|line| line["action"] == "session_ended");
    assert_eq!(end.context("no end")?["reason"], "user_logout", "{audit:?}");
    Ok(())
}

#[tokio::test]
async fn the_system_ends_tray_and_agent_in_order() -> Result<()> {
    let mut place = Place::new().await?;
    place.tray.terminate()?;
    ensure!(place.tray.ended().await?.success());
    assert!(!place.desk.home.endpoint_file().exists());
    Ok(())
}

#[tokio::test]
async fn what_the_tray_leaves_out_for_itself_others_have() -> Result<()> {
    let place = Place::new().await?;
    let agent = &desktop::endpoint(&place.desk.home)?["pid"];
    let has_gl_off = |environment: Vec<u8>| environment.windows(7).any(|word| word == b"GDK_GL=");
    ensure!(!has_gl_off(std::fs::read(format!(
        "/proc/{agent}/environ"
    ))?));
    let status = std::fs::read_to_string(format!("/proc/{agent}/status"))?;
    let tray = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    let tray = tray.context("no parent")?.trim();
    ensure!(has_gl_off(std::fs::read(format!("/proc/{tray}/environ"))?));
    Ok(())
}

#[tokio::test]
async fn quitting_is_not_there_where_it_is_not_allowed() -> Result<()> {
    let place = Place::with(|plan| plan.setting("desktop", "allow_quit = false")).await?;
    let host = &place.tray.host;
    host.until(|shown| shown.line("Quit Cardea").is_none())
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_second_tray_leaves_the_first_alone() -> Result<()> {
    let place = Place::new().await?;
    let second = place.tray.start_again(&place.desk.home, &[]).await?;
    ensure!(second.success(), "{second}");
    place.desk.reader.insert(NHS_CARD);
    place.tray.host.until_icon("card").await.map(drop)
}

#[tokio::test]
async fn it_starts_at_log_on_where_the_settings_let_it() -> Result<()> {
    let desk = Desk::new().await?;
    let bus = desk.keyring.bus();
    let plan = desk.plan("http://127.0.0.1:9");
    let not_wanted = desk
        .plan("http://127.0.0.1:9")
        .setting("desktop", "autostart = false");
    let seat = Seat::start(bus).await?;
    let ended = seat.show_nothing_at_log_on(&desk.home, &not_wanted).await?;
    ensure!(ended.success(), "{ended}");
    ensure!(!desk.home.endpoint_file().exists(), "an agent was started");

    let seat = Seat::start(bus).await?;
    let tray = seat.show_at_log_on(&desk.home, &plan).await?;
    tray.host.until_icon("no-card").await.map(drop)
}

#[tokio::test]
async fn one_that_will_not_stay_at_log_on_sends_no_other_away() -> Result<()> {
    let desk = Desk::new().await?;
    let plan = desk
        .plan("http://127.0.0.1:9")
        .setting("desktop", "autostart = false");
    let seat = Seat::start(desk.keyring.bus()).await?;
    let tray = seat.show_while_settings_are_read(&desk.home, &plan).await?;
    desk.reader.insert(NHS_CARD);
    tray.host.until_icon("card").await.map(drop)
}

#[tokio::test]
async fn without_a_screen_it_says_so() -> Result<()> {
    let desk = Desk::new().await?;
    let (status, said) = desktop::without_a_screen(&desk.home).await?;
    assert_eq!(status.code(), Some(1));
    assert!(
        said.contains("DISPLAY") && said.contains("cardea run"),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn without_the_library_for_icons_it_says_what_to_install() -> Result<()> {
    let desk = Desk::new().await?;
    let (status, said) = desktop::without_indicators(&desk.home).await?;
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("install the package libayatana"), "{said}");
    Ok(())
}
