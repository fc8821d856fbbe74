//! Settings that nobody would think of.

mod values;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use toml::{Table, Value};

use super::*;
use crate::settings::fuzzing::{is_of, millis};
use values::{any_value, near};

/// What files are made of.
const PIECES: &[&str] = &[
    "[cis2]\n",
    "[api]\n",
    "[[api.apps]]\n",
    "client_id",
    "port",
    "patterns",
    "=",
    ".",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'''",
    "\\u0000",
    "\u{feff}",
    "\r",
    "\n",
    "#",
    "1",
    "true",
    "\"x\"",
];

/// What goes deep when it is repeated.
const NESTED: &[&str] = &["[", "{a=", "a.", "[[a]]\n"];

const GOOD: &str = "[cis2]\nclient_id = \"x\"\n\n[log]\nkeep_days = 7\n";

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => select(PIECES).prop_map(str::to_owned),
        2 => "\\PC{0,6}",
        1 => (select(NESTED), 1..300_usize).prop_map(|(piece, times)| piece.repeat(times)),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// A setting, and what is written for it.
fn settings() -> impl Strategy<Value = (Definition, Value)> {
    let settings = definitions().into_iter().map(|definition| {
        let has_entries = matches!(definition.shape, Shape::Entries { .. });
        let value = prop_oneof![2 => near(&definition.shape), 1 => any_value()];
        (if has_entries { 8 } else { 1 }, (Just(definition), value))
    });
    Union::new_weighted(settings.collect())
}

/// A table and a key, together seldom a setting.
fn names() -> impl Strategy<Value = (String, String)> {
    let tables: Vec<_> = TABLES.iter().map(|(table, _)| *table).collect();
    let keys: Vec<_> = definitions().iter().map(|known| known.key).collect();
    let table = select(tables).prop_map(str::to_owned);
    let key = select(keys).prop_map(str::to_owned);
    let shouted = key.clone().prop_map(|key| key.to_ascii_uppercase());
    (
        prop_oneof![6 => table, 1 => "\\PC{0,6}"],
        prop_oneof![4 => key, 1 => shouted, 1 => "\\PC{0,6}"],
    )
}

fn is_known(table: &str, key: &str) -> bool {
    definitions()
        .iter()
        .any(|known| known.table == table && known.key == key)
}

/// A file in which everything is right, and one more value.
fn good_and(table: &str, key: &str, value: Value) -> String {
    let mut file: Table = GOOD.parse().unwrap();
    let table = file.entry(table).or_insert_with(|| Table::new().into());
    table.as_table_mut().unwrap().insert(key.to_owned(), value);
    file.to_string()
}

fn is_safe(settings: &Effective) -> bool {
    settings.hooks.on_session_end.is_empty()
        && settings.api.pairing == Pairing::Off
        && !settings.api.release_access_token
        && !settings
            .api
            .apps
            .iter()
            .any(|app| app.scopes.has(Scope::TokensRead))
}

/// Every setting and its value.
fn rows(settings: &Effective) -> Vec<[&str; 2]> {
    let rows = settings.show().iter();
    rows.map(|row| [row.key.as_str(), &row.value]).collect()
}

proptest! {
    #[test]
    fn a_text_is_taken_only_when_it_is_toml_with_settings_that_there_are(text in texts()) {
        let loaded = load_file(&text);
        if !loaded.errors.is_empty() {
            prop_assert!(loaded.failure().is_some() && is_safe(&loaded.settings));
            return Ok(());
        }
        let file: Table = text.parse().unwrap();
        for (table, items) in &file {
            let items = items.as_table().unwrap();
            prop_assert!(TABLES.iter().any(|(name, _)| name == table));
            prop_assert!(items.keys().all(|key| is_known(table, key)));
        }
    }

    #[test]
    fn a_value_is_taken_only_when_it_fits_and_then_holds_as_it_was_written(
        (definition, written) in settings(),
    ) {
        let Definition { table, key, shape, .. } = definition;
        let loaded = load_file(&good_and(table, key, written.clone()));
        if !loaded.errors.is_empty() {
            prop_assert!(loaded.failure().is_some() && is_safe(&loaded.settings));
            return Ok(());
        }
        prop_assert!(is_of(&shape, &written));
        if let Shape::Entries { .. } = shape {
            for entry in written.as_array().unwrap() {
                let row = format!("{table}.{key}.{}", entry["id"].as_str().unwrap());
                prop_assert!(loaded.settings.origin(&row).is_some());
            }
            return Ok(());
        }
        let shown = format!("shown = {}", value(&loaded.settings, &format!("{table}.{key}")));
        let shown = &shown.parse::<Table>().unwrap()["shown"];
        let same_span = millis(shown).is_some() && millis(shown) == millis(&written);
        prop_assert!(*shown == written || same_span, "{} {}", shown, written);
    }

    #[test]
    fn a_setting_that_there_is_not_is_an_error_and_changes_nothing_in_a_policy(
        (table, key) in names(),
        value in any_value(),
    ) {
        if is_known(&table, &key) {
            return Ok(());
        }
        let text = good_and(&table, &key, value);
        let unknown = |errors: &[SettingError]| {
            let kind = |error: &SettingError| matches!(
                error.problem,
                Problem::UnknownKey { .. } | Problem::UnknownTable { .. }
            );
            errors.len() == 1 && errors.iter().all(kind)
        };
        let in_file = load_file(&text);
        prop_assert!(unknown(&in_file.errors));
        let in_policy = load_texts(&[(Place::Policy, &text)]);
        prop_assert!(unknown(&in_policy.warnings) && in_policy.errors.is_empty());
        let without = load_file(GOOD);
        prop_assert_eq!(rows(&in_policy.settings), rows(&without.settings));
    }

    #[test]
    fn the_users_own_file_sets_nothing_outside_desktop((definition, value) in settings()) {
        let (table, key) = (definition.table, definition.key);
        if table == "desktop" {
            return Ok(());
        }
        let items = Table::from_iter([(key.to_owned(), value)]);
        let file = Table::from_iter([(table.to_owned(), Value::from(items))]);
        let loaded = load_texts(&[(Place::User, &file.to_string())]);
        prop_assert!(!loaded.errors.is_empty());
        let defaults = load_texts(&[]).settings;
        prop_assert_eq!(rows(&loaded.settings), rows(&defaults));
    }
}
