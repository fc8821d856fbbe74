//! Whether every part of the agent can work with settings that were accepted.

use cardea_agent::settings::Effective;
use cardea_login::Settings;
use cardea_login::fuzzing::discovery;
use serde_json::json;
use url::Url;

pub(super) fn check(settings: &Effective) {
    let issuer = &settings.rules().provider.issuer;
    let _can_be_made = (settings.cards(), settings.local_api());
    if let Some(login) = settings.login() {
        assert_eq!(login.issuer, *issuer);
        check_provider(&login);
        check_redirect(&login);
    }
}

/// A provider of that issuer, with all that it has at its own address, can be used.
fn check_provider(login: &Settings) {
    let issuer = &login.issuer;
    let at = |path: &str| format!("{}/{path}", issuer.trim_end_matches('/'));
    let document = json!({
        "issuer": issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"), "jwks_uri": at("jwks"),
    });
    let read = discovery(document.to_string().as_bytes(), login);
    assert!(read.is_ok(), "{issuer}: {read:?}");
}

/// The redirect address is one that browsers come back to as it is.
fn check_redirect(login: &Settings) {
    assert!(login.redirect_ports.iter().all(|port| *port >= 1024));
    let written = format!("http://localhost:28117{}", login.redirect_path);
    let url = Url::parse(&written).expect("an address");
    assert_eq!(url.as_str(), written);
    assert!(login.scopes.iter().any(|scope| scope == "openid"));
}
