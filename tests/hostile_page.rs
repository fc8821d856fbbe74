//! A hostile page floods the agent from the browser in which an honest clinical program runs.
//!
//! What was seen in Chromium 156: the browser itself holds the flood back. Of hundreds of
//! requests at once most wait in the browser, so that there were fewer than twenty connections to
//! the agent most of the time and thirty at most, every program's included; WebSockets are opened
//! one after the other. A body without an end gets no further than its preflight. And because the
//! agent answers every stranger at once, no connection is held for long: the honest page got its
//! turn also where it was of the hostile one's site and had to share the browser's connections.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::agent::App;
use crate::harness::browser::Browser;
use crate::harness::site::Site;
use crate::harness::workstation::Workstation;

/// How long a program's duties may take after the flood.
const LIMIT: Duration = Duration::from_secs(30);

/// How long each half of the flood may take: it is the browser's, and its pace is not our concern.
const FLOOD_LIMIT: Duration = Duration::from_secs(120);

const HONEST: u32 = 0;
const HOSTILE: u32 = 1;

/// `pages/hostile.html` sends more, in four waves.
const ANSWERS_AT_LEAST: usize = 500;

/// How often it tells its own site how far it is.
const TOLD: usize = 5;

/// What the honest page saw.
#[derive(Debug, Deserialize)]
struct Seen {
    polls: usize,
    heartbeats: usize,
    failed: Vec<String>,
}

/// The honest page is open, and the hostile one has not begun.
struct Stage {
    browser: Browser,
    workstation: Workstation,
    hostile: Site,
    honest: Site,
}

/// The hostile page is of the agent's own site, 127.0.0.1, which is the most that a page can be
/// without being of its origin. To a browser `localhost` is another site.
async fn stage(honest_host: &str) -> Result<Stage> {
    let (mut honest, mut hostile) = (Site::new().await?, Site::new().await?);
    let origin = honest.origin(honest_host);
    let app = App {
        origins: vec![origin.clone()],
        ..App::new("web")
    };
    let (workstation, _stream) = Workstation::signed_in_with(|plan| plan.app(&app)).await?;
    let agent = &workstation.agent.url;
    let page = include_str!("pages/honest.html").replace("AGENT", agent);
    honest.show(page.replace("TOKEN", &app.token));
    hostile.show(include_str!("pages/hostile.html").replace("AGENT", agent));

    let mut browser = Browser::start().await?;
    browser.open(&origin).await?;
    browser.wait_for("body.snapshot").await?;
    browser.tab(HOSTILE).await?;
    browser.statuses(&BTreeMap::new()).await?;
    browser.open(&hostile.origin("127.0.0.1")).await?;
    let once = BTreeMap::from([(200, 1)]);
    let page_itself = browser.statuses(&once).await?;
    ensure!(page_itself == once, "{page_itself:?}");
    Ok(Stage {
        browser,
        workstation,
        hostile,
        honest,
    })
}

/// Polls as a native program does until `enough`; how often.
async fn polls(workstation: &Workstation, enough: CancellationToken) -> Result<usize> {
    let mut polls = 0;
    while !enough.is_cancelled() {
        let answer = workstation.get("/v1/session").await?;
        ensure!(answer.status() == 200, "poll {polls}: {answer:?}");
        polls += 1;
    }
    Ok(polls)
}

impl Stage {
    async fn seen(&mut self) -> Result<Seen> {
        self.browser.tab(HONEST).await?;
        let seen = self.browser.evaluate("seen").await?;
        Ok(serde_json::from_value(seen)?)
    }
}

#[tokio::test]
async fn a_hostile_page_that_floods_keeps_no_honest_program_from_its_events_and_polls() -> Result<()>
{
    flood(stage("localhost").await?).await
}

#[tokio::test]
async fn a_hostile_page_does_not_even_when_the_honest_one_shares_its_site_and_its_connections()
-> Result<()> {
    flood(stage("127.0.0.1").await?).await
}

async fn flood(mut stage: Stage) -> Result<()> {
    let mut native = stage.workstation.events().await?;
    let before = stage.seen().await?;
    let Stage {
        browser,
        workstation,
        hostile,
        honest,
    } = &mut stage;

    let over = CancellationToken::new();
    let flood = async {
        let _over = over.clone().drop_guard();
        browser.tab(HOSTILE).await?;
        browser.press("button").await?;
        hostile.until_told("wave-2", FLOOD_LIMIT).await?;
        // Half of it is still to come.
        workstation.reader.remove();
        let ended = native.until("session.ended").await?;
        honest.until_told("session.ended", FLOOD_LIMIT).await?;
        hostile.until_told("over", FLOOD_LIMIT).await?;
        browser.wait_for("body.over").await?;
        // The page is idle again, and the browser has counted its answers to the last one.
        let told = BTreeMap::from([(204, TOLD)]);
        anyhow::Ok((ended, browser.statuses(&told).await?))
    };
    let (flooded, polled) = tokio::join!(flood, polls(workstation, over.clone()));
    let (ended, mut statuses) = flooded?;
    assert_eq!(statuses.remove(&204), Some(TOLD), "{statuses:?}");
    assert_eq!(ended.data["reason"], "card_removed");
    ensure!(polled? > 0, "the native program never polled");

    let refusals = [401, 403, 429];
    let others: Vec<_> = statuses
        .keys()
        .filter(|one| !refusals.contains(one))
        .collect();
    ensure!(others.is_empty(), "the flood got {statuses:?}");
    ensure!(
        statuses.values().sum::<usize>() > ANSWERS_AT_LEAST,
        "the flood was none: {statuses:?}"
    );

    let after = stage.seen().await?;
    ensure!(after.polls > before.polls, "{before:?}, then {after:?}");
    let heard = format!("body[data-heartbeats='{}']", after.heartbeats + 1);
    timeout(LIMIT, stage.browser.wait_for(&heard))
        .await
        .context("no heartbeat after the flood")??;
    let at_last = stage.seen().await?;
    ensure!(at_last.failed.is_empty(), "{at_last:?}");
    ensure!(at_last.polls > after.polls, "{after:?}, then {at_last:?}");
    Ok(())
}
