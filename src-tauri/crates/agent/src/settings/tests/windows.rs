//! Settings in the registry of this Windows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cardea_win32::registry::{self, Value, create_key, delete_tree, open_to_everyone, set_value};

use super::live::until;
use super::*;

const HIVE: registry::Hive = registry::Hive::CurrentUser;

/// A place for one test's settings in the user's hive, taken away in the end.
struct Computer {
    own: String,
    places: Places,
}

impl Computer {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = format!(
            r"Software\cardea-agent-test-{}-{number}",
            std::process::id()
        );
        create_key(HIVE, &own).unwrap();
        let key = |name: &str| RegistryKey {
            hive: Hive::CurrentUser,
            path: format!(r"{own}\{name}\Cardea"),
        };
        let places = Places {
            policy: Location::Key(key("Policies")),
            installation: Some(key("Installed")),
            file: ConfigFile::Machine(r"C:\none\config.toml".into()),
            user: None,
            build: Build::Release,
        };
        Self { own, places }
    }

    fn path(&self, below: &str) -> String {
        format!(r"{}\{below}", self.own)
    }

    fn policy(&self, table: &str, name: &str, value: &Value) {
        let path = self.path(&format!(r"Policies\Cardea\{table}"));
        set_value(HIVE, &path, name, value).unwrap();
    }

    fn load(&self) -> Loaded {
        load(&self.places)
    }

    /// What the errors say, without the folder that is another one each time.
    fn errors(&self) -> String {
        shown(&self.load().errors).replace(&self.own, "KEY")
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        let gone = delete_tree(HIVE, &self.own);
        assert!(gone.is_ok() || std::thread::panicking(), "{gone:?}");
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn texts(texts: &[&str]) -> Value {
    Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn settings_are_read_from_the_registry_and_policy_wins() {
    let computer = Computer::new();
    let installed = computer.path(r"Installed\Cardea\log");
    set_value(HIVE, &installed, "keep_days", &Value::Number(3)).unwrap();
    set_value(HIVE, &installed, "level", &text("warn")).unwrap();
    computer.policy("log", "keep_days", &Value::Number(7));
    let loaded = computer.load();
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.log.keep_days, 7);
    assert_eq!(loaded.settings.log.level, LogLevel::Warn);
    let origin = |key| loaded.settings.origin(key).unwrap().to_string();
    let own = &computer.own;
    let policy = format!(r"policy HKCU\{own}\Policies\Cardea\log, value keep_days");
    assert_eq!(origin("log.keep_days"), policy);
    let installed = format!(r"installation HKCU\{own}\Installed\Cardea\log, value level");
    assert_eq!(origin("log.level"), installed);
}

#[test]
fn a_value_of_a_wrong_kind_is_refused_and_named() {
    let computer = Computer::new();
    computer.policy("log", "keep_days", &Value::Other(3));
    computer.policy("log", "level", &Value::Expandable("%LEVEL%".to_owned()));
    computer.policy("api", "port", &Value::Malformed(4));
    computer.policy("cis2", "client_id", &Value::Number(1));
    insta::assert_snapshot!(computer.errors(), @r#"
    policy HKCU\KEY\Policies\Cardea\cis2, value client_id, [cis2] client_id: found a REG_DWORD, where REG_SZ is needed; allowed: the client id of the CIS2 registration: up to 255 printable characters without spaces, or "" for none
    policy HKCU\KEY\Policies\Cardea\api, value port, [api] port: found a malformed REG_DWORD, where REG_DWORD is needed; allowed: a whole number from 0 to 65535
    policy HKCU\KEY\Policies\Cardea\log, value level, [log] level: found a REG_EXPAND_SZ, where REG_SZ is needed; allowed: one of "error", "warn", "info", "debug", "trace"
    policy HKCU\KEY\Policies\Cardea\log, value keep_days, [log] keep_days: found a REG_BINARY, where REG_DWORD is needed; allowed: a whole number from 1 to 3650
    "#);
    assert!(computer.load().failure().is_some());
}

#[test]
fn a_list_in_one_value_and_in_numbered_values_are_equal() {
    let ports = |write: &dyn Fn(&Computer)| {
        let computer = Computer::new();
        write(&computer);
        let loaded = computer.load();
        assert_eq!(shown(&loaded.errors), "");
        loaded.settings.cis2.redirect_ports
    };
    let in_one = ports(&|computer| {
        computer.policy("cis2", "redirect_ports", &texts(&["5002", "5001"]));
    });
    let numbered = ports(&|computer| {
        let table = r"cis2\redirect_ports";
        computer.policy(table, "2", &text("5001"));
        computer.policy(table, "1", &Value::Number(5002));
    });
    assert_eq!(in_one, [5002, 5001]);
    assert_eq!(in_one, numbered);
}

#[test]
fn programs_are_subkeys() {
    let computer = Computer::new();
    let docman = r"api\apps\docman";
    computer.policy(docman, "name", &text("Docman"));
    computer.policy(docman, "scopes", &texts(&["session:read"]));
    computer.policy(docman, "token_sha256", &text(&"1".repeat(64)));
    let loaded = computer.load();
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.api.apps[0].id, "docman");
}

#[test]
fn what_is_in_the_users_own_hive_is_the_users_word() {
    let computer = Computer::new();
    computer.policy("hooks", "on_session_end", &texts(&[PROGRAM]));
    let errors = computer.errors();
    let why = "hooks count only from what administrators alone can write";
    assert!(errors.contains(why), "{errors}");
    assert!(computer.load().settings.hooks.on_session_end.is_empty());
}

#[test]
fn an_unknown_name_in_a_policy_only_warns() {
    let computer = Computer::new();
    computer.policy("log", "colour", &text("red"));
    computer.policy("newer", "x", &text("red"));
    let loaded = computer.load();
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.warnings.len(), 2, "{}", shown(&loaded.warnings));
}

