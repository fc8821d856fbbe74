//! What happens to cards, readers and the card service, as programs see it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_session::{FailureCode, ReaderStateView, State};
use serde_json::{Value, json};

use crate::harness::pcscd::GEMALTO;
use crate::harness::stream::Stream;
use crate::harness::workstation::{NHS_CARD, OTHER_CARD, Workstation};

/// A call to the card service may take some seconds before it counts as lost.
const HANG_LIMIT: Duration = Duration::from_secs(60);

/// The reason that programs are told for the end of the session, and the state after it.
async fn ended(stream: &mut Stream) -> Result<(Value, Value)> {
    let mut ended = stream.until("session.ended").await?;
    let mut after = stream.until("snapshot").await?;
    let reason = ended.data["reason"].take();
    let snapshot = after.data["snapshot"].take();
    assert!(snapshot.get("session").is_none());
    assert_eq!(snapshot["last_end"]["reason"], reason);
    Ok((reason, snapshot["state"].clone()))
}

#[tokio::test]
async fn a_swap_too_fast_to_see_ends_the_session() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    workstation.reader.remove();
    workstation.reader.insert(NHS_CARD);
    let (reason, _state) = ended(&mut stream).await?;
    ensure!(
        reason == "card_swapped" || reason == "card_removed",
        "{reason}"
    );
    workstation.cleaned_up().await?;
    workstation.sign_in_by_tool(&mut stream).await
}

/// Reads snapshots until `last`, and sees that each revision follows on the one before, or that the
/// stream says that some are missing.
async fn every_revision_until(stream: &mut Stream, last: u64) -> Result<usize> {
    let (mut known, mut gaps) = (None, 0);
    loop {
        let event = stream.next().await?.context("the stream ended")?;
        let revision = event.data["revision"].as_u64().context("no revision")?;
        match event.name.as_str() {
            "gap" => {
                gaps += 1;
                known = None;
            }
            "snapshot" => {
                if let Some(known) = known {
                    assert_eq!(revision, known + 1, "a revision is missing without a gap");
                }
                known = Some(revision);
            }
            _ => {
                if let Some(known) = known {
                    assert_eq!(revision, known + 1, "{} is out of order", event.name);
                }
            }
        }
        if known == Some(last) {
            return Ok(gaps);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_subscriber_sees_every_revision_of_a_thousand_swaps() -> Result<()> {
    let (workstation, mut watching) = Workstation::signed_in().await?;
    let mut quick = workstation.events().await?;
    let mut late = workstation.events().await?;
    let reader = std::sync::Arc::new(workstation.reader);
    let swapping = std::sync::Arc::clone(&reader);
    let swaps = std::thread::spawn(move || {
        for number in 0..1000_u16 {
            swapping.remove();
            std::thread::sleep(Duration::from_millis(1));
            let [high, low] = number.to_be_bytes();
            swapping.insert(&[0x3b, 0x02, high, low]);
            std::thread::sleep(Duration::from_millis(1));
        }
        swapping.remove();
        // So that the last change is one that only the end can bring.
        swapping.insert(NHS_CARD);
        swapping.settle();
    });
    let last = loop {
        let snapshot = watching.until("snapshot").await?.data["snapshot"].take();
        let card = &snapshot["readers"][0]["card"];
        if card["name"].is_string() && snapshot["state"] == "card_present" && swaps.is_finished() {
            break snapshot["revision"].as_u64().context("no revision")?;
        }
    };
    swaps.join().ok().context("the swaps failed")?;
    // PC/SC may show two changes as one, but not so many.
    assert!(last > 200, "{last} revisions for a thousand swaps");
    every_revision_until(&mut quick, last).await?;
    every_revision_until(&mut late, last).await?;
    let endings = quick.raw.matches("event: session.ended").count();
    assert_eq!(endings, 1, "one session, one end");
    Ok(())
}

#[tokio::test]
async fn a_session_is_bound_to_every_card_that_was_there() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    let second = workstation.pcscd.plug(GEMALTO);
    workstation.insert(&mut stream).await?;
    second.insert(NHS_CARD);
    stream.until("card.inserted").await?;
    workstation.sign_in(&mut stream).await?;
    let session = stream.until_state("active").await?["session"].take();
    let readers = [workstation.reader.name(), second.name()].map(|name| name.to_string());
    assert_eq!(session["readers"], json!(readers));

    second.remove();
    let (reason, state) = ended(&mut stream).await?;
    assert_eq!(
        (reason, state),
        (json!("card_removed"), json!("card_present"))
    );
    workstation.cleaned_up().await
}

#[tokio::test]
async fn a_card_that_came_later_may_leave() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let second = workstation.pcscd.plug(GEMALTO);
    second.insert(NHS_CARD);
    stream.until("card.inserted").await?;
    second.remove();
    stream.until("card.removed").await?;
    second.unplug();
    let one_reader = async {
        loop {
            let mut event = stream.until("snapshot").await?;
            let snapshot = event.data["snapshot"].take();
            if snapshot["readers"].as_array().map(Vec::len) == Some(1) {
                return anyhow::Ok(snapshot);
            }
        }
    };
    let snapshot = one_reader.await?;
    assert_eq!(snapshot["state"], "active");
    workstation.reader.remove();
    let (reason, _) = ended(&mut stream).await?;
    assert_eq!(reason, "card_removed");
    Ok(())
}

#[tokio::test]
async fn an_unplugged_reader_ends_the_session_and_its_return_does_not_bring_it_back() -> Result<()>
{
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    workstation.reader.unplug();
    let (reason, state) = ended(&mut stream).await?;
    assert_eq!(
        (reason, state),
        (json!("reader_removed"), json!("no_reader"))
    );
    workstation.cleaned_up().await?;

    let again = workstation.pcscd.plug(crate::harness::pcscd::OMNIKEY);
    again.insert(NHS_CARD);
    let back = stream.until_state("card_present").await?;
    assert!(back.get("session").is_none());
    workstation.sign_in_by_tool(&mut stream).await
}

#[tokio::test]
async fn a_killed_card_service_ends_the_session_and_its_return_does_not_bring_it_back() -> Result<()>
{
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    workstation.pcscd.kill();
    let (reason, state) = ended(&mut stream).await?;
    assert_eq!(
        (reason, state),
        (json!("card_service_lost"), json!("unavailable"))
    );
    let failure = workstation
        .snapshot()
        .await?
        .failure
        .context("no failure")?;
    assert_eq!(failure.code, FailureCode::CardServiceStopped);
    workstation.cleaned_up().await?;

    workstation.pcscd.restart();
    let back = stream.until_state("card_present").await?;
    assert!(back.get("session").is_none() && back.get("failure").is_none());
    workstation.sign_in_by_tool(&mut stream).await
}

/// Nobody can know whether the card is still there.
#[tokio::test]
async fn a_hung_card_service_ends_the_session_and_is_back_when_it_goes_on() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    workstation.pcscd.hang();
    let ended = stream.until_within(HANG_LIMIT, "session.ended").await?;
    assert_eq!(ended.data["reason"], "card_service_lost");
    let lost = stream.until_state("unavailable").await?;
    assert_eq!(lost["failure"]["code"], "card_service_stopped");

    workstation.pcscd.go_on();
    let back = stream.until_state("card_present").await?;
    assert!(back.get("failure").is_none(), "{back}");
    assert!(back.get("session").is_none());
    workstation.sign_in_by_tool(&mut stream).await?;
    workstation.reader.remove();
    let (reason, _state) = self::ended(&mut stream).await?;
    assert_eq!(reason, "card_removed");
    Ok(())
}

