//! The sample clinical program in a real browser: it knows when the card leaves, whatever its tabs
//! are doing.

use anyhow::Result;

use crate::harness::browser::Browser;
use crate::harness::provider::{Credential, FLO, NURSE_AT_SURGERY};
use crate::harness::sample_program::{self, SampleProgram, see, views};
use crate::harness::stream::Stream;
use crate::harness::workstation::{Desk, SECRET, Workstation, certified, succeeded};

/// What only somebody who is signed in may see.
const PATIENT: &str = "Example-Patient";

const STREAM: &str = "/v1/events";

/// Somebody is signed in, and the page is open.
async fn page_signed_in() -> Result<(Workstation, Stream, SampleProgram, Browser)> {
    let desk = Desk::new().await?;
    let program = SampleProgram::start(&desk.home).await?;
    let mut workstation = Workstation::at(desk, |plan| plan.app(&program.app)).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in(&mut stream).await?;
    let mut browser = sample_program::browser().await?;
    browser.open(&program.url).await?;
    assert!(see(&mut browser, "signedIn").await?.contains(PATIENT));
    Ok((workstation, stream, program, browser))
}

#[tokio::test]
async fn a_nurse_signs_in_by_the_button_and_the_screen_locks_when_the_card_leaves() -> Result<()> {
    const PORT: u16 = 27127;
    let desk = Desk::new().await?;
    desk.store_secret().await?;
    let program = SampleProgram::start(&desk.home).await?;
    let provider = certified::provider(Credential::Secret(SECRET.into()), PORT).await?;
    let plan = certified::plan(&desk, &provider, PORT).app(&program.app);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;

    let mut browser = sample_program::browser().await?;
    browser.open(&program.url).await?;
    let locked = see(&mut browser, "signedOut").await?;
    assert!(!locked.contains(PATIENT), "{locked}");
    browser.press("text=Log in with my Care Identity").await?;
    let address = workstation.pages.next().await?;
    browser.tab(1).await?;
    browser.open(&address).await?;
    browser.enter_passcode(FLO).await?;
    browser.choose_role(NURSE_AT_SURGERY).await?;
    browser
        .arrive_at(&format!("http://localhost:{PORT}/"))
        .await?;

    browser.tab(0).await?;
    let open = see(&mut browser, "signedIn").await?;
    for part in [PATIENT, "Flo", "Nurse Access Role at EXAMPLE SURGERY"] {
        assert!(open.contains(part), "{part}: {open}");
    }
    browser.fill("#note", "Sore throat since Monday").await?;
    workstation.reader.remove();
    let locked = see(&mut browser, "signedOut").await?;
    assert!(locked.contains("The card was taken out"), "{locked}");
    for part in [PATIENT, "Flo", "Sore throat"] {
        assert!(!locked.contains(part), "{part}: {locked}");
    }

    stream.until("session.ended").await?;
    workstation.insert(&mut stream).await?;
    let (login, ()) = workstation
        .login_by_tool(async |address| {
            browser.tab(1).await?;
            browser.open(&address).await?;
            browser.enter_passcode(FLO).await?;
            browser.choose_role(NURSE_AT_SURGERY).await
        })
        .await?;
    succeeded(&login)?;
    browser.tab(0).await?;
    see(&mut browser, "signedIn").await?;
    let note = browser.evaluate("document.getElementById('note').value");
    assert_eq!(note.await?, "Sore throat since Monday");
    Ok(())
}

#[tokio::test]
async fn a_page_that_was_frozen_when_the_card_left_never_shows_the_patient_again() -> Result<()> {
    let (workstation, mut stream, _program, mut browser) = page_signed_in().await?;
    views(&mut browser).await?;

    browser.freeze().await?;
    browser.wake().await?;
    see(&mut browser, "signedIn").await?;
    assert_eq!(
        views(&mut browser).await?,
        ["signedIn", "checking", "signedIn"]
    );

    browser.freeze().await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    browser.wake().await?;
    let locked = see(&mut browser, "signedOut").await?;
    assert!(locked.contains("The card was taken out"), "{locked}");
    assert_eq!(
        views(&mut browser).await?,
        ["signedIn", "checking", "signedOut"]
    );
    Ok(())
}

#[tokio::test]
async fn tabs_share_one_stream_another_takes_the_lead_and_all_lock() -> Result<()> {
    let (workstation, _stream, program, mut browser) = page_signed_in().await?;
    for tab in [1, 2] {
        browser.tab(tab).await?;
        browser.open(&program.url).await?;
        see(&mut browser, "signedIn").await?;
    }
    let streams = browser.requests(STREAM, 1).await?;
    assert_eq!((streams.begun, streams.open), (1, 1));

    browser.close(0).await?;
    let streams = browser.requests(STREAM, 2).await?;
    assert_eq!((streams.begun, streams.open), (2, 1));
    workstation.reader.remove();
    for tab in [1, 2] {
        browser.tab(tab).await?;
        let locked = see(&mut browser, "signedOut").await?;
        assert!(locked.contains("The card was taken out"), "{locked}");
        // Checked it may have been, whenever the tab came into view.
        let views = views(&mut browser).await?;
        let ends = views.iter().filter(|view| *view == "signedOut").count();
        assert_eq!(ends, 1, "{views:?}");
    }
    assert_eq!(browser.requests(STREAM, 2).await?.begun, 2);
    Ok(())
}

#[tokio::test]
async fn only_the_page_itself_gets_its_token() -> Result<()> {
    let (_workstation, _stream, program, mut browser) = page_signed_in().await?;
    let page = browser
        .evaluate("document.documentElement.outerHTML + location.href")
        .await?;
    assert!(!page.to_string().contains(&program.app.token));
    browser
        .open("data:text/html,<title>elsewhere</title>")
        .await?;
    let settings = format!(
        "fetch('{}settings.json').then((r) => r.text(), () => 'refused')",
        program.url
    );
    assert_eq!(browser.evaluate(&settings).await?, "refused");
    Ok(())
}
