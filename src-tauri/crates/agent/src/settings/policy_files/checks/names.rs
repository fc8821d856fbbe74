//! Everything that names something names what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::super::{KEY, SLOTS};
use super::{Named as _, Texts, all, attribute, elements, inside};
use crate::settings::rule::Shape;
use crate::settings::tables::{TABLES, definitions};

/// Panics when one is there twice.
fn unique<T: Ord + Debug>(all: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut found = BTreeSet::new();
    for each in all {
        assert!(!found.contains(&each), "{each:?} is there twice");
        found.insert(each);
    }
    assert!(!found.is_empty());
    found
}

/// What attributes refer to, as in `$(string.NAME)`.
fn referred<'a>(document: &'a roxmltree::Document<'_>, kind: &str) -> BTreeSet<&'a str> {
    let start = format!("$({kind}.");
    let attributes = document.descendants().flat_map(|node| node.attributes());
    let values = attributes.map(|attribute| attribute.value());
    values
        .filter_map(|value| value.strip_prefix(&*start)?.strip_suffix(')'))
        .collect()
}

#[test]
fn every_reference_to_a_string_resolves_and_every_string_is_referred_to() {
    let texts = Texts::read();
    let (admx, adml) = texts.parse();
    let strings = unique(all(&adml, "string").map(|string| attribute(string, "id")));
    assert_eq!(referred(&admx, "string"), strings);
    for string in all(&adml, "string") {
        assert!(
            string.text().is_some_and(|text| !text.trim().is_empty()),
            "{string:?}"
        );
    }
}

#[test]
fn every_reference_to_a_presentation_resolves_and_shows_each_element_once() {
    let texts = Texts::read();
    let (admx, adml) = texts.parse();
    let presentations: BTreeMap<_, _> = all(&adml, "presentation")
        .map(|presentation| (attribute(presentation, "id"), presentation))
        .collect();
    unique(all(&adml, "presentation").map(|presentation| attribute(presentation, "id")));
    let named: BTreeSet<_> = presentations.keys().copied().collect();
    assert_eq!(referred(&admx, "presentation"), named);

    let shown_by = BTreeMap::from([
        ("enum", "dropdownList"),
        ("decimal", "decimalTextBox"),
        ("text", "textBox"),
        ("multiText", "multiTextBox"),
    ]);
    for policy in all(&admx, "policy") {
        let wanted: Vec<_> = elements(policy)
            .map(|element| {
                (
                    attribute(element, "id"),
                    shown_by[element.tag_name().name()],
                )
            })
            .collect();
        let presentation = presentations.get(attribute(policy, "name"));
        let shown: Vec<_> = presentation
            .into_iter()
            .flat_map(|presentation| inside(*presentation))
            .map(|control| (attribute(control, "refId"), control.tag_name().name()))
            .collect();
        assert_eq!(shown, wanted, "{policy:?}");
        assert_eq!(
            presentation.is_some(),
            policy.attribute("presentation").is_some()
        );
    }
}

#[test]
fn every_reference_to_a_category_resolves() {
    let texts = Texts::read();
    let (admx, _) = texts.parse();
    let categories = unique(all(&admx, "category").map(|category| attribute(category, "name")));
    let tables = TABLES.iter().map(|(table, _)| *table);
    assert_eq!(categories, tables.chain(["Cardea"]).collect());
    for parent in all(&admx, "parentCategory") {
        assert!(categories.contains(attribute(parent, "ref")), "{parent:?}");
    }
    for policy in all(&admx, "policy") {
        let parents: Vec<_> = inside(policy)
            .filter(|node| node.has_tag_name_of("parentCategory"))
            .collect();
        assert_eq!(parents.len(), 1, "{policy:?}");
        // The settings of a table are found in the category of that name.
        let key = attribute(policy, "key").strip_prefix(KEY).unwrap();
        assert_eq!(key.split('\\').nth(1), parents[0].attribute("ref"));
    }
}

