//! Programs that call the agent for Windows: let in by their code, shown out, and on the pipe.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use super::agent::{signed_in, story};
use crate::harness::registry::Value as Setting;
use crate::harness::signing::{sign, tamper_with};
use crate::harness::windows_workstation::{Said, WindowsDesk, WindowsWorkstation};
use crate::harness::wine::{CALLER, HOOK, LISTENER};
use crate::harness::workstation::succeeded;

const JSON: &str = "content-type: application/json";
const ASK: &str = r#"{"name":"Dictation","scopes":["session:read"]}"#;

/// What the agent answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    content: String,
}

impl Answer {
    fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.content).with_context(|| format!("{self:?}"))
    }

    fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.content).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Asks the agent as a program that nobody knows.
async fn ask(
    workstation: &WindowsWorkstation,
    place: &str,
    request: &str,
    body: &str,
    headers: &[&str],
) -> Result<Answer> {
    let (method, path) = request.split_once(' ').context("no path")?;
    let mut caller: Command = workstation.desk.command(CALLER);
    caller.args([place, method, path, body]).args(headers);
    let said = succeeded(&workstation.desk.run(caller).await?)?;
    let (status, content) = said.split_once('\n').context("no answer")?;
    Ok(Answer {
        status: status.trim().parse()?,
        content: content.trim_end().to_owned(),
    })
}

async fn tool(workstation: &WindowsWorkstation, arguments: &[&str]) -> Result<String> {
    succeeded(&workstation.desk.tool(arguments).await?)
}

async fn asking(workstation: &WindowsWorkstation) -> Result<Value> {
    let listed = tool(workstation, &["apps", "list", "--json"]).await?;
    let mut listed: Value = serde_json::from_str(&listed)?;
    Ok(listed["pairings"].take())
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    let text = value[name].as_str();
    text.with_context(|| format!("no {name} in {value}"))
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_program_is_paired_by_its_code_and_cut_off_when_it_is_revoked() -> Result<()> {
    story(async |workstation, _program| {
        let url = workstation.url.clone();
        let asked = ask(workstation, &url, "POST /v1/pairings", ASK, &[JSON]).await?;
        ensure!(asked.status == 201, "{asked:?}");
        let pairing = asked.json()?;
        let claim = json!({"claim_secret": pairing["claim_secret"]}).to_string();
        let claimed = format!("POST /v1/pairings/{}/token", text(&pairing, "id")?);
        let early = ask(workstation, &url, &claimed, &claim, &[JSON]).await?;
        ensure!(early.status == 202, "{early:?}");

        let waiting = asking(workstation).await?;
        let from = &waiting[0]["from"];
        ensure!(from["program"] == r"C:\test\caller.exe", "{waiting}");
        ensure!(
            from["signer"].is_null() && from["origin"].is_null(),
            "{waiting}"
        );
        let shown = tool(workstation, &["apps", "list"]).await?;
        ensure!(shown.contains(r"C:\test\caller.exe, for"), "{shown}");
        tool(workstation, &["apps", "approve", text(&pairing, "code")?]).await?;

        let claimed = ask(workstation, &url, &claimed, &claim, &[JSON]).await?;
        ensure!(claimed.status == 200, "{claimed:?}");
        let claimed = claimed.json()?;
        let (id, token) = (text(&claimed, "app")?, text(&claimed, "token")?);
        let mut listener = workstation.desk.command(LISTENER);
        listener.args([url.as_str(), token]);
        let mut listener = Said::of(listener)?;
        listener.until("snapshot no_reader").await?;
        opens_web_socket(workstation, token).await?;
        kept_for_its_user(workstation, token)?;

        tool(workstation, &["apps", "revoke", id]).await?;
        listener.until("end").await?;
        let bearer = format!("authorization: Bearer {token}");
        let refused = ask(workstation, &url, "GET /v1/session", "", &[&bearer]).await?;
        ensure!(refused.code() == "token_revoked", "{refused:?}");
        Ok(())
    })
    .await
}

async fn opens_web_socket(workstation: &WindowsWorkstation, token: &str) -> Result<()> {
    let bearer = format!("authorization: Bearer {token}");
    let headers = [
        "upgrade: websocket",
        "connection: Upgrade",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol: cardea.v1",
        &bearer,
    ];
    let url = &workstation.url;
    let opened = ask(workstation, url, "GET /v1/events/ws", "", &headers).await?;
    ensure!(
        opened.status == 101 && opened.content.contains("snapshot"),
        "{opened:?}"
    );
    Ok(())
}

/// Wine keeps the rights of a file as the modes of Unix, those of the system as the group's.
fn kept_for_its_user(workstation: &WindowsWorkstation, token: &str) -> Result<()> {
    let file = workstation.desk.local_app_data().join("Cardea/apps.json");
    let written = fs::read_to_string(&file)?;
    ensure!(written.contains("Dictation") && !written.contains(token));
    for place in [file.as_path(), file.parent().context("no folder")?] {
        let mode = fs::metadata(place)?.permissions().mode();
        ensure!(mode & 0o007 == 0, "{} {mode:o}", place.display());
    }
    Ok(())
}

/// Wine looks at the signature itself; it does not ask whether anybody trusts the signer.
#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_signed_program_is_shown_with_its_signer_and_a_changed_one_without() -> Result<()> {
    story(async |workstation, _program| {
        let desk = &workstation.desk;
        drop(desk.command(CALLER));
        let program = desk.wine.drive().join("test").join(CALLER);
        sign(&program, "Clinical Vendor Ltd")?;
        asks_as_signed_by(workstation, Some("Clinical Vendor Ltd")).await?;
        tamper_with(&program)?;
        asks_as_signed_by(workstation, None).await
    })
    .await
}

