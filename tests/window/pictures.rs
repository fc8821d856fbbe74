//! Takes the pictures of the documentation, of the real window in both themes:
//! `UPDATE=1 cargo test -p end-to-end --test end-to-end -- --ignored window::pictures`. Without
//! `UPDATE` every view is taken in both themes, to be looked at, into the folder of built programs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::programs::Asking;
use crate::harness::browser::Browser;
use crate::harness::desktop::place::{Place, SIGN_IN};
use crate::harness::desktop::{Aids, Page, Seat};
use crate::harness::palette;
use crate::harness::provider::{Credential, FLO, NURSE_AT_SURGERY, Provider};
use crate::harness::workstation::certified::{self, redirect_uri};
use crate::harness::workstation::{Desk, NHS_CARD, SECRET};

/// The views that the documentation shows in the dark theme too.
const DARK: [&str; 3] = ["now-signed-in", "programs", "computer"];
/// As many bytes a picture may have.
const LARGEST: usize = 40 * 1024;

/// Where the pictures of one theme go.
struct Pictures {
    theme: &'static str,
    folder: PathBuf,
    /// Or only those that the documentation shows.
    has_all: bool,
}

impl Pictures {
    /// Takes one of what the window shows.
    async fn take(&self, page: &Page, name: &str) -> Result<()> {
        // Where the last button was pressed does not matter.
        page.run("document.activeElement?.blur(); scrollTo(0, 0)", &[])
            .await?;
        let is_in_docs = match self.theme {
            "dark" => DARK.contains(&name),
            _ => name != "about",
        };
        if !self.has_all && !is_in_docs {
            return Ok(());
        }
        let picture = palette::reduced(&page.picture().await?)?;
        ensure!(picture.len() <= LARGEST, "{name}: {} bytes", picture.len());
        let file = self.folder.join(format!("{name}-{}.png", self.theme));
        std::fs::write(&file, picture).with_context(|| file.display().to_string())
    }
}

async fn place(gtk_theme: &str, port: u16) -> Result<Place<Provider>> {
    let provider = certified::provider(Credential::Secret(SECRET.into()), port).await?;
    let mut desk = Desk::new().await?;
    desk.home = desk.home.env("GTK_THEME", gtk_theme);
    let plan = certified::plan(&desk, &provider, port);
    let seat = Seat::with_windows(desk.keyring.bus(), Aids::None).await?;
    Place::at(seat, desk, &plan, provider).await
}

async fn take(pictures: &Pictures, gtk_theme: &str, port: u16) -> Result<()> {
    let mut place = place(gtk_theme, port).await?;
    let (_window, page) = place.tray.open("Open Cardea").await?;
    page.is_at("Welcome to Cardea").await?;
    pictures.take(&page, "welcome").await?;
    page.press("Continue").await?;

    // Some removals for the chart.
    for _ in 0..6 {
        place.desk.reader.insert(NHS_CARD);
        page.shows("A card is in the reader, nobody is signed in")
            .await?;
        place.desk.reader.remove();
        page.shows("No card is in the reader").await?;
    }
    place.desk.reader.insert(NHS_CARD);
    page.shows("A card is in the reader, nobody is signed in")
        .await?;
    pictures.take(&page, "now-card").await?;

    page.press(SIGN_IN).await?;
    let mut browser = Browser::start().await?;
    browser.open(&place.desk.pages.next().await?).await?;
    browser.enter_passcode(FLO).await?;
    browser.choose_role(NURSE_AT_SURGERY).await?;
    browser
        .arrive_at(&redirect_uri(port).replace("callback", ""))
        .await?;
    page.shows("Flo Nurse").await?;
    pictures.take(&page, "now-signed-in").await?;
    if pictures.theme == "light" {
        // The page is the same in both.
        let file = pictures.folder.join("browser.png");
        browser.screenshot(&file).await?;
        std::fs::write(&file, palette::reduced(&std::fs::read(&file)?)?)?;
    }

    page.go_to("programs").await?;
    let _asking = Asking::at(&place).await?;
    page.shows("Letters").await?;
    pictures.take(&page, "programs").await?;

    page.go_to("computer").await?;
    page.press("Run the checks").await?;
    page.shows("Checks done:").await?;
    pictures.take(&page, "computer").await?;
    page.go_to("readers").await?;
    page.shows("ATR").await?;
    pictures.take(&page, "readers").await?;

    place.desk.reader.remove();
    page.go_to("now").await?;
    page.shows("The card was taken out.").await?;
    pictures.take(&page, "now-signed-out").await?;
    page.go_to("activity").await?;
    page.shows("Signed out.").await?;
    pictures.take(&page, "activity").await?;
    page.go_to("about").await?;
    page.shows("Licence").await?;
    pictures.take(&page, "about").await
}

#[tokio::test]
#[ignore = "writes the pictures of the documentation"]
async fn every_view_in_both_themes() -> Result<()> {
    let has_all = std::env::var_os("UPDATE").is_none();
    let folder = match has_all {
        true => Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures"),
        false => Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/docs/pictures"),
    };
    std::fs::create_dir_all(&folder)?;
    for (theme, gtk_theme, port) in [("light", "Adwaita", 27124), ("dark", "Adwaita:dark", 27125)] {
        let pictures = Pictures {
            theme,
            folder: folder.clone(),
            has_all,
        };
        take(&pictures, gtk_theme, port).await?;
    }
    Ok(())
}
