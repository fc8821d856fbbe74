//! What each setting may be.

use super::super::words::Word as _;
use super::*;

/// Values of every type, one of which is wrong for any setting.
const TYPES: [(&str, &str); 7] = [
    ("boolean", "true"),
    ("number", "2"),
    ("text", "\"\\u0001\""),
    ("list", "[[]]"),
    ("table", "{}"),
    ("fraction", "1.5"),
    ("date", "2026-01-05"),
];

/// Types that a setting of this shape takes.
fn takes(shape: &Shape, kind: &str) -> bool {
    match shape {
        Shape::Boolean => kind == "boolean",
        Shape::Number { .. } => kind == "number",
        Shape::Choice(_)
        | Shape::Duration { .. }
        | Shape::Text(_)
        | Shape::List { .. }
        | Shape::Entries { .. } => false,
    }
}

#[test]
fn every_setting_refuses_every_wrong_type() {
    for definition in definitions() {
        let (table, key) = (definition.table, definition.key);
        for (kind, value) in TYPES {
            let loaded = load_file(&format!("[{table}]\n\n{key} = {value}"));
            if takes(&definition.shape, kind) {
                assert!(
                    loaded.errors.is_empty(),
                    "{key} = {value}: {}",
                    shown(&loaded.errors)
                );
                continue;
            }
            let [error, ..] = loaded.errors.as_slice() else {
                panic!("{key} takes {value}");
            };
            let text = error.to_string();
            assert!(text.starts_with("file /file.toml, line 3, "), "{text}");
            assert!(text.contains(&format!("[{table}] {key}")), "{text}");
            assert!(text.contains("; allowed: "), "{text}");
            let now = self::value(&loaded.settings, &format!("{table}.{key}"));
            assert_eq!(now, definition.default, "the default stands in");
        }
    }
}

fn refused(text: &str) {
    let loaded = load_file(text);
    assert!(!loaded.errors.is_empty(), "accepted: {text}");
    assert!(loaded.failure().is_some());
}

fn accepted(text: &str) {
    let loaded = load_file(text);
    assert!(
        loaded.errors.is_empty(),
        "{text}: {}",
        shown(&loaded.errors)
    );
}

#[test]
fn limits_are_included_and_what_is_beyond_is_refused() {
    for (setting, inside, outside) in [
        (
            "[cis2]\nmax_age",
            ["\"1s\"", "\"24h\""],
            ["\"999ms\"", "\"25h\""],
        ),
        (
            "[cis2]\nlogin_timeout",
            ["\"1s\"", "\"1h\""],
            ["\"0s\"", "\"61m\""],
        ),
        (
            "[cis2]\nclock_skew",
            ["\"0s\"", "\"10m\""],
            ["\"-1s\"", "\"601s\""],
        ),
        (
            "[cis2]\nmin_authentication_assurance",
            ["1", "3"],
            ["0", "4"],
        ),
        ("[cis2]\nmin_identity_assurance", ["1", "3"], ["0", "4"]),
        (
            "[cis2]\nredirect_ports",
            ["[1024]", "[65535]"],
            ["[1023]", "[65536]"],
        ),
        (
            "[session]\nidle_timeout",
            ["\"1s\"", "\"24h\""],
            ["\"0s\"", "\"25h\""],
        ),
        (
            "[session]\nmax_lifetime",
            ["\"24h\"", "\"id_token\""],
            ["\"0s\"", "\"forever\""],
        ),
        ("[api]\nport", ["0", "65516"], ["-1", "65536"]),
        ("[log]\nkeep_days", ["1", "3650"], ["0", "3651"]),
        ("[log]\nmax_size_mb", ["1", "1024"], ["0", "1025"]),
    ] {
        for value in inside {
            accepted(&format!("{setting} = {value}"));
        }
        for value in outside {
            refused(&format!("{setting} = {value}"));
        }
    }
}

