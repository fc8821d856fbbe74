//! The page of the window, used as the clinician uses it.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::driver::{Driver, Reins};
use crate::harness::agent::LIMIT;

/// Looks until it finds something: at once, and after each change of the page.
const UNTIL: &str = "
    const [wanted, done] = arguments;
    const find = (LOOK);
    const look = () => {
        const found = find(wanted);
        if (!found) return false;
        observer.disconnect();
        done(found);
        return true;
    };
    const observer = new MutationObserver(look);
    if (!look()) {
        const everything = {subtree: true, childList: true, characterData: true, attributes: true};
        observer.observe(document, everything);
    }";

/// What can be pressed, by the name that it is read by.
const BUTTON: &str = "name => [...document.querySelectorAll('button, summary')].find(one =>
    one.ariaDisabled !== 'true' && (one.ariaLabel ?? one.textContent).trim() === name)";

/// What is labelled so.
const FIELD: &str = "label => [...document.querySelectorAll('label')]
    .find(one => one.textContent.trim() === label)?.control";

/// What is shown below the header.
const TEXT: &str = "(document.querySelector('main')?.innerText ?? '')";

/// An element of the page (W3C WebDriver, 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What is said of an element that is not where it was (W3C WebDriver, 6.6).
const MOVED: [&str; 2] = ["element not interactable", "stale element"];

/// The page, held by its driver.
pub struct Page {
    driver: Driver,
}

impl Page {
    pub(super) async fn attach(view: &Reins) -> Result<Self> {
        let driver = Driver::attach(view).await?;
        let page = Self { driver };
        page.until("() => document.querySelector('h1')", &Value::Null)
            .await?;
        Ok(page)
    }

    /// Runs a script in the page, the body of a function; gives what it returns.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        let body = json!({"script": script, "args": arguments});
        self.driver.command("execute/sync", &body).await
    }

    /// The same with a script that calls its last argument once it is done.
    pub async fn wait(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        let body = json!({"script": script, "args": arguments});
        self.driver.command("execute/async", &body).await
    }

    /// Waits until `look`, a function in the page, finds something; gives it.
    pub async fn until(&self, look: &str, wanted: &Value) -> Result<Value> {
        let script = UNTIL.replace("LOOK", look);
        match self.wait(&script, std::slice::from_ref(wanted)).await {
            Ok(found) => Ok(found),
            Err(error) => {
                let text = self.text().await.unwrap_or_default();
                Err(error).with_context(|| format!("waiting for {wanted} in {text:?}"))
            }
        }
    }

    /// What is shown below the header.
    pub async fn text(&self) -> Result<String> {
        let text = self.run(&format!("return {TEXT}"), &[]).await?;
        Ok(text.as_str().context("no text")?.to_owned())
    }

    /// Waits until this is shown; gives everything that is.
    pub async fn shows(&self, text: &str) -> Result<String> {
        let look = format!("wanted => {TEXT}.includes(wanted) && {TEXT}");
        let found = self.until(&look, &json!(text)).await?;
        Ok(found.as_str().context("no text")?.to_owned())
    }

    /// Waits until this is shown no more; gives everything that is.
    pub async fn hides(&self, text: &str) -> Result<String> {
        let look = format!("text => !{TEXT}.includes(text) && {TEXT}");
        let found = self.until(&look, &json!(text)).await?;
        Ok(found.as_str().context("no text")?.to_owned())
    }

    /// Waits until a screen reader is given this to say.
    pub async fn says(&self, text: &str) -> Result<()> {
        let look = "text => [...document.querySelectorAll('[aria-live]')]
            .some(region => region.textContent.trim() === text)";
        self.until(look, &json!(text)).await.map(drop)
    }

    /// Waits until this is the heading of the view.
    pub async fn is_at(&self, view: &str) -> Result<()> {
        let look = "view => document.querySelector('h1')?.textContent === view";
        self.until(look, &json!(view)).await.map(drop)
    }

    /// Goes to a view by its tab.
    pub async fn go_to(&self, view: &str) -> Result<()> {
        let look = "view => document.querySelector(`header a[href='#${view}']`)";
        self.click(look, view).await
    }

    /// Presses the button of this name, once it can be pressed.
    pub async fn press(&self, name: &str) -> Result<()> {
        self.click(BUTTON, name).await
    }

    /// What a function in the page says of that button.
    pub async fn of_button(&self, name: &str, function: &str) -> Result<Value> {
        self.said_of(BUTTON, name, function).await
    }

    /// Waits until there is no such button.
    pub async fn has_no(&self, name: &str) -> Result<()> {
        let look = format!("name => !({BUTTON})(name)");
        self.until(&look, &json!(name)).await.map(drop)
    }

    /// Types into the field with this label, in place of what is there.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.until(FIELD, &json!(label)).await?;
        self.act(&field, "clear", &json!({})).await?;
        self.act(&field, "value", &json!({"text": text})).await
    }

    /// Sets or clears the mark at this label.
    pub async fn tick(&self, label: &str) -> Result<()> {
        let look = "label => [...document.querySelectorAll('label')]
            .find(one => one.textContent.trim() === label)";
        self.click(look, label).await
    }

    /// What a function in the page says of the field with this label; waits until it is something.
    pub async fn of_field(&self, label: &str, function: &str) -> Result<Value> {
        self.said_of(FIELD, label, function).await
    }

    async fn said_of(&self, look: &str, name: &str, function: &str) -> Result<Value> {
        let look = format!(
            "name => {{
            const one = ({look})(name);
            return one && {{said: ({function})(one)}};
        }}"
        );
        Ok(self.until(&look, &json!(name)).await?["said"].take())
    }

    /// A picture of what the window shows, as PNG, once it is painted.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let painted = "const [done] = arguments;
            requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.wait(painted, &[]).await?;
        let picture = self.driver.ask("screenshot").await?;
        Ok(STANDARD.decode(picture.as_str().context("no picture")?)?)
    }

    /// Clicks what is found. It may be replaced or moved between the look and the click: then it is
    /// looked for again.
    async fn click(&self, look: &str, wanted: &str) -> Result<()> {
        let click = async {
            loop {
                let element = self.until(look, &json!(wanted)).await?;
                let scroll = "arguments[0].scrollIntoView({block: 'center'})";
                self.run(scroll, std::slice::from_ref(&element)).await?;
                let clicked = self.act(&element, "click", &json!({})).await;
                let refusal = clicked.as_ref().err().map(ToString::to_string);
                let is_moved = |why: &str| MOVED.iter().any(|code| why.starts_with(code));
                if !refusal.as_deref().is_some_and(is_moved) {
                    return clicked;
                }
            }
        };
        let clicked = timeout(LIMIT, click).await;
        clicked.with_context(|| format!("{wanted:?} cannot be clicked"))?
    }

    async fn act(&self, element: &Value, what: &str, body: &Value) -> Result<()> {
        let id = element[ELEMENT].as_str().context("no element")?;
        let command = format!("element/{id}/{what}");
        self.driver.command(&command, body).await.map(drop)
    }
}
