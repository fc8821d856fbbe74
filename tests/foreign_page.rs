//! Pages that are nobody's program, in a real Chromium: whatever they send, and even with tokens
//! that they stole, they read nothing and change nothing.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::harness::agent::App;
use crate::harness::browser::Browser;
use crate::harness::serving;
use crate::harness::workstation::Workstation;

const SCRIPT: &str = include_str!("foreign_page/attack.js");

/// Serves the page at `http://localhost:PORT`, which is another origin than any address of the
/// agent.
struct Site {
    port: u16,
    _task: AbortOnDropHandle<()>,
}

impl Site {
    async fn start(page: String) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let serve = move |stream| answer(stream, page.clone());
        let task = tokio::spawn(serving::each(listener, serve));
        Ok(Self {
            port,
            _task: AbortOnDropHandle::new(task),
        })
    }

    fn address(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }
}

async fn answer(mut stream: TcpStream, page: String) {
    let mut asked = [0; 8192];
    if stream.read(&mut asked).await.is_ok() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
        let text = format!("{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
        let _gone = stream.write_all(text.as_bytes()).await;
    }
}

fn page(port: &str, native: &str, paged: &str) -> String {
    format!(
        "<!doctype html><title>A page</title><body><script>\
         const PORT = '{port}', TOKENS = ['{native}', '{paged}'];\n{SCRIPT}</script></body>"
    )
}

#[tokio::test]
async fn a_foreign_page_reads_nothing_and_changes_nothing() -> Result<()> {
    let paged = App {
        origins: &["https://gp.example"],
        ..App::new("gp")
    };
    let (workstation, mut stream) = Workstation::signed_in_with(|plan| plan.app(&paged)).await?;
    let before = workstation.snapshot().await?;
    let site = Site::start(page(
        workstation.agent.port(),
        &workstation.app.token,
        &paged.token,
    ))
    .await?;
    let mut browser = Browser::start().await?;
    browser.open(&site.address()).await?;
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
