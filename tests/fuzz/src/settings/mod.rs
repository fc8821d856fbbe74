//! Files of settings. The first line may say, as a comment, where the file lies: `# policy`,
//! `# installation`, `# user`, or `# own` for one given by the user who runs the agent.

mod usable;

use std::collections::BTreeMap;

use cardea_agent::settings::fuzzing::{Writer, is_of, load_keys, load_text, millis};
use cardea_agent::settings::{
    Effective, Loaded, Pairing, Place, Problem, SettingError, Shape, TABLES, definitions,
};
use cardea_session::Scope;
use toml::{Table, Value};

use crate::{SECRET, Verdict};

/// Loads it; what is accepted also as the settings that it is shown as, and out of the registry.
pub fn run(input: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(input);
    let (place, writer) = standing(&text);
    let loaded = load_text(place, writer, &text);
    check_what_is_shown(&loaded, &text);
    if !loaded.errors.is_empty() {
        assert!(loaded.failure().is_some() && is_safe(&loaded.settings));
        return Verdict::refused(text.parse::<Table>().is_ok());
    }
    let file: Table = text.parse().expect("what is accepted is TOML");
    for (table, items) in &file {
        let known = TABLES.iter().any(|(name, _)| name == table);
        assert!(known || place == Place::Policy, "there is no [{table}]");
        assert!(
            place != Place::User || table == "desktop",
            "[{table}] of a user"
        );
        if let Some(items) = items.as_table().filter(|_| known) {
            check_table(&loaded.settings, place, table, items);
        }
    }
    if writer == Writer::User {
        assert!(loaded.settings.hooks.on_session_end.is_empty());
        assert!(!releases_tokens(&loaded.settings));
    }
    check_shown_settings_load(&loaded.settings);
    usable::check(&loaded.settings);
    // A name that there is not in a file may be one in the registry, where case does not count.
    let is_unknown = |error: &SettingError| {
        let problem = &error.problem;
        matches!(
            problem,
            Problem::UnknownTable { .. } | Problem::UnknownKey { .. }
        )
    };
    if writer == Writer::Administrator
        && place != Place::User
        && !loaded.warnings.iter().any(is_unknown)
    {
        let keys = load_keys(place, &as_keys(file));
        assert!(keys.errors.is_empty(), "{:?}", keys.errors);
        assert_eq!(rows(&keys.settings), rows(&loaded.settings));
    }
    Verdict::Accepted
}

/// As the registry has it: a list of tables is a key with a subkey for each, so there is no empty one.
fn as_keys(mut file: Table) -> Table {
    for definition in definitions() {
        let items = file.get_mut(definition.table).and_then(Value::as_table_mut);
        if let (Some(items), Shape::Entries { .. }) = (items, definition.shape) {
            let is_empty = |list: &Value| list.as_array().is_some_and(Vec::is_empty);
            if items.get(definition.key).is_some_and(is_empty) {
                items.remove(definition.key);
            }
        }
    }
    file
}

fn standing(text: &str) -> (Place, Writer) {
    match text.lines().next().unwrap_or_default() {
        "# policy" => (Place::Policy, Writer::Administrator),
        "# installation" => (Place::Installation, Writer::Administrator),
        "# user" => (Place::User, Writer::User),
        "# own" => (Place::File, Writer::User),
        _ => (Place::File, Writer::Administrator),
    }
}

/// What a table says holds, as it was written and within what the documentation allows.
fn check_table(settings: &Effective, place: Place, table: &str, items: &Table) {
    for (key, written) in items {
        let mut all = definitions().into_iter();
        let Some(definition) = all.find(|known| known.table == table && known.key == key) else {
            assert_eq!(place, Place::Policy, "there is no [{table}] {key}");
            continue;
        };
        if place == Place::Policy && matches!(definition.shape, Shape::Entries { .. }) {
            continue;
        }
        assert!(is_of(&definition.shape, written), "[{table}] {key}");
        if let Shape::Entries { .. } = definition.shape {
            for entry in written.as_array().expect("a list") {
                let id = entry["id"].as_str().expect("an id");
                assert!(settings.origin(&format!("{table}.{key}.{id}")).is_some());
            }
            continue;
        }
        let shown = rows(settings).remove(format!("{table}.{key}").as_str());
        let shown = format!("shown = {}", shown.expect("it is shown"));
        let shown = &shown.parse::<Table>().expect("it is shown as TOML")["shown"];
        let same_span = millis(shown).is_some() && millis(shown) == millis(written);
        assert!(shown == written || same_span, "{shown} {written}");
    }
}

/// `config show` is itself a file of settings that says the same, but for the hashes it keeps back.
fn check_shown_settings_load(settings: &Effective) {
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut text = String::new();
    for (number, (key, value)) in rows(settings).into_iter().enumerate() {
        let hash = format!("\"{number:064x}\"");
        let value = value.replace("\"(not shown)\"", &hash);
        let mut names = key.splitn(3, '.');
        let list = [
            names.next().unwrap_or_default(),
            names.next().unwrap_or_default(),
        ]
        .join(".");
        if names.next().is_some() {
            entries.entry(list).or_default().push(value);
        } else if value != "[]" || !entries.contains_key(&list) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    for (key, values) in entries {
        text.push_str(&format!("{key} = [{}]\n", values.join(", ")));
    }
    let again = load_text(Place::File, Writer::Administrator, &text);
    assert!(again.errors.is_empty(), "{:?}\n{text}", again.errors);
    assert_eq!(rows(&again.settings), rows(settings));
}

fn rows(settings: &Effective) -> BTreeMap<&str, &str> {
    let rows = settings.show().iter();
    rows.map(|row| (row.key.as_str(), row.value.as_str()))
        .collect()
}

fn is_safe(settings: &Effective) -> bool {
    settings.hooks.on_session_end.is_empty()
        && settings.api.pairing == Pairing::Off
        && !settings.api.release_access_token
        && !releases_tokens(settings)
}

fn releases_tokens(settings: &Effective) -> bool {
    let mut apps = settings.api.apps.iter();
    apps.any(|app| app.scopes.has(Scope::TokensRead))
}

/// Nothing shows the hash of a program's token, nor the text of a file that could not be read.
fn check_what_is_shown(loaded: &Loaded, text: &str) {
    let errors = loaded.errors.iter().chain(&loaded.warnings);
    let errors: Vec<_> = errors.collect();
    for error in &errors {
        if let Problem::Syntax(message) = &error.problem {
            assert!(!message.contains(SECRET), "{message}");
        }
    }
    let Ok(file) = text.parse::<Table>() else {
        return;
    };
    let hashes = secrets(&Value::Table(file));
    if hashes > 0 && text.matches(SECRET).count() == hashes {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        let shown = format!("{errors:?}{:?}{loaded:?}", loaded.failure());
        assert!(!shown.contains(SECRET), "a hash is shown");
    }
}

/// How many values named for a token's hash hold the secret.
fn secrets(value: &Value) -> usize {
    let inner = |value: &Value| match value {
        Value::Array(list) => list.iter().map(secrets).sum(),
        Value::Table(_) => secrets(value),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => 0,
    };
    let Some(table) = value.as_table() else {
        return 0;
    };
    let each = table.iter().map(|(key, value)| match value.as_str() {
        Some(text) if key == "token_sha256" => text.matches(SECRET).count(),
        Some(_) | None => inner(value),
    });
    each.sum()
}
