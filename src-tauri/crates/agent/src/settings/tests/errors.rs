//! How errors read.

use super::*;

#[test]
fn every_error_is_named_with_place_line_key_and_what_is_allowed() {
    let loaded = load_texts(&[
        (Place::Policy, "[cis2]\nmax_age = \"soon\"\nnewer = 1"),
        (
            Place::File,
            r#"
[cis2]
environment = "custom"
client_id = 5
redirect_ports = [28117, 80, "x"]
broker_url = "https://user:password@broker.example/"
assertion_algorithm = "RS512"
min_identity_assurance = 4.5

[card]
patterns = [{ id = "a", name = "A", atr = "3B 00", mask = "FF" }, { id = "b" }, 7]

[session]
max_lifetime = "48h"

[api]
pairing = true
apps = [
  { id = "x", name = "X", scopes = ["all"], token_sha256 = "secret" },
  { id = "y", name = "Y", scopes = [], token_sha256 = "", colour = "red" },
]

[desktop]
browser = "firefox"

[network]
proxy = "x"
"#,
        ),
    ]);
    insta::assert_snapshot!(shown(&loaded.errors));
    let everything = format!("{}{loaded:?}", shown(&loaded.errors));
    assert!(!everything.contains("password@") && !everything.contains("\"secret\""));
}

#[test]
fn a_file_that_is_not_toml_is_named_with_its_lines() {
    let loaded = load_file("[cis2\nclient_id = \"x\"\n\n[log]\nlevel = info\n");
    insta::assert_snapshot!(shown(&loaded.errors), @r"
        file /file.toml, line 1: this is not valid TOML: unclosed table, expected `]`
        file /file.toml, line 5: this is not valid TOML: invalid float, expected `inf`
    ");
}

#[test]
fn a_key_written_twice_is_an_error() {
    let loaded = load_file("[log]\nlevel = \"info\"\nlevel = \"debug\"\n");
    insta::assert_snapshot!(shown(&loaded.errors), @"file /file.toml, line 3: this is not valid TOML: duplicate key");
}
