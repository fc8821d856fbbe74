//! `cardea doctor` beside a real card service, a real keystore and a running agent: each check is
//! made to fail for its own reason, and says what to do.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::agent::{Home, Plan};
use crate::harness::doctor::Examined;
use crate::harness::hanging_file::HangingFile;
use crate::harness::programs;
use crate::harness::squatter::{Says, Squatter};
use crate::harness::workstation::{NHS_CARD, OTHER_CARD, Workstation};

/// Writes the agent's endpoint file anew, with what `change` does to it.
fn change_endpoint(home: &Home, change: impl FnOnce(&mut Value)) -> Result<()> {
    let file = home.endpoint_file();
    let mut endpoint: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    change(&mut endpoint);
    Ok(std::fs::write(&file, endpoint.to_string())?)
}

#[tokio::test]
async fn a_workstation_in_order_is_said_to_be_by_the_doctor_and_by_the_agents_own() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let home = &workstation.agent.home;
    let examined = Examined::of(home).await?;
    ensure!(examined.all("failure").is_empty(), "{}", examined.report);
    assert_eq!(examined.code, Some(0));
    assert_eq!(examined.complained, "");
    let card = examined.is("card", "ok")?;
    ensure!(
        card["details"][0].to_string().contains("ATR 3B F9 18"),
        "{card}"
    );
    let api = examined.is("api", "ok")?;
    ensure!(
        api["summary"]
            .to_string()
            .contains("proves that it is ours"),
        "{api}"
    );
    let agent = examined.is("agent", "ok")?;
    ensure!(
        agent["summary"]
            .to_string()
            .contains("taking the card out ends it"),
        "{agent}"
    );

    // A look beside it leaves the session alone.
    workstation.reader.remove();
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    let examined = Examined::of(home).await?;
    let removals = examined.is("removals", "ok")?;
    ensure!(
        removals["summary"].to_string().contains("of 1 removals"),
        "{removals}"
    );
    ensure!(
        removals["details"][0].to_string().contains(" ms"),
        "{removals}"
    );

    // The agent's own doctor, as the window will ask it: the same checks, told one by one.
    let mut asked = tokio::process::Command::new(programs::cardea_dev());
    asked.args(["doctor", "--json"]);
    asked
        .env("CARDEA_ENDPOINT", home.endpoint_file())
        .kill_on_drop(true);
    let told = asked.output().await?;
    let told: Value = serde_json::from_slice(&told.stdout).with_context(|| format!("{told:?}"))?;
    let ids = |report: &Value| {
        let checks = report["checks"].as_array().into_iter().flatten();
        checks.map(|check| check["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&told), ids(&examined.report));
    assert_eq!(told["counts"]["failures"], 0, "{told}");
    Ok(())
}

#[tokio::test]
async fn a_card_service_that_is_stopped_or_hangs_is_told_from_one_that_runs() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let mut stream = workstation.events().await?;

    workstation.pcscd.kill();
    stream.until_state("unavailable").await?;
    let examined = Examined::of(home).await?;
    assert_eq!(examined.code, Some(1));
    ensure!(
        examined.complained.contains("checks failed"),
        "{}",
        examined.complained
    );
    examined.warns(
        "card_service",
        "failure",
        "card_service_stopped",
        "systemctl enable --now pcscd.socket",
    )?;
    examined.warns("agent", "failure", "card_service_stopped", "pcscd")?;
    for skipped in ["readers", "card"] {
        examined.is(skipped, "skipped")?;
    }

    workstation.pcscd.restart();
    stream.until_state("no_card").await?;
    let examined = Examined::of(home).await?;
    examined.is("card_service", "ok")?;
    let readers = examined.is("readers", "ok")?;
    ensure!(
        readers["details"][0].to_string().contains("OMNIKEY"),
        "{readers}"
    );

    workstation.pcscd.hang();
    let examined = Examined::of(home).await?;
    examined.warns("card_service", "failure", "does not answer", "pcscd")?;
    workstation.pcscd.go_on();
    Ok(())
}

#[tokio::test]
async fn readers_that_do_not_count_and_cards_that_do_not_are_said_to_with_why() -> Result<()> {
    let workstation =
        Workstation::with(|plan| plan.setting("card", "recognise = \"known\"")).await?;
    let home = &workstation.agent.home;
    let mut stream = workstation.events().await?;

    workstation.reader.insert_mute();
    let examined = Examined::of(home).await?;
    examined.warns("card", "failure", "card_unreadable", "chip")?;
    workstation.reader.remove();

    workstation.reader.insert(OTHER_CARD);
    let examined = Examined::of(home).await?;
    examined.warns(
        "card",
        "failure",
        "card_not_recognised",
        "atr = \"3B 02 14 50\"",
    )?;
    workstation.reader.remove();

    let plan = workstation
        .plan()
        .setting("card", "ignore_readers = [\"HID*\"]");
    workstation.agent.change_settings(&plan);
    stream.until_state("no_reader").await?;
    let examined = Examined::of(home).await?;
    examined.warns("readers", "warning", "fits \\\"HID*\\\"", "ignore_readers")?;

    workstation.agent.change_settings(&workstation.plan());
    stream.until_state("no_card").await?;
    workstation.reader.unplug();
    let examined = Examined::of(home).await?;
    examined.warns("readers", "warning", "No card reader", "Connect the reader")?;
    Ok(())
}

#[tokio::test]
async fn an_agent_that_is_not_there_died_or_hangs_is_told_apart() -> Result<()> {
    let home = Home::new();
    std::fs::write(home.config(), "[cis2]\nclient_id = \"c\"\n")?;
    let examined = Examined::of(&home).await?;
    examined.warns("agent", "failure", "No agent runs", "cardea run")?;
    for skipped in ["endpoint_file", "api", "removals"] {
        examined.is(skipped, "skipped")?;
    }

    let agent = Plan::new().setting("api", "port = 0").start_in(home).await;
    agent.signal(Signal::STOP);
    let examined = Examined::of(&agent.home).await?;
    examined.warns(
        "agent",
        "failure",
        "did not answer within",
        "start it again",
    )?;
    // Nobody can say whose the file is meanwhile.
    examined.is("endpoint_file", "skipped")?;
    agent.signal(Signal::CONT);

    let home = agent.kill().await;
    let examined = Examined::of(&home).await?;
    examined.is("agent", "failure")?;
    examined.warns("endpoint_file", "warning", "left behind", "next agent")?;
    Ok(())
}

#[tokio::test]
async fn who_answers_in_the_agents_place_is_named() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let boot = workstation.agent.endpoint["boot"].clone();
    let squatter = Squatter::at(0, Says::no_proof(&boot)).await?;

    change_endpoint(home, |endpoint| endpoint["url"] = json!(squatter.url))?;
    let examined = Examined::of(home).await?;
    examined.warns(
        "api",
        "failure",
        "without the agent's proof",
        "End the program",
    )?;
    ensure!(!squatter.heard().contains(&workstation.app.token));

    change_endpoint(home, |endpoint| endpoint["boot"] = json!("another"))?;
    let examined = Examined::of(home).await?;
    examined.warns(
        "endpoint_file",
        "failure",
        "another run",
        "writes the file anew",
    )?;

    change_endpoint(home, |endpoint| {
        endpoint["boot"] = boot;
        endpoint["url"] = json!(workstation.agent.url);
    })?;
    // A program that only the doctor's settings know is none to ask for.
    let settings = std::fs::read_to_string(home.config())?;
    let hash = "7".repeat(64);
    let other =
        format!("apps = [{{ id = \"a\", name = \"a\", scopes = [], token_sha256 = \"{hash}\" }}, ");
    std::fs::write(home.config(), settings.replace("apps = [", &other))?;
    let examined = Examined::of(home).await?;
    let api = examined.check("api")?;
    ensure!(api["outcome"] == "ok", "{api}");
    std::fs::write(home.config(), settings)?;

    std::fs::set_permissions(home.endpoint_file(), Permissions::from_mode(0o644))?;
    let examined = Examined::of(home).await?;
    examined.warns("endpoint_file", "failure", "other users", "chmod 600")?;

    std::fs::remove_file(home.endpoint_file())?;
    let examined = Examined::of(home).await?;
    examined.warns(
        "endpoint_file",
        "failure",
        "cannot be read",
        "Start the agent again",
    )?;
    Ok(())
}

