//! The tools as IT and developers use them, beside a running agent.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::provider::{AnswerFault, Endpoint, Fault};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

use crate::harness::agent::Home;
use crate::harness::http::send;
use crate::harness::workstation::{Workstation, succeeded};

const LIMIT: Duration = Duration::from_secs(20);

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sees that a tool failed with this code and said so in one line, with what to do.
fn failed(output: &Output, code: i32, says: &str) -> Result<()> {
    let said = stderr(output);
    ensure!(output.status.code() == Some(code), "{output:?}");
    ensure!(said.trim_end().lines().count() == 1, "{said}");
    ensure!(said.contains(says), "{says:?} is not in {said}");
    Ok(())
}

#[tokio::test]
async fn without_an_agent_the_tools_say_so() -> Result<()> {
    let home = Home::new();
    for arguments in [&["status"][..], &["login"], &["logout"], &["apps", "list"]] {
        failed(&home.tool(arguments).await, 1, "cardea run")
            .with_context(|| format!("{arguments:?}"))?;
    }
    let wrong = home.tool(&["sign-in"]).await;
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    Ok(())
}

#[tokio::test]
async fn one_agent_per_user_and_session() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let config = home.config();
    let arguments = ["run", "--config", config.to_str().context("odd path")?];
    failed(
        &home.tool(&arguments).await,
        1,
        "another agent already runs",
    )?;
    assert!(
        workstation.snapshot().await.is_ok(),
        "the first one runs on"
    );
    Ok(())
}

#[tokio::test]
async fn a_script_waits_and_watches() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let home = &workstation.agent.home;
    succeeded(&home.tool(&["wait", "--for", "active"]).await)?;
    let too_long = home
        .tool(&["wait", "--for", "ended", "--timeout", "1s"])
        .await;
    assert_eq!(too_long.status.code(), Some(3), "{too_long:?}");

    let mut watch = Watch::start(home)?;
    let now = watch.until(|said| said["event"] == "snapshot").await?;
    assert_eq!(now["snapshot"]["state"], "active", "{now}");
    workstation.reader.remove();
    let told = watch.until(|said| said["event"] == "session.ended").await?;
    assert_eq!(told["reason"], "card_removed");
    succeeded(&home.tool(&["wait", "--for", "ended"]).await)?;
    let status = succeeded(&home.tool(&["status"]).await)?;
    ensure!(status.contains("card_removed"), "{status}");
    Ok(())
}

/// `cardea watch --json`.
struct Watch {
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Watch {
    fn start(home: &Home) -> Result<Self> {
        let mut process = home
            .command(&["watch", "--json"])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().context("no output")?;
        Ok(Self {
            lines: BufReader::new(output).lines(),
            _process: process,
        })
    }

    /// The next line that is what is waited for.
    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let found = async {
            while let Some(line) = self.lines.next_line().await? {
                let said = serde_json::from_str(&line)?;
                if wanted(&said) {
                    return Ok(said);
                }
            }
            anyhow::bail!("watch ended")
        };
        timeout(LIMIT, found).await.context("not in time")?
    }
}

#[tokio::test]
async fn a_login_is_cancelled_and_a_session_ended_by_command() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.ask_for_login().await?;
    succeeded(&workstation.agent.home.tool(&["cancel"]).await)?;
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "login_cancelled");

    workstation.sign_in_by_tool(&mut stream).await?;
    succeeded(&workstation.agent.home.tool(&["logout"]).await)?;
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "user_logout");
    workstation.cleaned_up().await
}

#[tokio::test]
async fn an_agent_that_stops_says_so_and_tidies_up() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let Workstation {
        agent, provider, ..
    } = workstation;
    let (stopped, home) = agent.stop().await;
    ensure!(stopped.success(), "{stopped}");
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "agent_stopping");
    assert!(!home.endpoint_file().exists());
    assert!(provider.log().cleaned_up(), "{:?}", provider.log());
    Ok(())
}

#[tokio::test]
async fn settings_that_do_not_say_who_we_are_fail_the_check() -> Result<()> {
    let home = Home::new();
    std::fs::write(home.config(), "[cis2]\nenvironment = \"int\"\n")?;
    let config = home.config();
    let arguments = ["config", "check", "--config"];
    let arguments = [&arguments[..], &[config.to_str().context("odd path")?]].concat();
    failed(
        &home.tool(&arguments).await,
        1,
        "[cis2] client_id is not set",
    )
}

/// What stands in the agent's way is named, not guessed at.
#[tokio::test]
async fn an_agent_that_cannot_start_says_why() -> Result<()> {
    let home = Home::new();
    std::fs::write(home.runtime().join("cardea"), "not a folder")?;
    let refused = home.tool(&["run"]).await;
    failed(
        &refused,
        1,
        "has to be a folder that only this user can write to",
    )?;
    ensure!(!stderr(&refused).contains("another program"), "{refused:?}");

    let nowhere = Home::new().env("XDG_RUNTIME_DIR", "/nowhere/at/all");
    failed(&nowhere.tool(&["run"]).await, 1, "/nowhere/at/all")
}

