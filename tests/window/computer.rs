//! The view of this computer: checks, settings, the support bundle.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::process::Child;

use super::at_work::opened;
use crate::harness::desktop::place::Place;
use crate::harness::desktop::{Aids, Page, Seat};
use crate::harness::workstation::Desk;
use crate::support_bundle::unpacked;

const RUN: &str = "Run the checks";
const CHECK: &str = "Check this computer…";

/// Keeps what is shown of the checks' progress, line by line.
const WATCH_PROGRESS: &str = "
    window.progress = [];
    new MutationObserver(() => {
        const line = document.querySelector('progress')?.previousElementSibling?.textContent;
        if (line && line !== window.progress.at(-1)) window.progress.push(line);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});";

/// Runs the checks; gives what is shown in the end, and the progress that was.
async fn examined(page: &Page) -> Result<(String, Vec<String>)> {
    page.is_at("This computer").await?;
    page.run(WATCH_PROGRESS, &[]).await?;
    page.press(RUN).await?;
    let shown = page.shows("Checks done:").await?;
    let progress = page.run("return window.progress", &[]).await?;
    Ok((shown, serde_json::from_value(progress)?))
}

fn said_one_by_one(progress: &[String]) -> Result<()> {
    let several = |line: &&String| line.starts_with("Checking: ");
    ensure!(progress.iter().filter(several).count() >= 3, "{progress:?}");
    Ok(())
}

#[tokio::test]
async fn the_checks_are_seen_one_by_one_with_what_to_do() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    place.desk.reader.unplug();
    place.tray.host.until_icon("no-reader").await?;
    let (_window, page) = opened(&place, CHECK).await?;
    let (shown, progress) = examined(&page).await?;
    said_one_by_one(&progress)?;
    for part in [
        "Card readers: Needs a look",
        "To do: Connect the reader.",
        "The agent: OK",
        "Run the checks again",
    ] {
        ensure!(shown.contains(part), "{part:?} is not in {shown}");
    }
    Ok(())
}

/// The view without a tray and so without an agent.
struct Alone {
    page: Page,
    _window: Child,
    _seat: Seat,
}

impl Alone {
    async fn at(desk: &Desk, arguments: &[&str]) -> Result<Self> {
        let seat = Seat::with_windows(desk.keyring.bus(), Aids::None).await?;
        let mut window = seat.screen.command(&desk.home);
        let window = window
            .args(["window", "--view", "computer"])
            .args(arguments);
        let window = window.spawn()?;
        let page = seat.screen.page().await?;
        page.press("Continue").await?;
        Ok(Self {
            page,
            _window: window,
            _seat: seat,
        })
    }
}

#[tokio::test]
async fn the_checks_run_where_no_agent_does() -> Result<()> {
    let desk = Desk::new().await?;
    desk.plan("http://127.0.0.1:9").write(&desk.home);
    let config = desk.home.config();
    let alone = Alone::at(&desk, &["--config", config.to_str().context("odd path")?]).await?;
    let (shown, progress) = examined(&alone.page).await?;
    said_one_by_one(&progress)?;
    for part in [
        "The agent: Failed",
        "Card readers: OK",
        "Files others could change: OK",
    ] {
        ensure!(shown.contains(part), "{part:?} is not in {shown}");
    }
    Ok(())
}

#[tokio::test]
async fn a_support_bundle_is_saved_where_the_users_files_go() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, CHECK).await?;
    page.press("Save a support bundle").await?;
    let shown = page.shows("The support bundle was saved: ").await?;
    let file = shown
        .split("was saved: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let file = Path::new(file.context("no file")?);
    ensure!(file.starts_with(place.desk.home.folder()), "{file:?}");
    ensure!(unpacked(file)?.contains_key("index.txt"));
    Ok(())
}

#[tokio::test]
async fn what_policy_holds_is_locked() -> Result<()> {
    let mut desk = Desk::new().await?;
    desk.home = desk.home.with_policy("[desktop]\nshow_name = true\n")?;
    let alone = Alone::at(&desk, &[]).await?;
    let page = &alone.page;
    let held = "one => [one.disabled, one.checked,
        document.getElementById(one.getAttribute('aria-describedby')).textContent]";
    let label = "Show your name in the tooltip and in notifications";
    let held = page.of_field(label, held).await?;
    assert_eq!(held, json!([true, true, "Set by policy"]));
    let free = page
        .of_field("Show “Quit” in the menu", "one => one.disabled")
        .await?;
    assert_eq!(free, json!(false));
    page.shows("/etc/cardea/policy.toml, line 2")
        .await
        .map(drop)
}

/// As `cardea config set` does it.
#[tokio::test]
async fn a_setting_that_is_the_users_is_changed() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, CHECK).await?;
    let label = "Show “Quit” in the menu";
    assert_eq!(
        page.of_field(label, "one => one.checked").await?,
        json!(true)
    );
    page.tick(label).await?;
    page.says(&format!("{label}: saved.")).await?;
    assert_eq!(
        page.of_field(label, "one => one.checked").await?,
        json!(false)
    );
    let shown = page.shows("Your own: ").await?;
    ensure!(shown.contains("user.toml"), "{shown}");
    Ok(())
}
