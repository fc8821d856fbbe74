use std::collections::BTreeSet;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::feed::sample;
use crate::routes::{Api as Work, routes};
use crate::{Apps, feed};

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

#[test]
fn the_document_changes_only_on_purpose() {
    insta::assert_snapshot!(openapi_json());
}

#[test]
fn every_route_is_described_and_no_other() {
    let (_publisher, feed) = feed(&sample::snapshot(1));
    let routes = routes(Work {
        feed,
        controller: mpsc::channel(1).0,
        apps: Apps::new(Vec::new()),
        stop: CancellationToken::new(),
        port: None,
    });
    let routed: BTreeSet<String> = routes.paths().map(str::to_owned).collect();
    let document = document();
    let described = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(routed, described);
}

#[test]
fn no_word_is_described_that_no_agent_says() {
    assert!(!openapi_json().contains("\"unknown\""));
}
