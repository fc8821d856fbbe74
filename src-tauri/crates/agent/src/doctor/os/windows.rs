//! Windows: the registry.

use cardea_win32::registry::Hive;

use super::{ALLOWING, BLOCKING, BrowserPolicies, DefaultBrowser, Program};
use crate::system::registry::{Texts, below};

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
    let entries = machine
        .chain(user)
        .flat_map(|(hive, path)| below(hive, path));
    let mut programs: Vec<_> = entries
        .filter_map(|entry| {
            Some(Program {
                name: entry.named("DisplayName")?.to_owned(),
                version: entry.named("DisplayVersion").unwrap_or_default().to_owned(),
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
        if let Some(agent) = Texts::of(Hive::LocalMachine, path).filter(|_| !is_listed) {
            programs.push(Program {
                name: "NHS Identity Agent".to_owned(),
                version: agent.named("Version").unwrap_or_default().to_owned(),
            });
        }
    }
    programs
}

pub(in super::super) fn smartcard_connect_policy() -> bool {
    let policy = r"Software\Policies\NHS\SmartcardConnect";
    Texts::of(Hive::LocalMachine, policy).is_some()
}

/// What starts Cardea's desktop at log-on.
pub(in super::super) fn autostart() -> Vec<String> {
    let hives = [Hive::LocalMachine, Hive::CurrentUser];
    let entries = hives.into_iter().filter_map(|hive| {
        let entries = Texts::of(hive, RUN)?;
        let command = entries.named("Cardea")?;
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
    let choice = Texts::of(
        Hive::CurrentUser,
        r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice",
    );
    let choice = choice.and_then(|choice| choice.named("ProgId").map(str::to_owned));
    let class = choice.clone().unwrap_or_else(|| "https".to_owned());
    let command = format!(r"Software\Classes\{class}\shell\open\command");
    let has_command = [Hive::CurrentUser, Hive::LocalMachine]
        .into_iter()
        .any(|hive| Texts::of(hive, &command).is_some());
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
            .any(|hive| Texts::of(hive, &path).is_some())
    };
    let installed = BROWSERS
        .into_iter()
        .filter(|(_, program, _)| is_there(program));
    installed
        .map(|(browser, _, path)| {
            // The computer's policies come first, list by list: a subkey with numbered values.
            let listed = |names: [&str; 2]| {
                let lists = names.into_iter().filter_map(|name| {
                    [Hive::LocalMachine, Hive::CurrentUser]
                        .into_iter()
                        .find_map(|hive| Texts::of(hive, &format!(r"{path}\{name}")))
                });
                lists.flat_map(Texts::into_all).collect()
            };
            BrowserPolicies {
                browser,
                allowed: listed(ALLOWING),
                blocked: listed(BLOCKING),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use cardea_win32::registry::{Value, create_key, delete_tree, set_value};

    use super::*;

    #[test]
    fn what_one_installer_wrote_below_its_entry_hides_no_other_program() {
        let entry = format!(r"{}\CardeaTest{}", UNINSTALL[0], std::process::id());
        let name = Value::Text("NHS Smartcard Connect (test)".to_owned());
        set_value(Hive::CurrentUser, &entry, "DisplayName", &name).unwrap();
        create_key(Hive::CurrentUser, &format!(r"{entry}\1\2\3\4\5\6\7\8")).unwrap();
        let programs = installed_programs();
        delete_tree(Hive::CurrentUser, &entry).unwrap();
        let found = programs
            .iter()
            .any(|program| program.name == "NHS Smartcard Connect (test)");
        assert!(found, "{programs:?}");
    }
}
