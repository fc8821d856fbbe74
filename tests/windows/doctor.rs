//! `cardea doctor` on Windows: what only the registry and the services of Windows say.

use anyhow::{Context as _, Result, ensure};

use super::agent::{signed_in, story};
use super::readers::attach_device;
use crate::harness::card_service::STOPPED;
use crate::harness::doctor::Examined;
use crate::harness::registry::{Value, key};
use crate::harness::windows_workstation::WindowsDesk;
use crate::harness::workstation::{SECRET, succeeded};
use crate::support_bundle::unpacked;

const MACHINE: &str = r"HKEY_LOCAL_MACHINE\Software";
const USER: &str = r"HKEY_CURRENT_USER\Software";

/// Sets values of a key below `root`.
fn set(desk: &WindowsDesk, root: &str, below: &str, values: &[(&str, Value)]) {
    desk.wine.import_registry(&key(root, below, values));
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_workstation_in_order_is_said_to_be() -> Result<()> {
    story(async |workstation, program| {
        let _reader = signed_in(workstation, program).await?;
        let examined = Examined::of_windows(&workstation.desk).await?;
        ensure!(examined.all("failure").is_empty(), "{}", examined.report);
        for id in [
            "settings",
            "agent",
            "endpoint_file",
            "card_service",
            "readers",
            "card",
        ] {
            examined.is(id, "ok")?;
        }
        let version = examined.is("version", "ok")?;
        ensure!(
            version["summary"].to_string().contains("Windows"),
            "{version}"
        );
        let api = examined.is("api", "ok")?;
        ensure!(
            api["summary"]
                .to_string()
                .contains("proves that it is ours"),
            "{api}"
        );
        // Whoever unpacks it where everybody can write is told.
        examined.warns("file_trust", "warning", "could replace this program", "MSI")?;
        Ok(())
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_stopped_card_service_is_to_be_started() -> Result<()> {
    story(async |workstation, program| {
        attach_device(&workstation.desk.wine);
        let _reader = signed_in(workstation, program).await?;
        workstation.desk.service.stop(STOPPED);
        program.until("snapshot unavailable").await?;
        let examined = Examined::of_windows(&workstation.desk).await?;
        examined.warns(
            "card_service",
            "failure",
            "card_service_stopped",
            "SCardSvr",
        )?;
        workstation.desk.service.start();
        program.until("snapshot card_present").await.map(drop)
    })
    .await
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn other_card_software_is_found_in_the_registry() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    let examined = Examined::of_windows(&desk).await?;
    examined.is("card_software", "ok")?;
    let uninstall = r"WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\IA";
    let program = [
        ("DisplayName", "NHS Digital Identity Agent".into()),
        ("DisplayVersion", "2.4.6.0".into()),
    ];
    set(&desk, MACHINE, uninstall, &program);
    let examined = Examined::of_windows(&desk).await?;
    examined.warns(
        "card_software",
        "warning",
        "Identity Agent 2.4.6.0",
        "28 February 2027",
    )?;
    set(
        &desk,
        MACHINE,
        r"Policies\NHS\SmartcardConnect",
        &[("Enabled", 1.into())],
    );
    let examined = Examined::of_windows(&desk).await?;
    examined.warns(
        "card_software",
        "warning",
        "cannot run beside",
        "supports CIS2",
    )?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_default_browser_that_is_gone_and_pages_that_are_asked_about_are_named() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    let examined = Examined::of_windows(&desk).await?;
    examined.is("browser", "ok")?;
    examined.is("browser_policy", "skipped")?;

    let choice = r"Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice";
    set(&desk, USER, choice, &[("ProgId", "GoneHTML".into())]);
    desk.policy(
        "api\\apps\\emis",
        &[("origins", ["https://gp.example"].into())],
    );
    let edge = r"Microsoft\Windows\CurrentVersion\App Paths\msedge.exe";
    set(&desk, MACHINE, edge, &[("Path", r"C:\Edge".into())]);
    let examined = Examined::of_windows(&desk).await?;
    examined.warns("browser", "failure", "GoneHTML", "default for https")?;
    examined.warns(
        "browser_policy",
        "warning",
        "Edge asks the user",
        "LoopbackNetworkAllowedForUrls",
    )?;

    let allowed = r"Policies\Microsoft\Edge\LoopbackNetworkAllowedForUrls";
    set(&desk, MACHINE, allowed, &[("1", "[*.]gp.example".into())]);
    let examined = Examined::of_windows(&desk).await?;
    examined.is("browser_policy", "ok")?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn what_starts_at_log_on_is_found_in_the_registry() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    let run = r"Microsoft\Windows\CurrentVersion\Run";
    let desktop = desk.wine.drive().join("test/cardea-desktop.exe");
    std::fs::write(&desktop, "")?;
    let examined = Examined::of_windows(&desk).await?;
    examined.warns(
        "autostart",
        "warning",
        "does not start at log-on",
        "AUTOSTART",
    )?;
    set(
        &desk,
        MACHINE,
        run,
        &[("Cardea", r"C:\Cardea\cardea-desktop.exe".into())],
    );
    let examined = Examined::of_windows(&desk).await?;
    let autostart = examined.is("autostart", "ok")?;
    ensure!(
        autostart["details"][0].to_string().contains("HKLM"),
        "{autostart}"
    );
    std::fs::remove_file(&desktop)?;
    let examined = Examined::of_windows(&desk).await?;
    examined.warns("autostart", "failure", "not installed", "desktop part")?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_planted_settings_file_is_named_with_who_may_write_it() -> Result<()> {
    let desk = WindowsDesk::new().await?;
    let folder = desk.wine.drive().join("ProgramData/Cardea");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("config.toml"), "[log]\nkeep_days = 3\n")?;
    let examined = Examined::of_windows(&desk).await?;
    examined.warns(
        "file_trust",
        "failure",
        "config.toml",
        "only administrators",
    )?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs the programs for Windows"]
async fn a_support_bundle_is_written_and_the_users_things_are_removed_again() -> Result<()> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let mut program = workstation.listen().await?;
    let _reader = signed_in(&mut workstation, &mut program).await?;
    let bundle = workstation.desk.wine.drive().join("test/bundle.zip");
    let written = workstation
        .desk
        .tool(&["support-bundle", r"C:\test\bundle.zip"])
        .await?;
    succeeded(&written)?;
    let files = unpacked(&bundle)?;
    let audit = files.get("audit.jsonl").context("no audit")?;
    ensure!(audit.contains("session_started"), "{audit}");
    ensure!(
        files["versions.txt"].contains("Windows"),
        "{}",
        files["versions.txt"]
    );
    ensure!(files["settings.txt"].contains(r"HKLM\Software\Policies\Cardea"));
    let folder = workstation.desk.local_app_data();
    let user = folder.ancestors().nth(2).and_then(|home| home.file_name());
    let user = user.context("no user")?.to_string_lossy().into_owned();
    for (name, text) in &files {
        for unwanted in [
            workstation.desk.app.token_sha256(),
            SECRET.to_owned(),
            format!(r"users\{user}"),
        ] {
            ensure!(!text.contains(&unwanted), "{unwanted} in {name}: {text}");
        }
    }

    let refused = workstation.desk.tool(&["reset", "--user"]).await?;
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let desk = workstation.stop().await?;
    // As the window leaves it, which no test here can show.
    let web_view = folder.join(r"Cardea/webview2/EBWebView/Default");
    std::fs::create_dir_all(&web_view)?;
    std::fs::write(web_view.join("Preferences"), "{}")?;
    let removed = succeeded(&desk.tool(&["reset", "--user"]).await?)?;
    for what in ["the client secret", "audit.jsonl"] {
        ensure!(removed.contains(what), "{removed}");
    }
    ensure!(!folder.join("Cardea").exists(), "{removed}");
    Ok(())
}
