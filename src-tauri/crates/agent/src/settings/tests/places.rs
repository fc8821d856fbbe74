//! Which place counts.

use super::*;

const DOCMAN: &str = r#"
[[api.apps]]
id = "docman"
name = "Docman"
scopes = ["session:read", "tokens:read"]
token_sha256 = "1111111111111111111111111111111111111111111111111111111111111111"
"#;

#[test]
fn without_any_file_the_defaults_of_the_contract_hold() {
    let loaded = load_texts(&[]);
    assert!(loaded.errors.is_empty() && loaded.warnings.is_empty());
    let rows: Vec<_> = loaded
        .settings
        .show()
        .iter()
        .map(|row| format!("{} = {}  # {}", row.key, row.value, row.origin))
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn every_default_is_a_value_that_may_be_written() {
    for definition in definitions() {
        let text = format!(
            "[{}]\n{} = {}",
            definition.table, definition.key, definition.default
        );
        let loaded = load_file(&text);
        assert!(
            loaded.errors.is_empty(),
            "{text}: {}",
            shown(&loaded.errors)
        );
        let mut written = loaded.settings;
        let mut default = load_texts(&[]).settings;
        written.rows.clear();
        default.rows.clear();
        assert_eq!(written, default, "{text}");
    }
}

#[test]
fn every_setting_is_described_in_one_line() {
    for definition in definitions() {
        let text = definition.description;
        assert!(
            text.ends_with('.') && !text.contains('\n'),
            "{}: {text}",
            definition.key
        );
    }
}

#[test]
fn the_highest_place_wins_and_is_named() {
    let loaded = load_texts(&[
        (Place::Policy, "[log]\nlevel = \"warn\""),
        (Place::File, "[log]\nlevel = \"debug\"\n\nkeep_days = 3"),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.log.level, LogLevel::Warn);
    assert_eq!(loaded.settings.log.keep_days, 3);
    let origin = |key| loaded.settings.origin(key).unwrap().to_string();
    assert_eq!(origin("log.level"), "policy /policy.toml, line 2");
    assert_eq!(origin("log.keep_days"), "file /file.toml, line 4");
    assert_eq!(origin("api.port"), "default");
    assert!(loaded.settings.origin("log.level").unwrap().is_managed());
}

#[test]
fn a_list_in_a_higher_place_replaces_a_lower_one() {
    let loaded = load_texts(&[
        (Place::Policy, "[cis2]\nredirect_ports = []"),
        (Place::File, "[cis2]\nredirect_ports = [5000]"),
    ]);
    assert!(loaded.settings.cis2.redirect_ports.is_empty());
}

#[test]
fn programs_are_the_union_of_all_places_and_the_higher_one_wins() {
    let policy = DOCMAN.replace("Docman", "Docman 10");
    let other = DOCMAN.replace("docman", "other").replace('1', "2");
    let loaded = load_texts(&[
        (Place::Policy, &policy),
        (Place::File, &format!("{DOCMAN}{other}")),
    ]);
    assert_eq!(shown(&loaded.errors), "");
    let names: Vec<_> = loaded
        .settings
        .api
        .apps
        .iter()
        .map(|app| app.name.as_str())
        .collect();
    assert_eq!(names, ["Docman 10", "Docman"]);
    let place = |key| loaded.settings.origin(key).unwrap().place;
    assert_eq!(place("api.apps.docman"), Place::Policy);
    assert_eq!(place("api.apps.other"), Place::File);
}

#[test]
fn card_patterns_are_the_union_of_all_places() {
    let pattern = |id, name| {
        format!(
            "[card]\npatterns = [{{ id = \"{id}\", name = \"{name}\", atr = \"3B 00\", mask = \"FF 00\" }}]"
        )
    };
    let loaded = load_texts(&[
        (Place::Policy, &pattern("a", "of policy")),
        (Place::File, &pattern("a", "of file")),
    ]);
    let [only] = loaded.settings.card.patterns.as_slice() else {
        panic!("one pattern");
    };
    assert_eq!(only.name, "of policy");
    assert_eq!(
        (&only.atr, &only.mask),
        (&vec![0x3b, 0], &Some(vec![0xff, 0]))
    );
}

#[test]
fn the_users_own_file_is_for_the_desktop_only() {
    let loaded = load_texts(&[(
        Place::User,
        "[desktop]\nlanguage = \"cy\"\n[log]\nlevel = \"trace\"",
    )]);
    assert_eq!(loaded.settings.desktop.language, Language::Welsh);
    assert_eq!(loaded.settings.log.level, LogLevel::Info);
    insta::assert_snapshot!(shown(&loaded.errors), @"user /user.toml, line 3, [log]: this does not count here: the user's own file is for [desktop] only");
}

#[test]
fn a_place_below_a_wrong_one_does_not_win() {
    let loaded = load_texts(&[
        (Place::Policy, "[card]\non_removal = \"nothing\""),
        (Place::File, "[card]\non_removal = \"notify\""),
    ]);
    assert_eq!(loaded.errors.len(), 1);
    assert_eq!(value(&loaded.settings, "card.on_removal"), "\"logout\"");
}

#[test]
fn what_a_higher_place_overrides_must_be_right_all_the_same() {
    let loaded = load_texts(&[
        (Place::Policy, "[card]\non_removal = \"notify\""),
        (Place::File, "[card]\non_removal = \"nothing\""),
    ]);
    assert_eq!(loaded.errors.len(), 1);
    assert_eq!(value(&loaded.settings, "card.on_removal"), "\"notify\"");
}

#[test]
fn only_in_a_policy_an_unknown_name_is_a_warning() {
    let app = DOCMAN.replace("name =", "colour = \"red\"\nname =");
    let text = format!("future = 1\n[newer]\nx = 1\n[log]\ncolour = \"red\"{app}");
    let policy = load_texts(&[(Place::Policy, &text)]);
    assert_eq!(shown(&policy.errors), "");
    assert_eq!(policy.warnings.len(), 4, "{}", shown(&policy.warnings));
    assert_eq!(policy.settings.api.apps.len(), 1);

    let file = load_file(&text);
    assert_eq!(file.errors.len(), 4);
    assert!(file.warnings.is_empty());
}

#[test]
fn hooks_count_only_from_what_administrators_alone_can_write() {
    let hooks = &format!("[hooks]\non_session_end = ['{PROGRAM}']");
    let trusted = load_as(
        Standing::Administrator,
        Build::Release,
        &[(Place::File, hooks)],
    );
    assert_eq!(trusted.settings.hooks.on_session_end, [PROGRAM]);

    for build in [Build::Release, Build::Developer] {
        let own = load_as(Standing::User, build, &[(Place::File, hooks)]);
        assert!(own.settings.hooks.on_session_end.is_empty());
        assert_eq!(own.errors.len(), 1);
    }
}

#[test]
fn tokens_are_released_only_on_the_word_of_the_machine() {
    let load = |standing, build| load_as(standing, build, &[(Place::File, DOCMAN)]);
    let has_tokens = |loaded: &Loaded| loaded.settings.api.apps[0].scopes.has(Scope::TokensRead);

    assert!(has_tokens(&load(Standing::Administrator, Build::Release)));
    assert!(has_tokens(&load(Standing::User, Build::Developer)));
    let own = load(Standing::User, Build::Release);
    assert!(!has_tokens(&own));
    assert_eq!(own.errors.len(), 1);
}

#[test]
fn token_hashes_are_not_shown() {
    let loaded = load_file(DOCMAN);
    let json = serde_json::to_string(loaded.settings.show()).unwrap();
    let shown = format!("{loaded:?}{json}");
    assert!(
        shown.contains("docman") && !shown.contains("1111"),
        "{shown}"
    );
    let row = value(&loaded.settings, "api.apps.docman");
    assert!(row.contains("token_sha256 = \"(not shown)\""), "{row}");
}

#[test]
fn with_any_error_nothing_is_handed_out_or_started() {
    let text = format!(
        "[api]\nrelease_access_token = true\n{DOCMAN}\n\
         [hooks]\non_session_end = [\"/bin/true\"]\n\
         [session]\nidle_timeout = \"1m\"\n\
         [log]\nkeep_days = 0"
    );
    let loaded = load_file(&text);
    assert!(!loaded.errors.is_empty());
    let settings = &loaded.settings;
    assert!(settings.hooks.on_session_end.is_empty());
    assert_eq!(settings.api.pairing, Pairing::Off);
    assert!(!settings.api.release_access_token);
    assert!(!settings.api.apps[0].scopes.has(Scope::TokensRead));
    assert!(settings.api.apps[0].scopes.has(Scope::SessionRead));
    assert_eq!(
        settings.session.idle_timeout,
        std::time::Duration::from_secs(60)
    );
}

#[test]
fn nobody_can_sign_in_without_a_client_id() {
    let failure = load_texts(&[]).failure().unwrap();
    assert_eq!(failure.code, FailureCode::ConfigInvalid);
    assert!(
        failure.remedy.contains("[cis2] client_id is not set"),
        "{}",
        failure.remedy
    );
    assert_eq!(load_file("[cis2]\nclient_id = \"x\"").failure(), None);
}

#[test]
fn the_failure_names_the_first_error_without_path_and_content() {
    let loaded = load_file("[log]\nlevel = \"Jane\"\nkeep_days = -1");
    let remedy = loaded.failure().unwrap().remedy;
    assert!(
        remedy.ends_with("([log] level, file line 2, and 1 more)"),
        "{remedy}"
    );
}
