//! Settings as they are written in the registry.

use super::*;
use crate::settings::registry::{Tree, Value};

const POLICY: &str = r"HKLM\Software\Policies\Cardea";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn texts(texts: &[&str]) -> Value {
    Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// A tree by the paths of its values; an empty last name makes a key without a value.
fn tree(values: &[(&str, Value)]) -> Tree {
    let mut tree = Tree::default();
    for (path, value) in values {
        let mut key = &mut tree;
        let (keys, name) = path.rsplit_once('\\').unwrap_or(("", path));
        for name in keys.split('\\').filter(|name| !name.is_empty()) {
            let at = key.subkeys.iter().position(|(known, _)| known == name);
            let at = at.unwrap_or_else(|| {
                key.subkeys.push((name.to_owned(), Tree::default()));
                key.subkeys.len() - 1
            });
            key = &mut key.subkeys[at].1;
        }
        key.values.push((name.to_owned(), value.clone()));
    }
    tree
}

fn load_in(place: Place, path: &str, values: &[(&str, Value)]) -> Loaded {
    let source = Source {
        origin: Origin::whole(place, path),
        standing: Standing::Administrator,
        content: Content::Keys(tree(values)),
    };
    let gathered = Gathered {
        sources: vec![source],
        errors: Vec::new(),
    };
    loaded(gathered, Build::Release)
}

pub(in crate::settings) fn load_policy(values: &[(&str, Value)]) -> Loaded {
    load_in(Place::Policy, POLICY, values)
}

/// What the errors say behind the path of the policy.
fn errors(values: &[(&str, Value)]) -> String {
    shown(&load_policy(values).errors).replace(&format!(r"policy {POLICY}\"), "")
}

#[test]
fn each_kind_of_setting_has_its_kind_of_value() {
    let loaded = load_policy(&[
        (r"cis2\environment", text("int")),
        (r"cis2\max_age", text("10m")),
        (r"cis2\require_smartcard", Value::Number(0)),
        (r"cis2\scopes", texts(&["openid", "profile"])),
        (r"session\lock_workstation_on_removal", Value::Number(1)),
        (r"log\keep_days", Value::Number(7)),
        (r"hooks\on_session_end", texts(&[PROGRAM, "--now"])),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    let settings = &loaded.settings;
    assert_eq!(settings.cis2.environment, Environment::Int);
    assert_eq!(settings.cis2.max_age.as_secs(), 600);
    assert!(!settings.cis2.require_smartcard);
    assert_eq!(settings.cis2.scopes, ["openid", "profile"]);
    assert!(settings.session.lock_workstation_on_removal);
    assert_eq!(settings.log.keep_days, 7);
    assert_eq!(settings.hooks.on_session_end, [PROGRAM, "--now"]);
}

/// A value of TOML as administrators would write it.
fn as_written(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(string) => text(string),
        toml::Value::Integer(number) => Value::Number((*number).try_into().unwrap()),
        toml::Value::Boolean(boolean) => Value::Number((*boolean).into()),
        toml::Value::Array(list) => {
            let shown = |each: &toml::Value| each.as_str().map_or(each.to_string(), str::to_owned);
            Value::Texts(list.iter().map(shown).collect())
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => {
            panic!("no setting is one: {value}")
        }
    }
}

#[test]
fn every_default_may_be_written() {
    for definition in definitions() {
        if matches!(definition.shape, Shape::Entries { .. }) {
            continue;
        }
        let (table, key) = (definition.table, definition.key);
        let default = format!("x = {}", definition.default).parse::<toml::Table>();
        let written = as_written(&default.unwrap()["x"]);
        let loaded = load_policy(&[(&format!(r"{table}\{key}"), written)]);
        assert_eq!(shown(&loaded.errors), "");
        let origin = loaded.settings.origin(&format!("{table}.{key}")).unwrap();
        assert_eq!(origin.place, Place::Policy);
        assert_eq!(
            value(&loaded.settings, &format!("{table}.{key}")),
            definition.default
        );
    }
}

#[test]
fn numbers_and_booleans_may_be_decimals_in_texts() {
    let loaded = load_policy(&[
        (r"api\port", text("29000")),
        (r"cis2\require_smartcard", text("0")),
        (r"desktop\autostart", text("1")),
        (r"cis2\redirect_ports", texts(&["5000", "5001"])),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    let settings = &loaded.settings;
    assert_eq!(settings.api.port, 29000);
    assert!(!settings.cis2.require_smartcard);
    assert!(settings.desktop.autostart);
    assert_eq!(settings.cis2.redirect_ports, [5000, 5001]);
}

#[test]
fn a_list_may_be_one_value_or_numbered_values_in_a_subkey() {
    let scopes = |values: &[(&str, Value)]| {
        let loaded = load_policy(values);
        assert_eq!(shown(&loaded.errors), "");
        loaded.settings.cis2.scopes
    };
    let in_one = scopes(&[(r"cis2\scopes", texts(&["openid", "a", "b"]))]);
    let numbered = scopes(&[
        (r"cis2\scopes\10", text("b")),
        (r"cis2\scopes\2", text("a")),
        (r"cis2\scopes\1", text("openid")),
    ]);
    assert_eq!(in_one, numbered);
    let ports = load_policy(&[
        (r"cis2\redirect_ports\1", Value::Number(5000)),
        (r"cis2\redirect_ports\2", text("5001")),
    ]);
    assert_eq!(ports.settings.cis2.redirect_ports, [5000, 5001]);
}

#[test]
fn a_list_without_texts_is_empty_and_an_empty_subkey_says_nothing() {
    let ports = |values: &[(&str, Value)]| load_policy(values).settings.cis2.redirect_ports;
    assert!(ports(&[(r"cis2\redirect_ports", texts(&[]))]).is_empty());
    let default = load_texts(&[]).settings.cis2.redirect_ports;
    assert_eq!(ports(&[(r"cis2\redirect_ports\", text(""))]), default);
}

const HASH: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn tables_are_subkeys_named_by_their_id() {
    let loaded = load_policy(&[
        (r"api\apps\docman\name", text("Docman")),
        (
            r"api\apps\docman\scopes",
            texts(&["session:read", "tokens:read"]),
        ),
        (r"api\apps\docman\token_sha256", text(HASH)),
        (r"card\patterns\1\id", text("blank")),
        (r"card\patterns\1\name", text("Blank card")),
        (r"card\patterns\1\atr", text("3B 00")),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    let app = &loaded.settings.api.apps[0];
    assert_eq!((app.id.as_str(), app.name.as_str()), ("docman", "Docman"));
    assert!(app.scopes.has(Scope::TokensRead));
    assert_eq!(loaded.settings.card.patterns[0].id, "blank");
    let origin = loaded.settings.origin("api.apps.docman").unwrap();
    assert_eq!(origin.to_string(), format!(r"policy {POLICY}\api\apps"));
}

#[test]
fn a_value_tells_its_key_and_name() {
    let loaded = load_in(
        Place::Installation,
        r"HKLM\Software\Cardea",
        &[(r"log\keep_days", Value::Number(7))],
    );
    let origin = loaded.settings.origin("log.keep_days").unwrap();
    let written = r"installation HKLM\Software\Cardea\log, value keep_days";
    assert_eq!(origin.to_string(), written);
    let rows = loaded.settings.show();
    let row = rows.iter().find(|row| row.key == "log.keep_days").unwrap();
    insta::assert_snapshot!(
        serde_json::to_string(row).unwrap(),
        @r#"{"key":"log.keep_days","value":"7","place":"installation","path":"HKLM\\Software\\Cardea\\log","value_name":"keep_days"}"#
    );
}

#[test]
fn names_are_told_apart_as_windows_does() {
    let loaded = load_policy(&[
        (r"LOG\Keep_Days", Value::Number(7)),
        (r"Api\APPS\docman\Name", text("Docman")),
        (r"Api\APPS\docman\SCOPES", texts(&[])),
        (r"Api\APPS\docman\token_SHA256", text(HASH)),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    assert!(loaded.warnings.is_empty(), "{}", shown(&loaded.warnings));
    assert_eq!(loaded.settings.log.keep_days, 7);
    assert_eq!(loaded.settings.api.apps[0].id, "docman");
}

#[test]
fn every_error_names_key_value_and_what_is_allowed() {
    let errors = errors(&[
        (r"cis2\client_id", Value::Number(5)),
        (r"cis2\max_age", text("soon")),
        (r"cis2\require_smartcard", Value::Number(2)),
        (r"cis2\pkce", Value::Other("REG_EXPAND_SZ".to_owned())),
        (r"cis2\redirect_ports", texts(&["28117", "80", "x"])),
        (r"cis2\scopes\one", text("openid")),
        (r"cis2\scopes\deep\1", text("openid")),
        (r"cis2\smartcard_evidence", text("*SMARTCARD*")),
        (r"card\patterns", texts(&["3B 00"])),
        (r"session\idle_timeout\1", text("5m")),
        (r"session\lock_workstation_on_removal", text("yes")),
        (r"api\port", texts(&[])),
        (r"api\apps\stray", text("x")),
        (r"api\apps\docman\name", text("Docman")),
        (r"api\apps\docman\scopes\1", text("all")),
        (r"api\apps\docman\token_sha256", text("secret")),
        (r"hooks\on_session_end", texts(&["a"])),
        (r"hooks\on_session_end\1", text("b")),
        (r"log", text("info")),
        (r"log\keep_days", Value::Other("REG_BINARY".to_owned())),
        (r"log\level", texts(&["info"])),
    ]);
    insta::assert_snapshot!(errors);
}

#[test]
fn secrets_in_the_registry_are_not_shown() {
    let loaded = load_policy(&[(r"api\apps\docman\token_sha256", text("secret"))]);
    let everything = format!("{}{:?}", shown(&loaded.errors), loaded);
    assert!(everything.contains("(not shown)") && !everything.contains("\"secret\""));
}

#[test]
fn only_in_a_policy_an_unknown_name_is_a_warning() {
    let values = [
        ("stray", text("x")),
        (r"newer\x", text("x")),
        (r"log\colour", text("red")),
        (r"log\colours\1", text("red")),
        (r"log\", text("a default value")),
        (r"api\apps\docman\colour", text("red")),
        (r"api\apps\docman\name", text("Docman")),
        (r"api\apps\docman\scopes", texts(&[])),
        (r"api\apps\docman\token_sha256", text(HASH)),
    ];
    let policy = load_policy(&values);
    assert_eq!(shown(&policy.errors), "");
    assert_eq!(policy.warnings.len(), 6, "{}", shown(&policy.warnings));
    assert_eq!(policy.settings.api.apps.len(), 1);
    let installed = load_in(Place::Installation, r"HKLM\Software\Cardea", &values);
    assert_eq!(installed.errors.len(), 6, "{}", shown(&installed.errors));
    assert!(installed.warnings.is_empty());
}

#[test]
fn the_installation_comes_between_policy_and_file() {
    let key = |place, values: &[(&str, Value)]| Source {
        origin: Origin::whole(place, POLICY),
        standing: Standing::Administrator,
        content: Content::Keys(tree(values)),
    };
    let number = Value::Number;
    let file = Source {
        origin: Origin::whole(Place::File, "/file.toml"),
        standing: Standing::Administrator,
        content: Content::Text(
            "[log]\nkeep_days = 3\nlevel = \"warn\"\n[api]\nport = 3".to_owned(),
        ),
    };
    let gathered = Gathered {
        sources: vec![
            key(Place::Policy, &[(r"log\keep_days", number(1))]),
            key(
                Place::Installation,
                &[(r"log\keep_days", number(2)), (r"api\port", number(2))],
            ),
            file,
        ],
        errors: Vec::new(),
    };
    let loaded = loaded(gathered, Build::Release);
    assert_eq!(shown(&loaded.errors), "");
    let settings = &loaded.settings;
    assert_eq!((settings.log.keep_days, settings.api.port), (1, 2));
    assert_eq!(settings.log.level, LogLevel::Warn);
}

#[test]
fn any_change_in_the_registry_is_another_fingerprint() {
    let fingerprint = |values: &[(&str, Value)]| load_policy(values).fingerprint;
    let now = fingerprint(&[(r"log\keep_days", Value::Number(1))]);
    assert_eq!(fingerprint(&[(r"log\keep_days", Value::Number(1))]), now);
    assert_ne!(fingerprint(&[(r"log\keep_days", Value::Number(2))]), now);
    assert_ne!(fingerprint(&[(r"log\keep_days", text("1"))]), now);
}
