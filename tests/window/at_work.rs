//! Signing in and out, and who is.

use anyhow::{Result, ensure};
use cardea_simulator::browser::SignIn;

use crate::harness::browser::Browser;
use crate::harness::desktop::place::{Place, SIGN_IN};
use crate::harness::desktop::{Aids, Page, Seat, Window};
use crate::harness::provider::{Credential, FLO, NURSE_AT_SURGERY};
use crate::harness::workstation::certified::{self, redirect_uri};
use crate::harness::workstation::{Desk, NHS_CARD, SECRET};

/// The blue of the NHS's own buttons to log in (`$color_nhsuk-blue`).
const BLUE: &str = "rgb(0, 94, 184)";

/// The window opened from the tray, after what is said at the first start.
pub(super) async fn opened<P>(place: &Place<P>, entry: &str) -> Result<(Window, Page)> {
    let (window, page) = place.tray.open(entry).await?;
    page.press("Continue").await?;
    page.has_no("Continue").await?;
    Ok((window, page))
}

#[tokio::test]
async fn the_first_start_says_once_what_the_program_does() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (window, page) = place.tray.open("Open Cardea").await?;
    page.is_at("Welcome to Cardea").await?;
    page.shows("Other browser tabs stay signed in").await?;
    page.press("Continue").await?;
    page.is_at("Now").await?;
    drop(page);
    window.close(&place.tray.screen).await?;
    window.ended().await?;

    let (_window, page) = place.tray.open("Open Cardea").await?;
    page.is_at("Now").await?;
    page.shows("No card is in the reader").await.map(drop)
}

/// The main job, in a real browser at a certified provider.
#[tokio::test]
async fn a_nurse_signs_in_and_is_signed_out_when_the_card_leaves() -> Result<()> {
    const PORT: u16 = 27123;
    let provider = certified::provider(Credential::Secret(SECRET.into()), PORT).await?;
    let desk = Desk::new().await?;
    let plan = certified::plan(&desk, &provider, PORT);
    let seat = Seat::with_windows(desk.keyring.bus(), Aids::None).await?;
    let mut place = Place::at(seat, desk, &plan, provider).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    page.shows("No card is in the reader").await?;

    place.desk.reader.insert(NHS_CARD);
    page.shows("A card is in the reader, nobody is signed in")
        .await?;
    let colour = page.of_button(SIGN_IN, "one => getComputedStyle(one).backgroundColor");
    assert_eq!(colour.await?, BLUE);
    page.press(SIGN_IN).await?;
    page.shows("Finish signing in in the browser window")
        .await?;
    let mut browser = Browser::start().await?;
    browser.open(&place.desk.pages.next().await?).await?;
    browser.enter_passcode(FLO).await?;
    browser.choose_role(NURSE_AT_SURGERY).await?;
    let origin = redirect_uri(PORT).replace("callback", "");
    ensure!(
        browser
            .arrive_at(&origin)
            .await?
            .text
            .contains("You are signed in")
    );

    let shown = page.shows("Flo Nurse").await?;
    for part in [
        "Nurse Access Role",
        "EXAMPLE SURGERY (A9A5A)",
        "Signs out in",
    ] {
        ensure!(shown.contains(part), "{part} is not in {shown}");
    }
    place.tray.host.until_icon("signed-in").await?;

    place.desk.reader.remove();
    let shown = page.shows("The card was taken out.").await?;
    ensure!(shown.contains("Signed out at"), "{shown}");
    ensure!(
        !shown.contains("Flo") && !shown.contains("EXAMPLE"),
        "{shown}"
    );
    place.tray.host.until_icon("no-card").await.map(drop)
}

#[tokio::test]
async fn a_partner_changes_role_and_signs_out() -> Result<()> {
    let mut place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    place.desk.reader.insert(NHS_CARD);
    let partner = place.provider.people()[1].clone();
    let as_role = |number: usize| SignIn {
        role: Some(partner.roles[number].id.clone()),
        ..SignIn::of(&partner)
    };
    page.press(SIGN_IN).await?;
    place.go_on_in_the_browser_as(&as_role(0)).await?;
    page.shows("Clinical Practitioner Access Role").await?;

    page.press("Change role").await?;
    page.shows("You stay signed in while this is under way.")
        .await?;
    place.go_on_in_the_browser_as(&as_role(1)).await?;
    let shown = page.shows("Privacy Officer").await?;
    ensure!(shown.contains(&partner.name()), "{shown}");

    page.press("Stay signed in").await?;
    page.press("Sign out").await?;
    let shown = page.shows("You signed out.").await?;
    ensure!(!shown.contains(&partner.family_name), "{shown}");
    Ok(())
}

#[tokio::test]
async fn a_login_is_given_up() -> Result<()> {
    let mut place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    place.desk.reader.insert(NHS_CARD);
    page.press(SIGN_IN).await?;
    let opened = place.desk.pages.next().await?;
    page.press("Show the sign-in address").await?;
    let shown = page.of_field("Sign-in address", "one => one.value").await?;
    assert_eq!(shown, opened);
    page.press("Cancel").await?;
    page.shows("A card is in the reader, nobody is signed in")
        .await?;
    page.has_no("Show the sign-in address").await
}

#[tokio::test]
async fn what_is_wrong_is_shown_with_what_to_do() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    place.desk.pcscd.kill();
    let shown = page
        .shows("The smartcard service of this computer is not running.")
        .await?;
    ensure!(shown.contains("What to do:"), "{shown}");
    Ok(())
}
