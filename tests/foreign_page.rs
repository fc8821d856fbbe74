//! Pages that are nobody's program, in a real Chromium: whatever they send, and even with tokens
//! that they stole, they read nothing and change nothing.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::harness::agent::App;
use crate::harness::browser::Browser;
use crate::harness::site::Site;
use crate::harness::workstation::Workstation;

#[tokio::test]
async fn a_foreign_page_reads_nothing_and_changes_nothing() -> Result<()> {
    let paged = App {
        origins: vec!["https://gp.example".to_owned()],
        ..App::new("gp")
    };
    let (workstation, mut stream) = Workstation::signed_in_with(|plan| plan.app(&paged)).await?;
    let before = workstation.snapshot().await?;
    let mut site = Site::new().await?;
    let port = workstation.agent.port();
    let page = include_str!("pages/foreign.html")
        .replace("AGENT_PORT", port)
        .replace("NATIVE_TOKEN", &workstation.app.token)
        .replace("PAGE_TOKEN", &paged.token);
    site.show(page);
    let mut browser = Browser::start().await?;
    // Another origin than any address of the agent.
    browser.open(&site.origin("localhost")).await?;
    let done = browser.wait_for("#done").await?;
    let outcomes: Value = serde_json::from_str(&done.text).context(done.text.clone())?;
    let outcomes = outcomes.as_object().context("no outcomes")?;
    ensure!(outcomes.len() >= 25, "{outcomes:?}");
    for (attack, outcome) in outcomes {
        ensure!(
            ["failed", "opaque", "sent"].contains(&outcome.as_str().unwrap_or_default()),
            "{attack}: {outcome}"
        );
    }
    // The requests did reach the agent: with no agent there this one fails.
    let reached = format!("no-cors get 127.0.0.1:{port}");
    ensure!(outcomes[&reached] == "opaque", "{outcomes:?}");
    // What a page can send without reading the answer did nothing either.
    let after = workstation.snapshot().await?;
    assert_eq!(
        (before.revision, before.state),
        (after.revision, after.state)
    );
    assert!(after.session.is_some() && after.login.is_none());
    workstation.reader.remove();
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    Ok(())
}
