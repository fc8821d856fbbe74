//! Test: every test that the conformance page and the threat model name exists.

use std::collections::BTreeMap;
use std::fs;

use crate::process::root;

/// The folders whose Rust files hold tests.
const PLACES: [&str; 2] = ["src-tauri/crates", "tests"];

/// The tests that a page names, as `module::test` in backticks.
fn named(page: &str) -> Vec<(&str, &str)> {
    let is_word = |text: &str| {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !text.is_empty() && text.chars().all(is_part)
    };
    page.split('`')
        .filter_map(|text| text.split_once("::"))
        .filter(|(module, test)| is_word(module) && is_word(test))
        .collect()
}

/// Where each test is: its file without the root, by its name.
fn tests() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    let root = root();
    let mut folders = PLACES.map(|place| root.join(place)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder that is there") {
            let path = entry.expect("an entry").path();
            let is_ours = !path.ends_with("node_modules") && !path.ends_with("target");
            if path.is_dir() && is_ours {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                let place = path.strip_prefix(&root).unwrap_or(&path);
                for name in tests_in(&text) {
                    let places = found.entry(name).or_default();
                    places.push(place.display().to_string());
                }
            }
        }
    }
    found
}

/// The names of the functions below a test attribute.
fn tests_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if !line.starts_with("#[") {
            let line = line.strip_prefix("async ").unwrap_or(line);
            let name = line
                .strip_prefix("fn ")
                .and_then(|rest| rest.split('(').next());
            names.extend(name.filter(|_| is_test).map(str::to_owned));
            is_test = false;
        }
    }
    names
}

/// Whether a test of this file is in a module of this name: a file or folder, or the file's own
/// `tests`.
fn is_in(place: &str, module: &str) -> bool {
    place
        .split('/')
        .any(|part| part.strip_suffix(".rs").unwrap_or(part) == module)
}

#[test]
fn every_test_that_the_pages_name_exists() {
    let tests = tests();
    for (page, least) in [("cis2-conformance.md", 50), ("security.md", 40)] {
        let text = fs::read_to_string(root().join("src-tauri/docs").join(page));
        let text = text.expect("the page is there");
        let named = named(&text);
        assert!(named.len() > least, "{page} names {} tests", named.len());
        let missing = named.iter().filter(|(module, test)| {
            let places = tests.get(*test).map(Vec::as_slice).unwrap_or_default();
            !places.iter().any(|place| is_in(place, module))
        });
        let missing = missing.collect::<Vec<_>>();
        assert!(
            missing.is_empty(),
            "{page}: there are no such tests: {missing:#?}"
        );
    }
}

#[test]
fn a_test_is_a_function_below_a_test_attribute() {
    let text =
        "#[tokio::test]\n#[ignore]\nasync fn one() {}\nfn two() {}\n#[test]\n fn three(x in 0) {";
    assert_eq!(tests_in(text), ["one", "three"]);
    assert_eq!(named("`a::b`, `c`, `a::B`, `x y::z`"), [("a", "b")]);
    assert!(is_in("login/src/jwks.rs", "jwks") && !is_in("login/src/jwks.rs", "jwk"));
}