#[test]
fn words_are_taken_as_they_are_written() {
    for definition in definitions() {
        let Shape::Choice(words) = &definition.shape else {
            continue;
        };
        for word in words {
            let setting = format!("[{}]\n{}", definition.table, definition.key);
            let needs = match *word {
                "custom" => "\nissuer = \"https://op.example/\"",
                "broker" => "\nbroker_url = \"https://broker.example/\"",
                _ => "",
            };
            accepted(&format!("{setting} = \"{word}\"{needs}"));
            let other_case = word.to_ascii_uppercase();
            if other_case != *word {
                refused(&format!("{setting} = \"{other_case}\""));
            }
        }
    }
}

#[test]
fn lists_have_a_limit() {
    let too_many = |each: &str, count: usize| format!("[{}]", vec![each; count].join(", "));
    refused(&format!(
        "[cis2]\nredirect_ports = {}",
        too_many("5000", 21)
    ));
    refused(&format!(
        "[card]\nignore_readers = {}",
        too_many("\"x\"", 65)
    ));
    refused(&format!(
        "[hooks]\non_session_end = {}",
        too_many("\"/x\"", 65)
    ));
}

#[test]
fn texts_have_their_form() {
    for wrong in [
        "[cis2]\nissuer = \"http://op.example/\"",
        "[cis2]\nissuer = \"op.example\"",
        "[cis2]\nclient_id = \"a b\"",
        "[cis2]\nbroker_url = \"http://127.0.0.1/\"",
        "[cis2]\nredirect_path = \"callback\"",
        "[cis2]\nscopes = [\"openid profile\"]",
        "[cis2]\nacr_values = \"AAL3_ANY  AAL2_ANY\"",
        "[cis2]\nprompt = \"none\"",
        "[cis2]\nsmartcard_evidence = [\"\"]",
        "[card]\nignore_readers = [\"\"]",
        "[desktop]\nbrowser = \"firefox\"",
        "[hooks]\non_session_end = [\"lock\"]",
    ] {
        refused(wrong);
    }
    for right in [
        "[cis2]\nacr_values = \"AAL3_ANY AAL2_ANY\"",
        "[cis2]\nacr_values = \"\"\nprompt = \"\"",
        "[cis2]\nprompt = \"login consent\"",
        &format!("[desktop]\nbrowser = '{PROGRAM}'"),
        &format!("[hooks]\non_session_end = ['{PROGRAM}', \"\", \"now please\"]"),
    ] {
        accepted(right);
    }
}

#[test]
fn the_user_may_be_notified_of_everything_at_once() {
    let words: Vec<_> = Notification::WORDS.iter().map(|(word, _)| *word).collect();
    let loaded = load_file(&format!("[desktop]\nnotifications = {words:?}"));
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.desktop.notifications.len(), words.len());
    assert!(words.contains(&"signed_in"));
    refused("[desktop]\nnotifications = [\"card_seen\"]");
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    for wrong in [
        "[cis2]\nenvironment = \"custom\"",
        "[cis2]\nclient_auth = \"broker\"",
        "[cis2]\nclient_auth = \"broker\"\nbroker_url = \"http://broker.example/\"",
        "[cis2]\nscopes = [\"profile\"]",
        "[cis2]\nsmartcard_evidence = []",
        "[cis2]\nsmartcard_evidence_in = []",
        "[api]\nport = 65517",
    ] {
        refused(wrong);
    }
    for right in [
        "[cis2]\nclient_auth = \"broker\"\nbroker_url = \"https://broker.example/\"",
        "[cis2]\nenvironment = \"custom\"\nissuer = \"http://localhost:4000\"",
        "[cis2]\nrequire_smartcard = false\nsmartcard_evidence = []",
        "[api]\nport = 65535\nwhen_port_taken = \"fail\"",
    ] {
        accepted(right);
    }
}

