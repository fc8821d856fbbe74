use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

#[test]
fn the_document_changes_only_on_purpose() {
    insta::assert_snapshot!(openapi_json());
}

#[test]
fn every_route_is_described_and_no_other() {
    let routed: BTreeSet<_> = routes::table()
        .access()
        .map(|rule| format!("{} {}", rule.method, rule.path))
        .collect();
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let described: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    assert_eq!(routed, described);
}

#[test]
fn nothing_is_described_that_no_agent_says() {
    let document = openapi_json();
    assert!(!document.contains("\"unknown\"") && !document.contains("\"null\""));
}

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

/// Whether `value` has what the schema wants and nothing that it does not know.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        return check(document, document.pointer(pointer).unwrap(), value, at);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let known: BTreeSet<_> = parts
            .iter()
            .flat_map(|part| names(document, part))
            .collect();
        known_only(&known, value, at);
        for part in parts {
            check_members(document, part, value, at);
        }
        return;
    }
    // Of several kinds the one that the event names.
    if let Some(kinds) = schema["oneOf"].as_array() {
        let is_it = |kind: &&Value| {
            let named = kind.pointer("/properties/event/enum/0");
            named.is_some() && named == value.get("event")
        };
        let kind = kinds.iter().find(is_it);
        let kind = kind.unwrap_or_else(|| panic!("{at}: no such event: {value}"));
        return check(document, kind, value, at);
    }
    match schema["type"].as_str() {
        Some("object") => {
            known_only(&names(document, schema).into_iter().collect(), value, at);
            check_members(document, schema, value, at);
        }
        Some("array") => {
            for (index, item) in value.as_array().unwrap().iter().enumerate() {
                check(document, &schema["items"], item, &format!("{at}/{index}"));
            }
        }
        Some("string") => {
            let text = value.as_str().unwrap_or_else(|| panic!("{at}: {value}"));
            if let Some(allowed) = schema["enum"].as_array() {
                assert!(allowed.iter().any(|one| one == text), "{at}: {text}");
            }
        }
        Some("integer") => assert!(value.is_i64() || value.is_u64(), "{at}: {value}"),
        Some("boolean") => assert!(value.is_boolean(), "{at}: {value}"),
        other => panic!("{at}: a schema of type {other:?}"),
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn names(document: &Value, schema: &Value) -> Vec<String> {
    let properties = resolve(document, schema)["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

fn known_only(known: &BTreeSet<String>, value: &Value, at: &str) {
    for name in value
        .as_object()
        .unwrap_or_else(|| panic!("{at}: {value}"))
        .keys()
    {
        assert!(known.contains(name), "{at}/{name} is not described");
    }
}

fn check_members(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolve(document, schema);
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(name.as_str().unwrap()).is_some(),
            "{at}/{name} is missing"
        );
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            check(document, member, value, &format!("{at}/{name}"));
        }
    }
}

#[test]
fn everything_that_is_sent_has_an_example_and_every_example_fits() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    let mut checked = 0;
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap();
        let answers = operation["responses"].as_object().unwrap().values();
        let bodies = answers.chain([&operation["requestBody"]]);
        let contents = bodies
            .filter_map(|body| body["content"].as_object())
            .flatten();
        for (kind, content) in contents {
            let one = content.get("example").into_iter();
            let several = content["examples"].as_object().into_iter().flatten();
            let examples: Vec<_> = one
                .chain(several.map(|(_, example)| &example["value"]))
                .collect();
            assert!(!examples.is_empty(), "{id} has no example of {kind}");
            for example in examples {
                // A form is a text.
                if kind != "application/x-www-form-urlencoded" {
                    check(&document, &content["schema"], example, id);
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn every_event_there_is_has_an_example() {
    let document = document();
    let names = document
        .pointer("/components/schemas/EventName/enum")
        .unwrap();
    let examples = document
        .pointer("/paths/~1v1~1events/get/responses/200/content/text~1event-stream/examples");
    for name in names.as_array().unwrap() {
        let example = &examples.unwrap()[name.as_str().unwrap()]["value"];
        assert_eq!(&example["event"], name);
    }
}

#[test]
fn the_example_of_a_snapshot_is_one() {
    let snapshot = examples::answer("session", "200").unwrap();
    let read: Snapshot = serde_json::from_value(snapshot.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), snapshot);
}

const GUIDE: &str = include_str!("../../../../docs/api-guide.md");

#[test]
fn the_guide_for_vendors_names_every_event_reason_and_problem() {
    let document = document();
    let named = |name: &str| GUIDE.contains(&format!("`{name}`"));
    for schema in ["EventName", "EndReason", "Scope"] {
        let values = document
            .pointer(&format!("/components/schemas/{schema}/enum"))
            .unwrap();
        for value in values.as_array().unwrap() {
            let name = value.as_str().unwrap();
            assert!(named(name), "{schema} {name}");
        }
    }
    for code in crate::problem::Code::ALL {
        assert!(named(code.as_str()), "{}", code.as_str());
    }
}

#[test]
fn the_guide_for_vendors_names_no_route_that_is_none() {
    let words = GUIDE.split(|c: char| c.is_whitespace() || "`'\"?:,;()".contains(c));
    let mut seen = 0;
    for word in words.filter_map(|word| word.find("/v1/").map(|at| &word[at..])) {
        let word = word.trim_end_matches('.').replace("kq3v…", "{id}");
        assert!(
            routes::table().access().any(|rule| rule.path == word),
            "{word}"
        );
        seen += 1;
    }
    assert!(seen > 10);
}