#[tokio::test]
async fn a_mute_card_is_no_card_to_sign_in_with() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    workstation.reader.insert_mute();
    let shown = stream.until("snapshot").await?.data["snapshot"].take();
    let shown = if shown["readers"][0]["state"] == "mute" {
        shown
    } else {
        stream.until("snapshot").await?.data["snapshot"].take()
    };
    assert_eq!(shown["readers"][0]["state"], "mute");
    assert_eq!(shown["failure"]["code"], "card_unreadable");

    let address = workstation.ask_for_login().await?;
    let page = workstation.sign_in_at(&address).await?;
    assert!(page.content.contains("card_missing"), "{page:?}");
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "card_missing");
    workstation.cleaned_up().await
}

#[tokio::test]
async fn where_only_known_cards_count_another_one_signs_nobody_in() -> Result<()> {
    let mut workstation =
        Workstation::with(|plan| plan.setting("card", "recognise = \"known\"")).await?;
    let mut stream = workstation.events().await?;
    workstation.reader.insert(OTHER_CARD);
    stream.until("card.inserted").await?;
    let snapshot = workstation.snapshot().await?;
    assert_eq!(snapshot.readers[0].state, ReaderStateView::Present);
    let refused = workstation.post("/v1/session/login", "{}").await?;
    assert_eq!(refused.status(), 409);
    let problem: Value = serde_json::from_slice(refused.body())?;
    assert_eq!(problem["code"], "card_not_recognised");
    assert_ne!(workstation.snapshot().await?.state, State::SigningIn);

    workstation.reader.remove();
    stream.until("card.removed").await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await
}