#[test]
fn a_key_that_others_can_write_is_refused_wherever_it_is() {
    let computer = Computer::new();
    computer.policy("log", "keep_days", &Value::Number(7));
    open_to_everyone(HIVE, &computer.path(r"Policies\Cardea\log")).unwrap();
    assert_eq!(computer.load().settings.log.keep_days, 14);
    insta::assert_snapshot!(computer.errors(), @r"policy HKCU\KEY\Policies\Cardea: refused, because Everyone can write HKCU\KEY\Policies\Cardea\log; let only SYSTEM and Administrators write to it (regedit, Permissions)");
}

#[test]
fn more_than_settings_ever_are_is_refused() {
    let computer = Computer::new();
    let long = text(&"x".repeat(600 * 1024));
    computer.policy("log", "level", &long);
    let errors = computer.errors();
    assert!(errors.contains("larger than 1024 KiB"), "{errors}");
}

#[test]
fn where_a_policy_is_set_a_release_takes_no_file_from_the_command_line() {
    let mut computer = Computer::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "").unwrap();
    computer.places.file = ConfigFile::Given(file);
    // What is left of a policy that was taken back.
    create_key(HIVE, &computer.path(r"Policies\Cardea\log")).unwrap();
    assert_eq!(computer.errors(), "");
    computer.policy("log", "level", &text("warn"));
    let errors = computer.errors();
    assert!(errors.contains("--config is refused"), "{errors}");
}

#[tokio::test]
async fn a_policy_that_comes_changes_and_goes_is_applied_while_the_agent_runs() {
    let computer = Computer::new();
    let now = Arc::new(computer.load());
    let watch = Watch::start(computer.places.clone(), now).unwrap();
    let mut changes = watch.changes();
    let days = |days| move |loaded: &Loaded| loaded.settings.log.keep_days == days;
    for round in 0..2 {
        computer.policy("log", "keep_days", &Value::Number(3 + round));
        until(&mut changes, days(3 + u16::try_from(round).unwrap())).await;
        computer.policy("log", "keep_days", &Value::Number(7));
        until(&mut changes, days(7)).await;
        computer.policy("log", "keep_days", &text("x"));
        until(&mut changes, |loaded| !loaded.errors.is_empty()).await;
        delete_tree(HIVE, &computer.path("Policies")).unwrap();
        until(&mut changes, days(14)).await;
    }
    drop(watch);
    assert!(changes.changed().await.is_err());
}

#[tokio::test]
async fn what_the_installer_writes_is_applied_while_the_agent_runs() {
    let computer = Computer::new();
    let watch = Watch::start(computer.places.clone(), Arc::new(computer.load())).unwrap();
    let installed = computer.path(r"Installed\Cardea\log");
    set_value(HIVE, &installed, "keep_days", &Value::Number(3)).unwrap();
    until(&mut watch.changes(), |loaded| {
        loaded.settings.log.keep_days == 3
    })
    .await;
}
