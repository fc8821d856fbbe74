//! The sample for `reg import` is one that the agent takes.

use std::collections::BTreeSet;
use std::fs;

use crate::settings::origin::Place;
use crate::settings::registry::Value;
use crate::settings::tables::definitions;
use crate::settings::tests::registry::load_policy;
use crate::settings::tests::shown;

/// The values of a `.reg` file, as `table\value`; of texts and numbers only.
fn values(file: &str) -> Vec<(String, Value)> {
    let mut key = "";
    let mut values = Vec::new();
    for line in file.lines() {
        if let Some(path) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            let policies = r"HKEY_LOCAL_MACHINE\Software\Policies\Cardea\";
            key = path.strip_prefix(policies).unwrap();
        } else if let Some((name, value)) = line
            .strip_prefix('"')
            .and_then(|line| line.split_once("\"="))
        {
            let value = match value.strip_prefix("dword:") {
                Some(digits) => Value::Number(u64::from_str_radix(digits, 16).unwrap()),
                None => Value::Text(value.trim_matches('"').replace(r"\\", r"\")),
            };
            values.push((format!(r"{key}\{name}"), value));
        }
    }
    values
}

fn read() -> String {
    fs::read_to_string(super::super::folder().join("sample.reg")).unwrap()
}

#[test]
fn the_sample_sets_nothing_as_it_stands() {
    let sample = read();
    assert!(sample.starts_with("Windows Registry Editor Version 5.00\r\n\r\n"));
    let set = sample
        .lines()
        .skip(1)
        .find(|line| !line.is_empty() && !line.starts_with(';'));
    assert_eq!(set, None);
}

#[test]
fn every_setting_taken_over_from_the_sample_is_accepted() {
    let all = read()
        .replace("\r\n;[", "\r\n[")
        .replace("\r\n;\"", "\r\n\"");
    let values = values(&all);
    let borrowed: Vec<_> = values
        .iter()
        .map(|(path, value)| (path.as_str(), value.clone()))
        .collect();
    let loaded = load_policy(&borrowed);
    assert_eq!(shown(&loaded.errors), "");
    let set: BTreeSet<_> = loaded
        .settings
        .show()
        .iter()
        .filter(|row| row.origin.place == Place::Policy)
        .filter_map(|row| {
            let mut parts = row.key.split('.');
            Some((parts.next()?, parts.next()?))
        })
        .collect();
    let definitions = definitions();
    let all = definitions
        .iter()
        // A key without a value sets nothing, and this list is empty by default.
        .filter(|definition| definition.key != "on_session_end")
        .map(|definition| (definition.table, definition.key));
    assert_eq!(set, all.collect());
}