#[test]
fn ids_and_what_they_write_are_unique() {
    let texts = Texts::read();
    let (admx, _) = texts.parse();
    unique(all(&admx, "policy").map(|policy| attribute(policy, "name")));
    let mut written = Vec::new();
    for policy in all(&admx, "policy") {
        let key = attribute(policy, "key").to_ascii_lowercase();
        written.extend(
            policy
                .attribute("valueName")
                .map(|name| (key.clone(), name)),
        );
        let names = elements(policy).map(|element| (key.clone(), attribute(element, "valueName")));
        written.extend(names);
    }
    unique(written);
    // What the schema of the template allows of a name.
    for named in all(&admx, "policy").chain(all(&admx, "category")) {
        let name = attribute(named, "name");
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
        assert!(name.chars().all(plain), "{name}");
    }
}

#[test]
fn every_policy_says_what_it_is_supported_on() {
    let texts = Texts::read();
    let (admx, _) = texts.parse();
    let definitions =
        unique(all(&admx, "definition").map(|definition| attribute(definition, "name")));
    for policy in all(&admx, "policy") {
        let supported = inside(policy).find(|node| node.has_tag_name_of("supportedOn"));
        let supported = supported.unwrap_or_else(|| panic!("{policy:?} does not say it"));
        assert!(
            definitions.contains(attribute(supported, "ref")),
            "{policy:?}"
        );
    }
}

/// How a setting of this shape is filled in.
fn element_of(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "policy",
        Shape::Choice(_) => "enum",
        Shape::Number { .. } => "decimal",
        Shape::Duration { .. } | Shape::Text(_) => "text",
        Shape::List { .. } => "multiText",
        Shape::Entries { .. } => panic!("entries have policies of their own"),
    }
}

#[test]
fn every_setting_has_its_policy_and_no_policy_is_without_its_setting() {
    let texts = Texts::read();
    let (admx, _) = texts.parse();
    let mut wanted = BTreeSet::new();
    for definition in definitions() {
        let table = format!(r"{KEY}\{}", definition.table);
        if let Shape::Entries { fields, .. } = &definition.shape {
            for slot in 1..=SLOTS {
                let key = format!(r"{table}\{}\{slot}", definition.key);
                let of_entry = fields
                    .iter()
                    .map(|field| (key.clone(), field.key, element_of(&field.shape)));
                wanted.extend(of_entry);
            }
        } else {
            wanted.insert((table, definition.key, element_of(&definition.shape)));
        }
    }
    let mut found = BTreeSet::new();
    for policy in all(&admx, "policy") {
        let own = std::iter::once(policy).filter(|policy| policy.has_attribute("valueName"));
        for writes in own.chain(elements(policy)) {
            let key = attribute(policy, "key").to_owned();
            found.insert((
                key,
                attribute(writes, "valueName"),
                writes.tag_name().name(),
            ));
        }
        assert_eq!(attribute(policy, "class"), "Machine");
    }
    assert_eq!(found, wanted);
}

#[test]
fn every_address_of_mobile_device_management_is_that_of_a_policy() {
    let texts = Texts::read();
    let (admx, _) = texts.parse();
    let page = std::fs::read_to_string(super::super::folder().join("intune.md")).unwrap();
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| `Cardea~"))
        .collect();
    let policies: Vec<_> = all(&admx, "policy").collect();
    assert_eq!(rows.len(), policies.len());
    for (row, policy) in rows.into_iter().zip(policies) {
        let parent = inside(policy).find(|node| node.has_tag_name_of("parentCategory"));
        let category = attribute(parent.unwrap(), "ref");
        let address = format!(
            "| `Cardea~Policy~Cardea~{category}/{}` |",
            attribute(policy, "name")
        );
        assert!(row.starts_with(&address), "{row}");
        let data: Vec<_> = row
            .split("<data id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let ids: Vec<_> = elements(policy)
            .map(|element| attribute(element, "id"))
            .collect();
        assert_eq!(data, ids, "{row}");
    }
}