async fn asks_as_signed_by(workstation: &WindowsWorkstation, signer: Option<&str>) -> Result<()> {
    let url = &workstation.url;
    let asked = ask(workstation, url, "POST /v1/pairings", ASK, &[JSON]).await?;
    ensure!(asked.status == 201, "{asked:?}");
    let waiting = asking(workstation).await?;
    ensure!(waiting[0]["from"]["signer"] == json!(signer), "{waiting}");
    let shown = tool(workstation, &["apps", "list"]).await?;
    let program = signer.map_or("caller.exe, for".to_owned(), |signer| {
        format!("caller.exe (signed by {signer}), for")
    });
    ensure!(shown.contains(&program), "{shown}");
    tool(workstation, &["apps", "decline"]).await.map(drop)
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn on_the_pipe_only_our_own_programs_manage_and_browsers_are_not_heard() -> Result<()> {
    story(async |workstation, _program| {
        let endpoint = workstation.desk.endpoint()?;
        let pipe = text(&endpoint, "socket")?.to_owned();
        let bearer = format!("authorization: Bearer {}", workstation.desk.app.token);
        let management = [
            ("GET /v1/apps", ""),
            ("POST /v1/apps", r#"{"id":"x","scopes":["session:read"]}"#),
            ("DELETE /v1/apps?id=emis", ""),
            ("GET /v1/pairings", ""),
            ("POST /v1/pairings/x/approve", r#"{"code":"123456"}"#),
            ("POST /v1/pairings/x/decline", "{}"),
            ("GET /v1/activity", ""),
            ("POST /v1/session/login/cancel", "{}"),
            ("GET /v1/session/login/address", ""),
        ];
        // From the agent's own folder, too: it is not one of Cardea's.
        for (request, body) in management {
            let nobody = ask(workstation, &pipe, request, body, &[JSON]).await?;
            ensure!(nobody.code() == "token_missing", "{request}: {nobody:?}");
            let program = ask(workstation, &pipe, request, body, &[JSON, &bearer]).await?;
            ensure!(program.code() == "scope_missing", "{request}: {program:?}");
        }
        for (request, body) in [
            ("GET /v1/session", ""),
            ("GET /v1/apps", ""),
            ("POST /v1/pairings", ASK),
        ] {
            for browser in [
                "origin: https://clinic.example",
                "referer: https://clinic.example/",
            ] {
                let headers = [JSON, &bearer, browser];
                let page = ask(workstation, &pipe, request, body, &headers).await?;
                ensure!(
                    (page.status, page.content.as_str()) == (403, ""),
                    "{request} {browser}: {page:?}"
                );
            }
        }
        let session = ask(workstation, &pipe, "GET /v1/session", "", &[&bearer]).await?;
        ensure!(session.status == 200, "{session:?}");
        let paired = ask(workstation, &pipe, "POST /v1/pairings", ASK, &[JSON]).await?;
        ensure!(paired.status == 201, "{paired:?}");
        let waiting = asking(workstation).await?;
        ensure!(waiting[0]["from"]["program"] == r"C:\test\caller.exe");

        for arguments in [
            &["apps", "list"][..],
            &["apps", "approve", "123456"],
            &["apps", "revoke", "emis"],
        ] {
            let copy = workstation.desk.copied_tool(arguments).await?;
            let told = String::from_utf8_lossy(&copy.stderr).into_owned();
            ensure!(told.contains("token_missing"), "{arguments:?}: {told}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn when_the_card_is_out_the_hook_runs_unseen_and_the_workstation_is_locked() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    // Puts it there.
    drop(desk.command(HOOK));
    let hook = [r"C:\test\hook.exe", "%PATH%; $HOME", r#"say "it""#];
    desk.policy("hooks", &[("on_session_end", hook.into())]);
    let lock = Setting::Number(1);
    desk.policy("session", &[("lock_workstation_on_removal", lock)]);
    let mut workstation = desk.start().await?;
    let mut program = workstation.listen().await?;
    let reader = signed_in(&mut workstation, &mut program).await?;
    reader.remove();
    program.until("session.ended card_removed").await?;
    workstation.cleaned_up().await?;
    let desk = workstation.stop().await?;
    let log = desk.everything_written();
    let said = "hook: reason card_removed, session ";
    let line = log.lines().find(|line| line.contains(said));
    let line = line.with_context(|| log.clone())?;
    ensure!(line.contains("console OwnUnseen"), "{line}");
    for argument in hook.iter().skip(1) {
        let argument = argument.replace('"', "");
        ensure!(
            argument.split(' ').all(|word| line.contains(word)),
            "{line}"
        );
    }
    // Wine 8 has no lock screen and says so: ERROR_CALL_NOT_IMPLEMENTED.
    let lock = log
        .lines()
        .find(|line| line.contains("lock_workstation_on_removal"));
    let lock = lock.with_context(|| log.clone())?;
    ensure!(lock.contains("os error 120"), "{lock}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_second_agent_takes_the_next_port_and_says_who_has_the_first() -> Result<()> {
    let first = WindowsDesk::new().await?.start().await?;
    let taken = port(&first)?;
    // Another computer's prefix: to each, the other's programs are nobody's.
    let desk = WindowsDesk::new().await?;
    desk.policy("api", &[("port", u32::from(taken).into())]);
    let second = desk.start().await?;
    let next = port(&second)?;
    ensure!((taken + 1..taken + 20).contains(&next), "{next}");
    drop(second.listen().await?);
    let desk = second.stop().await?;
    let log = desk.everything_written();
    ensure!(log.contains("the port of the settings is taken"), "{log}");
    ensure!(
        log.contains("an agent of another user or another session"),
        "{log}"
    );
    first.stop().await.map(drop)
}

fn port(workstation: &WindowsWorkstation) -> Result<u16> {
    let (_, port) = workstation.url.rsplit_once(':').context("no port")?;
    Ok(port.parse()?)
}
