//! The sample clinical program: a web page that `cardea-dev sample` serves.

use std::process::Stdio;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::agent::{App, Home, LIMIT};
use super::browser::Browser;
use super::programs;

/// Notes each view that the page shows, from its beginning.
const NOTE_VIEWS: &str = "window.views = [];
    new MutationObserver(() => {
        const view = document.body?.dataset.view;
        if (view && view !== window.views.at(-1)) window.views.push(view);
    }).observe(document, { attributes: true, childList: true, subtree: true });";

/// The running page server; killed when dropped.
pub struct SampleProgram {
    /// Where the page is.
    pub url: String,
    /// What the agent has to know of it.
    pub app: App,
    _child: Child,
    _output: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl SampleProgram {
    /// Starts it for the user of `home`, whose agent it finds when that runs.
    pub async fn start(home: &Home) -> Result<Self> {
        let folder = TempDir::new()?;
        let token_file = folder.path().join("token");
        let mut child = Command::new(programs::cardea_dev())
            .args(["sample", "--port", "0", "--token-file"])
            .arg(&token_file)
            .env("XDG_RUNTIME_DIR", home.runtime())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?).lines();
        let first = timeout(LIMIT, output.next_line()).await??;
        let first = first.context("the sample program has ended")?;
        let url = first.rsplit(' ').next().context("no address")?.to_owned();
        Ok(Self {
            app: App {
                token: std::fs::read_to_string(&token_file)?,
                origins: vec![url.trim_end_matches('/').to_owned()],
                ..App::new("sample")
            },
            url,
            _child: child,
            _output: output,
            _folder: folder,
        })
    }
}

/// A browser that notes which views the page shows.
pub async fn browser() -> Result<Browser> {
    let mut browser = Browser::start().await?;
    browser.prepare(NOTE_VIEWS).await?;
    Ok(browser)
}

/// Waits for a view of the page.
pub async fn see(browser: &mut Browser, view: &str) -> Result<String> {
    let page = browser
        .wait_for(&format!("body[data-view={view}]"))
        .await
        .with_context(|| format!("the page is never {view}"))?;
    Ok(page.text)
}

/// The views that the page showed since this was asked last; the first is the one of then.
pub async fn views(browser: &mut Browser) -> Result<Vec<String>> {
    let views =
        browser.evaluate("window.views.splice(0, window.views.length - 1).concat(window.views)");
    Ok(serde_json::from_value(views.await?)?)
}