#[test]
fn a_certificate_for_the_broker_has_a_key_and_a_broker() {
    let broker = "[cis2]\nclient_auth = \"broker\"\nbroker_url = \"https://broker.example/\"\n";
    let certificate = format!("broker_certificate = '{PROGRAM}'\n");
    let key = format!("broker_certificate_key = '{PROGRAM}'\n");
    accepted(&format!("{broker}{certificate}{key}"));
    accepted(&format!("{broker}broker_certificate = \"\""));
    for wrong in [
        format!("{broker}{certificate}"),
        format!("{broker}{key}"),
        format!("{broker}{key}broker_certificate = \"host.pem\""),
        format!("[cis2]\n{certificate}{key}"),
        format!("[cis2]\n{certificate}"),
    ] {
        refused(&wrong);
    }
    let loaded = load_file(&format!("[cis2]\n{certificate}{key}"));
    insta::assert_snapshot!(shown(&loaded.errors), @r#"file /file.toml, line 2, [cis2] broker_certificate: it is shown to a broker, and client_auth is not "broker""#);
}

#[test]
fn settings_without_effect_are_a_warning() {
    let loaded = load_file(
        "[cis2]\nissuer = \"https://op.example/\"\nbroker_url = \"https://broker.example/\"",
    );
    assert!(loaded.errors.is_empty());
    insta::assert_snapshot!(shown(&loaded.warnings), @r#"
        file /file.toml, line 2, [cis2] issuer: this has no effect: it counts with environment "custom" only
        file /file.toml, line 3, [cis2] broker_url: this has no effect: it counts with client_auth "broker" only
    "#);
}

fn app(change: (&str, &str)) -> String {
    let app = r#"[[api.apps]]
id = "docman"
name = "Docman"
scopes = ["session:read"]
origins = ["https://docman.example"]
token_sha256 = "abcdefABCDEF0123456789abcdefabcdefabcdefabcdefabcdefabcdefabcdef"
"#;
    assert!(app.contains(change.0));
    app.replace(change.0, change.1)
}

#[test]
fn programs_have_their_form() {
    accepted(&app(("id", "id")));
    accepted(&app(("origins = [\"https://docman.example\"]\n", "")));
    for change in [
        ("id = \"docman\"\n", ""),
        ("\"docman\"", "\"doc man\""),
        ("\"docman\"", "\"\""),
        ("name = \"Docman\"\n", ""),
        ("\"Docman\"", "\"\\u202eDocman\""),
        ("session:read", "session:everything"),
        ("scopes = [\"session:read\"]\n", ""),
        ("https://docman.example", "https://docman.example/"),
        ("abcdefABCDEF", ""),
        ("abcdefABCDEF", "abcdefABCDEX"),
        ("name =", "colour = 1\nname ="),
    ] {
        refused(&app(change));
    }
    refused(&format!(
        "{}{}",
        app(("id", "id")),
        app(("Docman", "Again"))
    ));
    let other = app(("\"docman\"", "\"other\""));
    refused(&format!("{}{other}", app(("id", "id"))));
}

#[test]
fn card_patterns_have_their_form() {
    let pattern =
        |fields: &str| format!("[card]\npatterns = [{{ id = \"x\", name = \"X\", {fields} }}]");
    accepted(&pattern("atr = \"3B F9\", mask = \"FF ff\""));
    accepted(&pattern("atr = \"3B F9\""));
    for wrong in [
        "mask = \"FF\"",
        "atr = \"\"",
        "atr = \"3B\"",
        "atr = \"3BF9\"",
        "atr = \"3B  F9\"",
        "atr = \"3B G9\"",
        "atr = \"3B +9\"",
        "atr = \"3B F9\", mask = \"FF\"",
        "atr = \"3B F9\", mask = \"00 00\"",
    ] {
        refused(&pattern(wrong));
    }
    refused(&pattern(&format!("atr = \"{}\"", vec!["3B"; 34].join(" "))));
}