/// The end has a limit for each of its steps, whatever CIS2 does.
#[tokio::test]
async fn an_agent_stops_although_the_provider_is_silent() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    for endpoint in [Endpoint::EndSession, Endpoint::Revocation] {
        let silent = Fault::Answer(endpoint, AnswerFault::Hangs);
        workstation.provider.add_fault(silent);
    }
    let (stopped, home) = workstation.agent.stop().await;
    ensure!(stopped.success(), "{stopped}");
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "agent_stopping");
    let audit = json!(home.audit()?).to_string();
    ensure!(audit.contains("agent_stopping"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn settings_that_turn_invalid_end_the_session() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    let change = |workstation: &Workstation, setting| {
        let plan = workstation.plan().setting("session", setting);
        workstation.agent.change_settings(&plan);
    };
    change(&workstation, "idle_timeout = \"no time\"");
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "policy_changed");
    let home = &workstation.agent.home;
    let status = succeeded(&home.tool(&["status"]).await)?;
    ensure!(status.contains("config_invalid"), "{status}");
    failed(&home.tool(&["login"]).await, 1, "config_invalid")?;

    let config = home.config();
    let config = config.to_str().context("odd path")?;
    let check = home.tool(&["config", "check", "--config", config]).await;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&check.stdout),
        stderr(&check)
    );
    assert_eq!(check.status.code(), Some(1), "{said}");
    for named in [config, "idle_timeout", "no time", "5m"] {
        ensure!(said.contains(named), "{named:?} is not in {said}");
    }

    change(&workstation, "idle_timeout = \"20m\"");
    loop {
        let mut event = stream.until("snapshot").await?;
        let snapshot = event.data["snapshot"].take();
        assert!(snapshot.get("session").is_none(), "it does not come back");
        if snapshot["failure"]["code"] == "policy_changed" {
            break;
        }
    }
    workstation.sign_in_by_tool(&mut stream).await
}

/// A settings file that somebody else could have written signs nobody in; programs are told.
#[tokio::test]
async fn a_planted_settings_file_is_refused() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    let mut watch = Watch::start(&workstation.agent.home)?;
    let config = workstation.agent.home.config();
    std::fs::set_permissions(&config, Permissions::from_mode(0o666))?;
    let refused = watch
        .until(|said| said["snapshot"]["failure"]["code"] == "config_invalid")
        .await?;
    assert!(refused["snapshot"].get("session").is_none(), "{refused}");
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "policy_changed");
    let told = stream.until("snapshot").await?;
    assert_eq!(told.data["snapshot"]["failure"]["code"], "config_invalid");
    let login = workstation.agent.home.tool(&["login"]).await;
    failed(&login, 1, "config_invalid")?;

    std::fs::set_permissions(&config, Permissions::from_mode(0o644))?;
    watch
        .until(|said| said["snapshot"]["failure"]["code"] == "policy_changed")
        .await?;
    workstation.sign_in_by_tool(&mut stream).await
}

/// What the user sets by command is taken by the agent that runs, and its own programs are told.
#[tokio::test]
async fn what_the_user_sets_holds_in_the_running_agent() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let mut watch = Watch::start(home)?;
    watch.until(|said| said["event"] == "snapshot").await?;
    let config = home.config();
    let config = config.to_str().context("odd path")?;
    let set = async |key, value| {
        let arguments = ["config", "set", key, value, "--json", "--config", config];
        home.tool(&arguments).await
    };

    let rows: Vec<Value> = serde_json::from_str(&succeeded(
        &set("desktop.notifications", "[\"signed_in\"]").await,
    )?)?;
    let row = rows
        .iter()
        .find(|row| row["key"] == "desktop.notifications");
    let row = row.context("no such row")?;
    assert_eq!(row["value"], "[\"signed_in\"]");
    assert_eq!(row["place"], "user");
    watch
        .until(|said| said["event"] == "settings.changed")
        .await?;
    let diagnostics = workstation.get("/v1/diagnostics").await?;
    let diagnostics: Value = serde_json::from_slice(diagnostics.body())?;
    let settings = diagnostics["settings"].as_array().context("no settings")?;
    let taken = json!("[\"signed_in\"]");
    ensure!(
        settings.iter().any(|row| row["value"] == taken),
        "{diagnostics}"
    );

    failed(
        &set("desktop.show_name", "perhaps").await,
        1,
        "true or false",
    )?;
    failed(&set("card.on_insert", "off").await, 1, "desktop.show_name")
}

/// Cardea's own programs hear on the local socket of who asks to be let in; a program with a token
/// hears nothing of it.
#[tokio::test]
async fn who_asks_to_be_let_in_is_told_to_cardeas_own_programs_only() -> Result<()> {
    let workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    let mut watch = Watch::start(&workstation.agent.home)?;
    watch.until(|said| said["event"] == "snapshot").await?;
    let changed =
        |count| move |said: &Value| said["event"] == "pairings.changed" && said["count"] == count;

    let request = http::Request::post(format!("{}/v1/pairings", workstation.agent.url))
        .header("origin", "https://new.example")
        .header("content-type", "application/json")
        .body(json!({"name": "New page", "scopes": ["session:read"]}).to_string())?;
    let asked = send(request).await?;
    assert_eq!(asked.status(), 201);
    watch.until(changed(1)).await?;
    succeeded(&workstation.agent.home.tool(&["apps", "decline"]).await)?;
    watch.until(changed(0)).await?;

    workstation.insert(&mut stream).await?;
    ensure!(!stream.raw.contains("pairings.changed"), "{}", stream.raw);
    Ok(())
}
