//! What becomes of the window, and what that does to the rest: nothing.

use anyhow::{Result, ensure};
use rustix::process::Signal;

use super::at_work::opened;
use crate::harness::desktop::accessible::{BUTTON, ScreenReader, Thing};
use crate::harness::desktop::place::Place;
use crate::harness::desktop::{Aids, Screen, Window};

/// The tray's message about a window that ended.
const ENDED: &str = "message window-ended";
/// What is said where the tray stays.
const STAYS: &str = "Cardea is still running";

/// Reads the message in this window, and answers by the button of this name.
async fn answer(reader: &ScreenReader, message: &Window, text: &str, button: &str) -> Result<()> {
    let has = |things: &[Thing], text: &str| things.iter().any(|thing| thing.name.contains(text));
    let find = |things: &[Thing]| {
        let button = things
            .iter()
            .find(|one| one.role == BUTTON && one.name == button);
        button.filter(|_| has(things, text)).cloned()
    };
    let button = reader.until(message.process(), find).await?;
    reader.press(&button).await
}

async fn told_that_it_ended(place: &Place, screen: &Screen) -> Result<()> {
    let reader = ScreenReader::start(place.desk.keyring.bus()).await?;
    let message = screen.window_of(ENDED).await?;
    answer(
        &reader,
        &message,
        "Cardea's window ended unexpectedly.",
        "OK",
    )
    .await?;
    message.ended().await
}

#[tokio::test]
async fn a_second_start_brings_the_window_forward_at_the_view_that_is_asked_for() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let screen = &place.tray.screen;
    let (window, page) = opened(&place, "Open Cardea").await?;
    page.is_at("Now").await?;
    screen.is_in_front(&window).await?;
    place.tray.host.choose("About Cardea").await?;
    page.is_at("About").await?;

    let other = ["message", "no-web-view"];
    let mut other = screen.command(&place.desk.home).args(other).spawn()?;
    let in_front = screen.window_of("message no-web-view").await?;
    screen.is_in_front(&in_front).await?;
    let programs = ["window", "--view", "programs"];
    ensure!(
        place
            .tray
            .start_again(&place.desk.home, &programs)
            .await?
            .success()
    );
    page.is_at("Programs").await?;
    screen.is_in_front(&window).await?;
    other.kill().await?;

    // A second tray opens what there is.
    ensure!(
        place
            .tray
            .start_again(&place.desk.home, &[])
            .await?
            .success()
    );
    page.is_at("Now").await
}

#[tokio::test]
async fn a_window_that_is_killed_takes_nothing_with_it() -> Result<()> {
    let mut place = Place::with_windows(Aids::ScreenReader).await?;
    place.sign_in().await?;
    let (window, _page) = opened(&place, "Open Cardea").await?;
    window.signal(Signal::KILL)?;
    told_that_it_ended(&place, &place.tray.screen).await?;
    let (_window, page) = place.tray.open("Open Cardea").await?;
    page.shows("Signs out in").await.map(drop)
}

#[tokio::test]
async fn a_page_that_is_lost_ends_its_window() -> Result<()> {
    let mut place = Place::with_windows(Aids::ScreenReader).await?;
    place.sign_in().await?;
    let (window, _page) = opened(&place, "Open Cardea").await?;
    rustix::process::kill_process(window.page_process()?, Signal::KILL)?;
    window.ended().await?;
    told_that_it_ended(&place, &place.tray.screen).await?;
    place.tray.host.until_icon("signed-in").await.map(drop)
}

#[tokio::test]
async fn a_page_that_hangs_shows_nobody_who_has_signed_out() -> Result<()> {
    let mut place = Place::with_windows(Aids::ScreenReader).await?;
    place.sign_in().await?;
    let (window, page) = opened(&place, "Open Cardea").await?;
    drop(page);
    rustix::process::kill_process(window.page_process()?, Signal::STOP)?;
    place.desk.reader.remove();
    window.ended().await?;
    told_that_it_ended(&place, &place.tray.screen).await?;
    place.tray.host.until_icon("no-card").await.map(drop)
}

#[tokio::test]
async fn a_window_that_hangs_is_ended_when_the_user_says_so() -> Result<()> {
    let mut place = Place::with_windows(Aids::ScreenReader).await?;
    place.sign_in().await?;
    let (hung, page) = opened(&place, "Open Cardea").await?;
    drop(page);
    hung.signal(Signal::STOP)?;

    place.tray.host.choose("Check this computer…").await?;
    let reader = ScreenReader::start(place.desk.keyring.bus()).await?;
    let screen = &place.tray.screen;
    let question = screen.other_window_of("window", &hung).await?;
    answer(&reader, &question, "Cardea's window does not answer.", "No").await?;
    question.ended().await?;

    place.tray.host.choose("Check this computer…").await?;
    let question = screen.other_window_of("window", &hung).await?;
    answer(
        &reader,
        &question,
        "Cardea's window does not answer.",
        "Yes",
    )
    .await?;
    hung.ended().await?;
    let page = screen.page().await?;
    page.is_at("This computer").await?;
    place.tray.host.until_icon("signed-in").await.map(drop)
}

#[tokio::test]
async fn closing_the_window_leaves_the_tray_which_is_said_once() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let screen = &place.tray.screen;
    let (window, page) = opened(&place, "Open Cardea").await?;
    drop(page);
    window.close(screen).await?;
    place.tray.host.told(STAYS).await?;
    window.ended().await?;

    let (window, page) = place.tray.open("Open Cardea").await?;
    page.is_at("Now").await?;
    drop(page);
    window.close(screen).await?;
    window.ended().await?;
    let told = place.tray.host.told_so_far().await;
    ensure!(told.iter().all(|told| told.title != STAYS), "{told:?}");
    place.desk.reader.unplug();
    place.tray.host.until_icon("no-reader").await.map(drop)
}

#[tokio::test]
async fn quitting_closes_the_window_too() -> Result<()> {
    let mut place = Place::with_windows(Aids::None).await?;
    place.sign_in().await?;
    let (window, page) = opened(&place, "Open Cardea").await?;
    page.shows("Signs out in").await?;
    place.tray.host.choose("Sign out and quit Cardea").await?;
    window.ended().await?;
    ensure!(place.tray.ended().await?.success());
    Ok(())
}
