//! `cardea support-bundle`: what the help desk needs is in it, and nothing personal or secret.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use miniz_oxide::inflate::decompress_to_vec;
use rawzip::ZipArchive;
use serde_json::Value;

use crate::harness::agent::Home;
use crate::harness::workstation::{Desk, Workstation, succeeded};

/// The files of a bundle, by their names.
pub fn unpacked(file: &Path) -> Result<BTreeMap<String, String>> {
    let bytes = std::fs::read(file)?;
    let zip = ZipArchive::from_slice(&bytes)?;
    let mut entries = zip.entries();
    let mut files = BTreeMap::new();
    while let Some(entry) = entries.next_entry()? {
        let name = entry.file_path().try_normalize()?.as_ref().to_owned();
        let inside = zip.get_entry(entry.wayfinder())?;
        let text = decompress_to_vec(inside.data())
            .ok()
            .context("cannot be unpacked")?;
        files.insert(name, String::from_utf8(text)?);
    }
    Ok(files)
}

/// Has the program write a bundle with the settings of this home, and unpacks it.
async fn bundle_of(home: &Home, folder: &Path) -> Result<BTreeMap<String, String>> {
    let file = folder.join("bundle.zip");
    // Where the user keeps it, so that it is said whose it is.
    let config = folder.join("config.toml");
    std::fs::copy(home.config(), &config)?;
    let (file_text, config) = (file.to_str(), config.to_str());
    let arguments = [
        "support-bundle",
        file_text.context("odd path")?,
        "--config",
        config.context("odd path")?,
    ];
    let said = succeeded(&home.tool(&arguments).await)?;
    ensure!(said.contains("index.txt"), "{said}");
    let again = home.tool(&arguments).await;
    let refused = String::from_utf8_lossy(&again.stderr).into_owned();
    assert_eq!(again.status.code(), Some(1), "{refused}");
    ensure!(refused.contains("is there already"), "{refused}");
    unpacked(&file)
}

#[tokio::test]
async fn what_was_said_and_done_in_a_session_is_in_no_file_of_a_bundle() -> Result<()> {
    let mut desk = Desk::new().await?;
    let folder = tempfile::Builder::new().prefix("jane.doe-").tempdir()?;
    let folder_name = folder.path().to_string_lossy().into_owned();
    // Who the user is stands in the environment of the desktop.
    desk.home = desk
        .home
        .env("HOME", &folder_name)
        .env("USER", "jane.doe")
        .env("LOGNAME", "jane.doe")
        .env("HTTPS_PROXY", "http://jane.doe:hunter2@127.0.0.1:9");
    let mut workstation =
        Workstation::at(desk, |plan| plan.setting("log", "level = \"trace\"")).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in(&mut stream).await?;
    workstation.get("/v1/session").await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.cleaned_up().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    let session = workstation
        .snapshot()
        .await?
        .session
        .context("nobody is signed in")?;

    let files = bundle_of(&workstation.agent.home, folder.path()).await?;
    let text = |name: &str| {
        files
            .get(name)
            .with_context(|| format!("no {name}: {:?}", files.keys()))
    };
    // It is looked for where something is.
    ensure!(text("session.json")?.contains(session.id.as_str()));
    ensure!(text("audit.jsonl")?.contains("card_removed"));
    ensure!(text("settings.txt")?.contains("~/config.toml, line"));
    ensure!(text("versions.txt")?.starts_with("cardea "));
    let doctor: Value = serde_json::from_str(text("doctor.json")?)?;
    ensure!(
        doctor["checks"]
            .as_array()
            .is_some_and(|checks| checks.len() > 20),
        "{doctor}"
    );
    let diagnostics: Value = serde_json::from_str(text("diagnostics.json")?)?;
    assert_eq!(diagnostics["removal_latency"]["count"], 1, "{diagnostics}");
    let logs: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.starts_with("logs/"))
        .collect();
    ensure!(
        logs.iter()
            .any(|(_, log)| log.contains("the agent is ready")),
        "{:?}",
        files.keys()
    );
    let index = text("index.txt")?;
    for name in files.keys().filter(|name| *name != "index.txt") {
        ensure!(index.contains(name), "{name} is not in {index}");
    }
    // The second net had nothing to do.
    let (_, net) = index.split_once("second net").context("no second net")?;
    for line in net.lines().skip(1).filter(|line| !line.is_empty()) {
        ensure!(line.trim_start().starts_with("0 "), "{index}");
    }

    let computer = std::fs::read_to_string("/proc/sys/kernel/hostname")?
        .trim()
        .to_owned();
    let mut unwanted = workstation.secrets();
    unwanted.extend(workstation.personal());
    unwanted.extend([
        workstation.app.token_sha256(),
        "jane.doe".to_owned(),
        "hunter2".to_owned(),
        folder_name,
    ]);
    for (name, text) in &files {
        for unwanted in &unwanted {
            ensure!(!text.contains(unwanted), "{unwanted} in {name}: {text}");
        }
        let words: Vec<_> = text
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .collect();
        ensure!(
            computer == "localhost" || !words.contains(&computer.as_str()),
            "{computer} in {name}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn without_an_agent_a_bundle_says_what_is_missing_and_why() -> Result<()> {
    let home = Home::new();
    std::fs::write(
        home.config(),
        "[cis2]\nclient_id = \"c\"\nclock_skew = \"soon\"\n",
    )?;
    let folder = tempfile::tempdir()?;
    let files = bundle_of(&home, folder.path()).await?;
    let index = &files["index.txt"];
    let (_, missing) = index.split_once("Missing:").context("nothing is missing")?;
    for (name, why) in [
        ("diagnostics.json", "not running"),
        ("logs", "No such file"),
    ] {
        let line = missing.lines().find(|line| line.starts_with(name));
        ensure!(line.is_some_and(|line| line.contains(why)), "{missing}");
    }
    ensure!(files["settings-problems.txt"].contains("clock_skew"));
    ensure!(files["doctor.txt"].contains("FAILED   Settings"));
    Ok(())
}
