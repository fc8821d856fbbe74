//! A web view that is driven from outside (W3C WebDriver, by `WebKitWebDriver`).

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use http::{Method, Request};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::harness::agent::LIMIT;
use crate::harness::http::send;

const DRIVER_PORT: u16 = 4444;
const VIEW_PORT: u16 = 4445;
/// So long one driver may take.
const ONE_TRY: Duration = Duration::from_secs(5);

/// Where a program lets its web view be driven: an address of loopback that only one test has, as
/// neither WebKit nor its driver says which port the system gave it.
#[derive(Clone, Debug)]
pub(super) struct Reins(Ipv4Addr);

impl Reins {
    pub(super) fn new() -> Self {
        Self(address())
    }

    /// What the program has in its environment.
    pub(super) fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
            ("WEBKIT_INSPECTOR_SERVER", format!("{}:{VIEW_PORT}", self.0)),
        ]
    }
}

fn address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(2);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high, low, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The driver in hold of a web view; it lets go when dropped.
pub(super) struct Driver {
    session: String,
    _program: Child,
}

impl Driver {
    /// Takes hold of the web view there, as soon as it is. A driver that met the program before its
    /// web view waits for ever, so that another one is tried.
    pub(super) async fn attach(view: &Reins) -> Result<Self> {
        let attach = async {
            loop {
                match timeout(ONE_TRY, Self::try_to_attach(view)).await {
                    Ok(attached) => return attached,
                    Err(_) => continue,
                }
            }
        };
        let attached = timeout(LIMIT, attach).await;
        attached.context("the web view cannot be driven")?
    }

    async fn try_to_attach(view: &Reins) -> Result<Self> {
        let own = address();
        let program = Command::new("WebKitWebDriver")
            .arg(format!("--host={own}"))
            .arg(format!("--port={DRIVER_PORT}"))
            .arg(format!("--target={}:{VIEW_PORT}", view.0))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("WebKitWebDriver")?;
        let driver = format!("http://{own}:{DRIVER_PORT}");
        Ok(Self {
            session: format!("{driver}/session/{}", begin(&driver).await),
            _program: program,
        })
    }

    /// Gives a command of the session, and what comes of it.
    pub(super) async fn command(&self, command: &str, body: &Value) -> Result<Value> {
        let address = format!("{}/{command}", self.session);
        call(Method::POST, &address, body).await
    }

    /// Asks for something.
    pub(super) async fn ask(&self, what: &str) -> Result<Value> {
        let address = format!("{}/{what}", self.session);
        call(Method::GET, &address, &Value::Null).await
    }
}

/// Neither the driver nor the web view says when it listens, so that it is tried again and again.
async fn begin(driver: &str) -> String {
    let limits = json!({"script": LIMIT.as_millis(), "pageLoad": LIMIT.as_millis(), "implicit": 0});
    let wanted = json!({"capabilities": {"alwaysMatch": {"timeouts": limits}}});
    loop {
        let begun = call(Method::POST, &format!("{driver}/session"), &wanted).await;
        let id = begun
            .ok()
            .and_then(|begun| Some(begun["sessionId"].as_str()?.to_owned()));
        if let Some(id) = id {
            return id;
        }
    }
}

async fn call(method: Method, address: &str, body: &Value) -> Result<Value> {
    let body = match method {
        Method::GET => String::new(),
        _ => body.to_string(),
    };
    let request = Request::builder().method(method).uri(address);
    let answer = send(request.body(body)?).await?;
    let mut answer: Value = serde_json::from_slice(answer.body())?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        bail!("{error}: {}", value["message"]);
    }
    Ok(value)
}
