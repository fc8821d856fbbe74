//! What a screen reader reads of the real window.

use anyhow::{Context as _, Result, ensure};

use super::at_work::opened;
use crate::harness::desktop::Aids;
use crate::harness::desktop::accessible::{
    BUTTON, FRAME, HEADING, IMAGE, LINK, PARAGRAPH, SECTION, ScreenReader, Thing,
};
use crate::harness::desktop::place::{Place, SIGN_IN};
use crate::harness::workstation::NHS_CARD;

fn all(things: &[Thing], role: u32) -> Vec<&str> {
    let named = things.iter().filter(|one| one.role == role);
    named.map(|one| one.name.as_str()).collect()
}

/// What is said of changes with this urgency: the text in the region.
fn said<'a>(things: &'a [Thing], live: &str) -> &'a str {
    let from = things.iter().skip_while(|one| one.live != live).skip(1);
    let mut inside = from.take_while(|one| [SECTION, PARAGRAPH].contains(&one.role));
    let text = inside.find(|one| one.role == PARAGRAPH);
    text.map_or("", |text| &text.text)
}

#[tokio::test]
async fn a_screen_reader_reads_the_window_and_hears_of_changes() -> Result<()> {
    let mut place = Place::with_windows(Aids::ScreenReader).await?;
    let (window, page) = opened(&place, "Open Cardea").await?;
    page.shows("No card is in the reader").await?;
    let reader = ScreenReader::start(place.desk.keyring.bus()).await?;
    let process = window.process();
    let when = async |find: &dyn Fn(&[Thing]) -> bool| {
        let read = |things: &[Thing]| find(things).then(|| things.to_vec());
        reader.until(process, read).await
    };

    let things = when(&|things| all(things, BUTTON).contains(&SIGN_IN)).await?;
    let headings = ["Now", "No card is in the reader", "Card readers"];
    assert_eq!(all(&things, HEADING), headings);
    let links = all(&things, LINK);
    for view in [
        "Skip to main content",
        "About",
        "Now",
        "Programs",
        "Readers",
        "Activity",
        "This computer",
    ] {
        ensure!(links.contains(&view), "{view:?} is not in {links:?}");
    }
    let nameless = things
        .iter()
        .find(|one| [BUTTON, HEADING, LINK, IMAGE].contains(&one.role) && one.name.is_empty());
    ensure!(nameless.is_none(), "{nameless:?}");
    let frame = things
        .iter()
        .find(|one| one.role == FRAME)
        .context("no frame")?;
    assert_eq!(frame.name, "Now – Cardea");

    place.desk.reader.insert(NHS_CARD);
    let seen = format!("Card seen in {}.", place.desk.reader.name());
    when(&|things| said(things, "polite") == seen).await?;

    // By what it reads the user signs in.
    let button = |things: &[Thing]| {
        let found = things
            .iter()
            .find(|one| one.role == BUTTON && one.name == SIGN_IN);
        found.cloned()
    };
    reader.press(&reader.until(process, button).await?).await?;
    place.go_on_in_the_browser().await?;
    let person = place.provider.people()[0].name();
    let signed_in = format!("Signed in: {person}, ");
    when(&|things| said(things, "polite").starts_with(&signed_in)).await?;
    place.desk.reader.remove();
    let signed_out = "Signed out. The card was taken out.";
    when(&|things| said(things, "assertive") == signed_out).await?;
    Ok(())
}