#[tokio::test]
async fn settings_that_are_wrong_or_others_files_are_named_with_place_and_way_out() -> Result<()> {
    let home = Home::new();
    std::fs::write(
        home.config(),
        "[cis2]\nclient_id = \"c\"\nclock_skew = \"soon\"\n",
    )?;
    let examined = Examined::of(&home).await?;
    examined.warns("settings", "failure", "line 3", "cardea config check")?;
    examined.is("file_trust", "ok")?;

    std::fs::write(home.config(), "")?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "settings",
        "failure",
        "client_id",
        "client id that CIS2 gave",
    )?;

    std::fs::write(home.config(), "[cis2]\nclient_id = \"c\"\n")?;
    std::fs::set_permissions(home.config(), Permissions::from_mode(0o666))?;
    let examined = Examined::of(&home).await?;
    examined.warns("file_trust", "failure", "chmod go-w", "only administrators")?;
    std::fs::set_permissions(home.config(), Permissions::from_mode(0o600))?;

    std::fs::write(
        home.config(),
        "[cis2]\nclient_id = \"c\"\n[desktop]\nbrowser = \"/no/such/browser\"\n",
    )?;
    let state = home.state().join("cardea");
    std::fs::create_dir_all(&state)?;
    std::fs::write(state.join("apps.json"), "{}")?;
    std::fs::set_permissions(state.join("apps.json"), Permissions::from_mode(0o644))?;
    let examined = Examined::of(&home).await?;
    examined.warns("file_trust", "failure", "apps.json", "chmod go=")?;
    std::fs::set_permissions(state.join("apps.json"), Permissions::from_mode(0o600))?;
    std::fs::set_permissions(&state, Permissions::from_mode(0o700))?;
    let examined = Examined::of(&home).await?;
    examined.is("file_trust", "ok")?;
    std::os::unix::fs::chown(state.join("apps.json"), Some(9), None)?;
    let examined = Examined::of(&home).await?;
    examined.warns("file_trust", "failure", "apps.json", "chmod go=")?;
    std::os::unix::fs::chown(state.join("apps.json"), Some(0), None)?;
    std::fs::set_permissions(&state, Permissions::from_mode(0o777))?;
    let examined = Examined::of(&home).await?;
    examined.warns("file_trust", "failure", "state/cardea", "chmod go=")?;
    examined.warns(
        "browser",
        "failure",
        "browser_failed",
        "browser = \"system\"",
    )?;
    Ok(())
}

