//! The card is taken out while somebody signs in, at each step: never a session, and the provider
//! gets back what it gave out.

use anyhow::Result;
use cardea_simulator::browser::{BrowseError, Page};
use cardea_simulator::provider::{AnswerFault, Endpoint, Fault, Step};

use crate::harness::stream::Stream;
use crate::harness::workstation::{NHS_CARD, Workstation};

/// Takes the card out and sees that the login ends for that.
async fn pull(workstation: &Workstation, stream: &mut Stream) -> Result<()> {
    workstation.reader.remove();
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "card_removed_during_login");
    let after = stream.until_state("no_card").await?;
    assert_eq!(after["failure"]["code"], "card_removed_during_login");
    Ok(())
}

/// Sees that there was no session, that none comes when the card is back, that the provider got
/// everything back, and that the next login is not hindered.
async fn came_to_nothing(mut workstation: Workstation, stream: &mut Stream) -> Result<()> {
    workstation.cleaned_up().await?;
    workstation.provider.clear_faults();
    workstation.reader.insert(NHS_CARD);
    let back = stream.until_state("card_present").await?;
    assert!(back.get("session").is_none());
    assert!(!stream.raw.contains("session.started"), "{}", stream.raw);

    workstation.sign_in_by_tool(stream).await?;
    let told = stream.raw.clone();
    workstation.leaks_nothing(&[&told]).await.map(drop)
}

/// The user goes on, and is told by the page where the browser comes back to, or by none when that
/// page has gone already.
fn told_of_no_session(page: Result<Page, BrowseError>) {
    match page {
        Ok(page) => {
            let told = page.content.contains("card_removed_during_login");
            assert!(told, "{page:?}");
        }
        Err(error) => assert!(matches!(error, BrowseError::Connect { .. }), "{error}"),
    }
}

#[tokio::test]
async fn before_the_browser_opens() -> Result<()> {
    let (workstation, mut stream) = Workstation::with_a_card().await?;
    let silent = Fault::Answer(Endpoint::Discovery, AnswerFault::Hangs);
    workstation.provider.add_fault(silent);
    workstation.ask_for_login_only().await?;
    stream.until_state("signing_in").await?;
    pull(&workstation, &mut stream).await?;
    assert_eq!(workstation.provider.log().grants(), 0);
    came_to_nothing(workstation, &mut stream).await
}

/// The user has come to this step when the card leaves, and goes on all the same; so many sets of
/// tokens are given out.
async fn held_at(step: Step, tokens: usize) -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let (hold, visit) = workstation.sign_in_held_at(step).await?;
    pull(&workstation, &mut stream).await?;
    hold.release();
    told_of_no_session(visit.await?);
    assert_eq!(workstation.provider.log().grants(), tokens);
    came_to_nothing(workstation, &mut stream).await
}

#[tokio::test]
async fn at_the_provider() -> Result<()> {
    held_at(Step::Authorize, 0).await
}

#[tokio::test]
async fn at_the_callback() -> Result<()> {
    held_at(Step::Callback, 0).await
}

#[tokio::test]
async fn during_the_token_call() -> Result<()> {
    held_at(Step::Token, 1).await
}

#[tokio::test]
async fn during_the_userinfo_call() -> Result<()> {
    held_at(Step::UserInfo, 1).await
}

/// A card that is put back at once is another insertion.
#[tokio::test]
async fn and_put_back_at_once() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let (hold, visit) = workstation.sign_in_held_at(Step::Token).await?;
    workstation.reader.remove();
    workstation.reader.insert(NHS_CARD);
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "card_removed_during_login");
    hold.release();
    told_of_no_session(visit.await?);
    workstation.cleaned_up().await?;
    assert!(workstation.snapshot().await?.session.is_none());
    assert!(!stream.raw.contains("session.started"), "{}", stream.raw);
    Ok(())
}
