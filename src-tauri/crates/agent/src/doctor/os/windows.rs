//! Windows: the registry.

use cardea_win32::Keepers;
use cardea_win32::registry::{Hive, Key, Limits, Value, read_tree};

use super::{ALLOWING, BLOCKING, BrowserPolicies, DefaultBrowser, Program};

/// More than a computer's list of programs needs.
const LIMITS: Limits = Limits {
    depth: 6,
    entries: 64 * 1024,
    bytes: 8 * 1024 * 1024,
};

const UNINSTALL: [&str; 2] = [
    r"Software\Microsoft\Windows\CurrentVersion\Uninstall",
    r"Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
];

/// Each browser, its program and the key of its policies.
const BROWSERS: [(&str, &str, &str); 2] = [
    ("Edge", "msedge.exe", r"Software\Policies\Microsoft\Edge"),
    ("Chrome", "chrome.exe", r"Software\Policies\Google\Chrome"),
];

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

pub(in super::super) fn installed_programs() -> Vec<Program> {
    let machine = UNINSTALL.into_iter().map(|path| (Hive::LocalMachine, path));
    let user = [(Hive::CurrentUser, UNINSTALL[0])];
    let lists = machine
        .chain(user)
        .filter_map(|(hive, path)| key(hive, path));
    let entries = lists.flat_map(|list| list.subkeys);
    let mut programs: Vec<_> = entries
        .filter_map(|(_, entry)| {
            Some(Program {
                name: text(&entry, "DisplayName")?,
                version: text(&entry, "DisplayVersion").unwrap_or_default(),
            })
        })
        .collect();
    // The Identity Agent is known by its own key too.
    for path in [
        r"Software\HSCIC\Identity Agent",
        r"Software\WOW6432Node\HSCIC\Identity Agent",
    ] {
        let is_listed = programs
            .iter()
            .any(|program| program.name.contains("Identity Agent"));
        if let Some(agent) = key(Hive::LocalMachine, path).filter(|_| !is_listed) {
            programs.push(Program {
                name: "NHS Identity Agent".to_owned(),
                version: text(&agent, "Version").unwrap_or_default(),
            });
        }
    }
    programs
}

pub(in super::super) fn smartcard_connect_policy() -> bool {
    key(
        Hive::LocalMachine,
        r"Software\Policies\NHS\SmartcardConnect",
    )
    .is_some()
}

/// What starts Cardea's desktop at log-on.
pub(in super::super) fn autostart() -> Vec<String> {
    let hives = [Hive::LocalMachine, Hive::CurrentUser];
    let entries = hives.into_iter().filter_map(|hive| {
        let command = text(&key(hive, RUN)?, "Cardea")?;
        Some(format!(r"{hive}\{RUN}, Cardea: {command}"))
    });
    entries.collect()
}

pub(in super::super) async fn default_browser() -> DefaultBrowser {
    let looking = tokio::task::spawn_blocking(registered_browser);
    looking
        .await
        .unwrap_or_else(|_| DefaultBrowser::Missing("the registry cannot be read".to_owned()))
}

fn registered_browser() -> DefaultBrowser {
    let choice = key(
        Hive::CurrentUser,
        r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice",
    );
    let choice = choice.and_then(|choice| text(&choice, "ProgId"));
    let class = choice.clone().unwrap_or_else(|| "https".to_owned());
    let command = format!(r"Software\Classes\{class}\shell\open\command");
    let has_command = [Hive::CurrentUser, Hive::LocalMachine]
        .into_iter()
        .any(|hive| key(hive, &command).is_some());
    match (choice, has_command) {
        (Some(choice), true) => DefaultBrowser::Is(choice),
        (None, true) => DefaultBrowser::Is("what is registered for https".to_owned()),
        (Some(choice), false) => {
            DefaultBrowser::Missing(format!("{choice} was chosen and is not installed"))
        }
        (None, false) => DefaultBrowser::Missing("no program is registered for https".to_owned()),
    }
}

/// Of the browsers that are installed.
pub(in super::super) fn browser_policies() -> Vec<BrowserPolicies> {
    let is_there = |program: &str| {
        let path = format!(r"Software\Microsoft\Windows\CurrentVersion\App Paths\{program}");
        [Hive::LocalMachine, Hive::CurrentUser]
            .into_iter()
            .any(|hive| key(hive, &path).is_some())
    };
    let installed = BROWSERS
        .into_iter()
        .filter(|(_, program, _)| is_there(program));
    installed
        .map(|(browser, _, path)| {
            // The computer's policies come first, list by list.
            let hives = [Hive::LocalMachine, Hive::CurrentUser].map(|hive| key(hive, path));
            let listed = |names: [&str; 2]| {
                let lists = names.into_iter().filter_map(|name| {
                    hives
                        .iter()
                        .flatten()
                        .find_map(|policies| list(policies, name))
                });
                lists.flatten().collect()
            };
            BrowserPolicies {
                browser,
                allowed: listed(ALLOWING),
                blocked: listed(BLOCKING),
            }
        })
        .collect()
}

/// A list of texts: a subkey with numbered values.
fn list(policies: &Key, name: &str) -> Option<Vec<String>> {
    let (_, list) = policies
        .subkeys
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    let values = list.values.iter().filter_map(|(_, value)| as_text(value));
    Some(values.collect())
}

/// None also for a key that cannot be read: what it says is not known then.
fn key(hive: Hive, path: &str) -> Option<Key> {
    read_tree(hive, path, &Keepers::administrators(), LIMITS)
        .ok()
        .flatten()
}

fn text(key: &Key, name: &str) -> Option<String> {
    let (_, value) = key
        .values
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    as_text(value)
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Expandable(text) => Some(text.clone()),
        Value::Number(_)
        | Value::Large(_)
        | Value::Texts(_)
        | Value::Other(_)
        | Value::Malformed(_) => None,
    }
}