#[tokio::test]
async fn a_session_that_no_card_guards_is_a_warning() -> Result<()> {
    let (workstation, mut stream) =
        Workstation::signed_in_with(|plan| plan.setting("card", "on_removal = \"notify\"")).await?;
    let examined = Examined::of(&workstation.agent.home).await?;
    examined.warns("agent", "warning", "does NOT end", "on_removal")?;
    workstation.reader.remove();
    stream.until("card.removed").await?;
    workstation.reader.insert(NHS_CARD);
    Ok(())
}

#[tokio::test]
async fn the_documentation_names_every_check_in_its_order_and_no_other() -> Result<()> {
    let home = Home::new();
    std::fs::write(home.config(), "")?;
    let examined = Examined::of(&home).await?;
    let checks = examined.report["checks"].as_array().into_iter().flatten();
    let ids: Vec<_> = checks.filter_map(|check| check["id"].as_str()).collect();
    let guide = include_str!("../src-tauri/docs/doctor.md");
    let (_, table) = guide.split_once("|---|---|---|\n").context("no table")?;
    let rows = table.lines().map_while(|line| line.strip_prefix("| `"));
    let documented: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(documented, ids);
    Ok(())
}

/// A place of the settings that does not answer, as a folder on a server that is away.
#[tokio::test]
async fn settings_that_do_not_come_hold_up_neither_the_agent_nor_the_other_checks() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let config = home.runtime().with_file_name("config/cardea");
    std::fs::create_dir_all(&config)?;
    let hanging = HangingFile::at(&config.join("user.toml")).await?;
    let mut asked = tokio::process::Command::new(programs::cardea_dev());
    asked.args(["doctor", "--json"]);
    asked
        .env("CARDEA_ENDPOINT", home.endpoint_file())
        .kill_on_drop(true);
    let told = asked.output();
    tokio::pin!(told);
    let mut stream = workstation.events().await?;
    let told = loop {
        tokio::select! {
            told = &mut told => break told?,
            // Programs are served all the while.
            snapshot = workstation.snapshot() => {
                snapshot?;
                workstation.reader.insert(NHS_CARD);
                stream.until("card.inserted").await?;
                workstation.reader.remove();
                stream.until("card.removed").await?;
            }
        }
    };
    drop(hanging);
    let told: Value = serde_json::from_slice(&told.stdout).with_context(|| format!("{told:?}"))?;
    let checks = told["checks"].as_array().into_iter().flatten();
    let outcome = |id: &str| {
        checks
            .clone()
            .find(|check| check["id"] == id)
            .map(|check| check["outcome"].clone())
    };
    assert_eq!(outcome("settings"), Some(json!("warning")), "{told}");
    assert_eq!(outcome("card_service"), Some(json!("ok")), "{told}");
    for skipped in [
        "redirect_ports",
        "client_credential",
        "browser_policy",
        "cis2_name",
    ] {
        assert_eq!(outcome(skipped), Some(json!("skipped")), "{told}");
    }
    Ok(())
}

/// Every page that a remedy can point to.
#[test]
fn every_page_that_the_doctor_points_to_is_there() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let checks = root.join("src-tauri/crates/agent/src/doctor/checks");
    let files = std::fs::read_dir(checks).unwrap().map(Result::unwrap);
    let mut seen = 0;
    for file in files.filter(|file| file.path().is_file()) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for page in text.split('"').filter(|part| part.ends_with(".md")) {
            assert!(root.join(page).is_file(), "{page} of {:?}", file.path());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
