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
