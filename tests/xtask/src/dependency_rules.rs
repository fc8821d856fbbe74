//! Test: our crates know only those of our crates that the design allows them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::process::{cargo, output_of};

/// What each of our crates may depend on, as in `src-tauri/docs/architecture.md`. A crate of ours
/// that is not named here may not exist.
const ALLOWED: &[(&str, &[&str])] = &[
    ("cardea-session", &[]),
    ("cardea-readers", &["cardea-session", "cardea-win32"]),
    ("cardea-login", &["cardea-session", "cardea-win32"]),
    ("cardea-local-api", &["cardea-session", "cardea-win32"]),
    (
        "cardea-agent",
        &[
            "cardea-session",
            "cardea-readers",
            "cardea-login",
            "cardea-local-api",
            "cardea-win32",
        ],
    ),
    ("cardea-client", &["cardea-session", "cardea-win32"]),
    ("cardea-desktop-model", &["cardea-session"]),
    (
        "cardea-desktop",
        &["cardea-client", "cardea-desktop-model", "cardea-win32"],
    ),
    ("cardea-broker", &[]),
    ("cardea-win32", &[]),
    ("cardea-simulator", &["cardea-session", "cardea-readers"]),
    (
        "cardea",
        &[
            "cardea-agent",
            "cardea-client",
            "cardea-simulator",
            "cardea-win32",
        ],
    ),
    ("reader-process", &["cardea-session", "cardea-readers"]),
    ("virtual-reader", &[]),
    ("winscard", &[]),
    (
        "end-to-end",
        &[
            "cardea-client",
            "cardea-readers",
            "cardea-session",
            "cardea-simulator",
            "reader-process",
            "virtual-reader",
        ],
    ),
    ("fuzz", &["cardea-agent", "cardea-login", "cardea-session"]),
    ("wine-programs", &["cardea-win32"]),
    ("xtask", &[]),
];

/// What the session's crate must not reach: it has no I/O and no clock of its own.
const NOT_IN_SESSION: &[&str] = &["tokio", "rustix", "reqwest", "hyper", "pcsc"];

type Names = BTreeSet<String>;

struct Dependency {
    name: String,
    optional: bool,
    features: Vec<String>,
}

/// Each package of the workspace with what it depends on, for its tests too.
fn packages() -> BTreeMap<String, Vec<Dependency>> {
    let metadata = output_of(cargo().args(["metadata", "--format-version", "1", "--no-deps"]));
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo describes the workspace");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let dependencies = list(&package["dependencies"])
                .iter()
                .map(|dependency| Dependency {
                    name: name(dependency),
                    optional: dependency["optional"] == Value::Bool(true),
                    features: list(&dependency["features"])
                        .iter()
                        .filter_map(|feature| feature.as_str().map(str::to_owned))
                        .collect(),
                })
                .collect();
            (name(package), dependencies)
        })
        .collect()
}

#[test]
fn our_crates_know_only_whom_the_design_allows() {
    let packages = packages();
    let ours = packages.keys().cloned().collect::<Names>();
    let allowed = ALLOWED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect::<Names>();
    assert_eq!(
        ours, allowed,
        "a crate has come or gone: the design has to say what it may know"
    );

    for (name, may_know) in ALLOWED {
        let may_know = may_know
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Names>();
        let knows = packages[*name]
            .iter()
            .map(|dependency| dependency.name.clone())
            .filter(|dependency| ours.contains(dependency))
            .collect::<Names>();
        let too_many = knows.difference(&may_know).collect::<Vec<_>>();
        assert!(too_many.is_empty(), "{name} must not know {too_many:?}");
    }
}

#[test]
fn the_simulator_is_only_there_when_asked_for() {
    let packages = packages();
    let simulator = packages["cardea"]
        .iter()
        .find(|dependency| dependency.name == "cardea-simulator")
        .expect("cardea-dev has the simulator");
    assert!(simulator.optional, "the shipped program must not have it");
}

#[test]
fn what_only_fuzz_targets_may_call_is_only_there_for_them() {
    let packages = packages();
    for (name, dependencies) in &packages {
        let asks = dependencies
            .iter()
            .any(|dependency| dependency.features.iter().any(|asked| asked == "fuzzing"));
        assert_eq!(asks, name == "fuzz", "{name}");
    }
}

#[test]
fn the_session_reaches_no_outside() {
    let tree = output_of(cargo().args([
        "tree",
        "--package",
        "cardea-session",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]));
    let reached = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect::<BTreeSet<_>>();
    assert!(reached.contains("cardea-session"), "cargo shows the tree");
    let outside = NOT_IN_SESSION
        .iter()
        .filter(|name| reached.contains(*name))
        .collect::<Vec<_>>();
    assert!(outside.is_empty(), "the session reaches {outside:?}");
}
