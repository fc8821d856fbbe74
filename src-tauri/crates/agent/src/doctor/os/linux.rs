//! Linux: files below `/etc`, and the desktop's own tools.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::{ALLOWING, BLOCKING, BrowserPolicies, DefaultBrowser, Program};

/// What `xdg-open` tries when no desktop says which browser to take.
const BROWSERS: [&str; 6] = [
    "x-www-browser",
    "firefox",
    "chromium",
    "google-chrome",
    "microsoft-edge",
    "www-browser",
];

/// How long the desktop may take to say what it would open.
const ASK_LIMIT: Duration = Duration::from_secs(4);
/// No name of a browser is longer, in bytes.
const LONGEST_NAME: u64 = 4096;

/// Each browser, its program and the folder of its policies.
const POLICY_FOLDERS: [(&str, &str, &str); 3] = [
    ("Edge", "microsoft-edge", "/etc/opt/edge/policies/managed"),
    (
        "Chrome",
        "google-chrome",
        "/etc/opt/chrome/policies/managed",
    ),
    ("Chromium", "chromium", "/etc/chromium/policies/managed"),
];

/// The software of NHS England is for Windows only.
pub(in super::super) fn installed_programs() -> Vec<Program> {
    Vec::new()
}

pub(in super::super) fn smartcard_connect_policy() -> bool {
    false
}

/// What starts Cardea's desktop at log-on.
pub(in super::super) fn autostart() -> Vec<String> {
    let user = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".config"));
    let folders = [Some(PathBuf::from("/etc/xdg")), user.or(home)];
    entries_in(folders.into_iter().flatten())
}

fn entries_in(folders: impl Iterator<Item = PathBuf>) -> Vec<String> {
    let entries = folders.map(|folder| folder.join("autostart/cardea-desktop.desktop"));
    // A user switches one off by `Hidden` (Desktop Application Autostart Specification).
    let is_on = |text: &str| !text.lines().any(|line| line.trim() == "Hidden=true");
    let there =
        entries.filter(|entry| std::fs::read_to_string(entry).is_ok_and(|text| is_on(&text)));
    there.map(|entry| entry.display().to_string()).collect()
}

pub(in super::super) async fn default_browser() -> DefaultBrowser {
    let path = std::env::var_os("PATH").unwrap_or_default();
    default_browser_in(&path, std::env::var_os("BROWSER")).await
}

async fn default_browser_in(path: &OsStr, chosen: Option<OsString>) -> DefaultBrowser {
    if find(path, "xdg-open").is_none() {
        return DefaultBrowser::Missing("xdg-open is not installed (package xdg-utils)".to_owned());
    }
    if let Some(tool) = find(path, "xdg-settings")
        && let Some(browser) = ask(&tool).await
    {
        return DefaultBrowser::Is(browser);
    }
    if let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty()) {
        return DefaultBrowser::Is(chosen.to_string_lossy().into_owned());
    }
    match BROWSERS
        .iter()
        .find(|browser| find(path, browser).is_some())
    {
        Some(browser) => DefaultBrowser::Is((*browser).to_owned()),
        None => DefaultBrowser::Missing("no browser is installed that xdg-open knows".to_owned()),
    }
}

/// The desktop's choice, where it made one and says so in time.
async fn ask(xdg_settings: &Path) -> Option<String> {
    let mut asking = Command::new(xdg_settings)
        .args(["get", "default-web-browser"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut answer = String::new();
    let said = asking.stdout.take()?;
    let reading = async { said.take(LONGEST_NAME).read_to_string(&mut answer).await };
    timeout(ASK_LIMIT, reading).await.ok()?.ok()?;
    let browser = answer.trim();
    (!browser.is_empty()).then(|| browser.to_owned())
}

fn find(path: &OsStr, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Of the browsers that are installed.
pub(in super::super) fn browser_policies() -> Vec<BrowserPolicies> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = POLICY_FOLDERS
        .into_iter()
        .filter(|(_, program, _)| find(&path, program).is_some());
    installed
        .map(|(browser, _, folder)| policies_in(browser, Path::new(folder)))
        .collect()
}

fn policies_in(browser: &'static str, folder: &Path) -> BrowserPolicies {
    let mut policies = BrowserPolicies {
        browser,
        ..BrowserPolicies::default()
    };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for file in files {
        let text = std::fs::read(file.path()).unwrap_or_default();
        let Ok(Value::Object(set)) = serde_json::from_slice(&text) else {
            continue;
        };
        let listed = |names: [&str; 2]| {
            let lists = names
                .into_iter()
                .filter_map(|name| set.get(name)?.as_array());
            let patterns = lists.flatten().filter_map(Value::as_str);
            patterns.map(str::to_owned).collect::<Vec<_>>()
        };
        policies.allowed.extend(listed(ALLOWING));
        policies.blocked.extend(listed(BLOCKING));
    }
    policies
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn a_browser_is_the_desktops_choice_or_what_xdg_open_finds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().as_os_str();
        let missing = async |part: &str| match default_browser_in(path, None).await {
            DefaultBrowser::Missing(what) => assert!(what.contains(part), "{what}"),
            DefaultBrowser::Is(browser) => panic!("{browser}"),
        };
        missing("xdg-open is not installed").await;
        program(dir.path(), "xdg-open", "");
        missing("no browser").await;
        program(dir.path(), "chromium", "");
        let is = |name: &str| DefaultBrowser::Is(name.to_owned());
        assert_eq!(default_browser_in(path, None).await, is("chromium"));
        assert_eq!(
            default_browser_in(path, Some("lynx".into())).await,
            is("lynx")
        );
        program(
            dir.path(),
            "xdg-settings",
            "#!/bin/sh\necho firefox.desktop\n",
        );
        assert_eq!(default_browser_in(path, None).await, is("firefox.desktop"));
    }

    #[test]
    fn policies_are_read_from_every_file_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write(
            "a.json",
            r#"{"LoopbackNetworkAllowedForUrls": ["https://gp.example"], "Other": 1}"#,
        );
        write(
            "b.json",
            r#"{"LocalNetworkAccessBlockedForUrls": ["https://bad.example"]}"#,
        );
        write("c.json", "no json");
        let policies = policies_in("Chrome", dir.path());
        assert_eq!(policies.allowed, ["https://gp.example"]);
        assert_eq!(policies.blocked, ["https://bad.example"]);
        assert_eq!(
            policies_in("Chrome", &dir.path().join("none")).allowed,
            [""; 0]
        );
    }

    #[test]
    fn an_autostart_entry_is_the_computers_or_the_users() {
        let dir = tempfile::tempdir().unwrap();
        let folders = || [dir.path().to_owned()].into_iter();
        assert!(entries_in(folders()).is_empty());
        std::fs::create_dir(dir.path().join("autostart")).unwrap();
        std::fs::write(dir.path().join("autostart/cardea-desktop.desktop"), "").unwrap();
        assert_eq!(entries_in(folders()).len(), 1);
    }
}
