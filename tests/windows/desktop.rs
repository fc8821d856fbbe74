//! The desktop for Windows: the tray's menu follows the card, and a window that cannot be made is
//! told by a message of the window system.

use anyhow::{Result, ensure};

use crate::harness::desktop::Screen;
use crate::harness::windows_desktop::{WindowsProgram, read_message};
use crate::harness::windows_workstation::WindowsDesk;
use crate::harness::workstation::NHS_CARD;

const READER: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";
/// What can be done whatever is.
const ALWAYS: &str = "open check about quit";

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn the_menu_follows_the_card() -> Result<()> {
    let screen = Screen::start().await?;
    let desk = WindowsDesk::shown_on(&screen).await?;
    let sign_in = format!("sign_in {ALWAYS}");
    let mut tray = WindowsProgram::start(&desk, &[])?;
    tray.until_shows("agent-down", ALWAYS).await?;
    tray.until_shows("no-reader", &sign_in).await?;

    let reader = desk.service.plug(READER);
    tray.until_shows("no-card", &sign_in).await?;
    reader.insert(NHS_CARD);
    tray.until_shows("card", &sign_in).await?;
    reader.remove();
    tray.until_shows("no-card", &sign_in).await?;
    ensure!(tray.all_is_shown(), "the taskbar did not take an icon");
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_window_that_cannot_be_made_is_told_and_leaves_the_tray() -> Result<()> {
    let screen = Screen::start().await?;
    let desk = WindowsDesk::shown_on(&screen).await?;
    let mut tray = WindowsProgram::start(&desk, &[])?;
    tray.until("icon=\"no-reader\"").await?;

    let mut window = WindowsProgram::start(&desk, &["window"])?;
    window.until("the window cannot be shown").await?;
    read_message(&screen).await?;
    let ended = window.ended().await?;
    ensure!(ended.code() == Some(3), "{ended}");

    let _reader = desk.service.plug(READER);
    tray.until("icon=\"no-card\"").await
}
