//! The settings as the parts of the agent get them.

use cardea_local_api::AppSource;
use cardea_session::ProviderEnvironment;

use super::*;

#[test]
fn the_defaults_are_those_of_the_parts_themselves() {
    let settings = load_file("[cis2]\nclient_id = \"x\"").settings;
    let login = cardea_login::Settings {
        client_id: "x".to_owned(),
        ..cardea_login::Settings::default()
    };
    assert_eq!(settings.login(), Some(login));
    assert_eq!(settings.cards(), cardea_readers::CardSettings::default());
}

#[test]
fn nobody_signs_in_without_a_client_id() {
    assert_eq!(load_texts(&[]).settings.login(), None);
}

#[test]
fn the_issuer_is_the_environments() {
    let provider = |text: &str| load_file(text).settings.rules().provider;
    let live = provider("");
    assert_eq!(live.environment, ProviderEnvironment::Live);
    assert_eq!(live.issuer, cardea_login::ISSUER_LIVE);
    let int = provider("[cis2]\nenvironment = \"int\"");
    assert_eq!(int.environment, ProviderEnvironment::Int);
    assert_eq!(int.issuer, cardea_login::ISSUER_INT);
    let custom = "[cis2]\nenvironment = \"custom\"\nissuer = \"https://op.example:443/x\"";
    assert_eq!(provider(custom).issuer, "https://op.example:443/x");
}

#[test]
fn plain_http_is_for_custom_providers_only() {
    let allowed = |text: &str| {
        let loaded = load_file(&format!("[cis2]\nclient_id = \"x\"\n{text}"));
        loaded.settings.login().unwrap().allow_loopback_http
    };
    assert!(!allowed(""));
    assert!(!allowed("environment = \"int\""));
    assert!(allowed(
        "environment = \"custom\"\nissuer = \"http://127.0.0.1:4000\""
    ));
}

#[test]
fn card_patterns_without_a_mask_compare_every_bit() {
    let text = "[card]\npatterns = [{ id = \"x\", name = \"X\", atr = \"3B 01 02\" }]";
    let cards = load_file(text).settings.cards();
    assert_eq!(cards.patterns[0].mask, [0xff; 3]);
}

#[test]
fn programs_keep_where_they_were_allowed() {
    let app = |id: &str, digit: char| {
        let hash = digit.to_string().repeat(64);
        format!(
            "[[api.apps]]\nid = \"{id}\"\nname = \"X\"\nscopes = []\ntoken_sha256 = \"{hash}\"\n"
        )
    };
    let loaded = load_texts(&[
        (Place::Policy, &app("a", 'a')),
        (Place::Installation, &app("c", 'c')),
        (Place::File, &app("b", 'b')),
    ]);
    let apps = loaded.settings.local_api().apps;
    assert_eq!(apps[0].source, AppSource::Policy);
    assert_eq!(apps[1].source, AppSource::Installation);
    assert_eq!(apps[2].source, AppSource::File);
    assert_eq!(apps[2].token_sha256.bytes(), &[0xbb; 32]);
}
