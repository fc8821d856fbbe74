//! The main job: card in, signed in, every program knows; card out, every program knows.

use anyhow::Result;

use crate::harness::workstation::Workstation;

#[tokio::test]
async fn a_removed_card_ends_the_session_for_everybody() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let snapshot = stream.until_state("active").await?;
    assert_eq!(snapshot["session"]["card_bound"], true);
    assert_eq!(snapshot["environment"], "custom");

    workstation.reader.remove();
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    assert_eq!(ended.data["session_id"], snapshot["session"]["id"]);
    stream.until_state("no_card").await?;
    assert!(workstation.snapshot().await?.session.is_none());
    workstation.cleaned_up().await
}
