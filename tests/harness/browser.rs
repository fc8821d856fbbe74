//! A real, headless Chromium (`tests/provider/browser.mjs`).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::node::{NodeProgram, Output};

/// The running browser with its tabs; dropping it closes it, wherever it is.
pub struct Browser {
    program: NodeProgram,
    output: Output,
}

/// What the page shows.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The address shown.
    pub url: String,
    /// The title.
    pub title: String,
    /// The text that can be seen.
    pub text: String,
}

/// Requests to one path.
#[derive(Debug, Deserialize)]
pub struct Requests {
    /// Since the browser was started.
    pub begun: u32,
    /// Those that have not ended.
    pub open: u32,
}

impl Browser {
    /// Starts an empty browser without any history.
    pub async fn start() -> Result<Self> {
        let (program, mut output) = NodeProgram::start("browser.mjs")?;
        let ready = output.next_soon(&program).await?;
        if ready["ready"] != true {
            bail!("the browser is not ready: {ready}");
        }
        Ok(Self { program, output })
    }

    /// Opens an address and waits for the page.
    pub async fn open(&mut self, url: &str) -> Result<Page> {
        self.page(&json!({"open": url})).await
    }

    /// Waits for an element.
    pub async fn wait_for(&mut self, selector: &str) -> Result<Page> {
        self.page(&json!({"wait": selector})).await
    }

    /// Waits for a page whose address starts like this.
    pub async fn arrive_at(&mut self, start: &str) -> Result<Page> {
        self.page(&json!({"arrive": start})).await
    }

    /// Types into a field.
    pub async fn fill(&mut self, selector: &str, value: &str) -> Result<()> {
        self.command(&json!({"fill": selector, "value": value}))
            .await
            .map(drop)
    }

    /// Presses a button or follows a link.
    pub async fn press(&mut self, selector: &str) -> Result<()> {
        self.command(&json!({"press": selector})).await.map(drop)
    }

    /// What follows is about this tab, which is opened when there is none; the first is 0.
    pub async fn tab(&mut self, number: u32) -> Result<()> {
        self.command(&json!({"tab": number})).await.map(drop)
    }

    /// Closes a tab.
    pub async fn close(&mut self, number: u32) -> Result<()> {
        self.command(&json!({"close": number})).await.map(drop)
    }

    /// Freezes the tab, as a browser does with one that is not looked at.
    pub async fn freeze(&mut self) -> Result<()> {
        self.command(&json!({"freeze": true})).await.map(drop)
    }

    /// Wakes a frozen tab.
    pub async fn wake(&mut self) -> Result<()> {
        self.command(&json!({"freeze": false})).await.map(drop)
    }

    /// Runs a script in each page that is opened from now on, before its own.
    pub async fn prepare(&mut self, script: &str) -> Result<()> {
        self.command(&json!({"script": script})).await.map(drop)
    }

    /// What an expression is worth in the page.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let mut answer = self.command(&json!({"evaluate": expression})).await?;
        Ok(answer["value"].take())
    }

    /// How often each HTTP status came to the tab's page since this was last asked, and none when it
    /// never was; waits until each of `least` came so often. What is kept from the page counts too,
    /// and so do preflights and WebSockets.
    pub async fn statuses(&mut self, least: &BTreeMap<u16, usize>) -> Result<BTreeMap<u16, usize>> {
        let mut answer = self.command(&json!({"statuses": least})).await?;
        Ok(serde_json::from_value(answer["statuses"].take())?)
    }

    /// Waits until so many requests to a path that ends like this were begun in all tabs, and gives
    /// how many are under way.
    pub async fn requests(&mut self, end: &str, reach: u32) -> Result<Requests> {
        let answer = self
            .command(&json!({"requests": end, "reach": reach}))
            .await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// Takes a picture of the page.
    pub async fn screenshot(&mut self, file: &Path) -> Result<()> {
        self.command(&json!({"screenshot": file})).await.map(drop)
    }

    /// Types the passcode at the test provider, whose passcode page is shown.
    pub async fn enter_passcode(&mut self, passcode: &str) -> Result<()> {
        self.fill("#pin", passcode).await?;
        self.press("text=Continue").await
    }

    /// Chooses a role at the test provider, once it asks.
    pub async fn choose_role(&mut self, person_roleid: &str) -> Result<()> {
        let button = format!("button[name=role][value='{person_roleid}']");
        self.wait_for(&button).await?;
        self.press(&button).await
    }

    async fn page(&mut self, command: &Value) -> Result<Page> {
        Ok(serde_json::from_value(self.command(command).await?)?)
    }

    async fn command(&mut self, command: &Value) -> Result<Value> {
        self.program.say(command).await?;
        let answer = self.output.next_soon(&self.program).await?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{command}: {error}");
        }
        Ok(answer)
    }
}
