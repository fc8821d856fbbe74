//! The question to the provider (OpenID Connect Core, section 3.1.2.1) and what its answer is
//! recognised by.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::LoginMode;
use url::form_urlencoded;

use crate::discovery::Provider;
use crate::secret::NoRandomness;
use crate::{Pkce, Secret, Settings};

/// One question.
pub(crate) struct Question {
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    /// What the challenge was made of (RFC 7636, section 4.1).
    pub(crate) verifier: Option<Secret>,
    pub(crate) redirect_uri: String,
}

impl Question {
    pub(crate) fn new(settings: &Settings, redirect_uri: String) -> Result<Self, NoRandomness> {
        Ok(Self {
            state: Secret::random()?,
            nonce: Secret::random()?,
            verifier: match settings.pkce {
                Pkce::S256 => Some(Secret::random()?),
                Pkce::Off => None,
            },
            redirect_uri,
        })
    }

    /// The address to open in the browser: the endpoint exactly as discovered, and our query.
    pub(crate) fn address(
        &self,
        provider: &Provider,
        settings: &Settings,
        mode: LoginMode,
    ) -> String {
        let endpoint = &provider.authorization_endpoint;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &scope(settings, mode))
            .append_pair("state", self.state.expose())
            .append_pair("nonce", self.nonce.expose());
        if let Some(prompt) = prompt(settings, mode) {
            query.append_pair("prompt", prompt);
        }
        if mode != LoginMode::ChangeRole {
            query.append_pair("max_age", &settings.max_age.as_secs().to_string());
        }
        if !settings.acr_values.is_empty() {
            query.append_pair("acr_values", &settings.acr_values);
        }
        if let Some(verifier) = &self.verifier {
            query
                .append_pair("code_challenge", &challenge(verifier))
                .append_pair("code_challenge_method", "S256");
        }
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{joint}{}", query.finish())
    }
}

/// CIS2 asks for a role with `selectedrole`, and for another one with `changedrole` in its place.
fn scope(settings: &Settings, mode: LoginMode) -> String {
    let scopes = settings.scopes.iter().map(|scope| match mode {
        LoginMode::ChangeRole if scope == "selectedrole" => "changedrole",
        LoginMode::ChangeRole | LoginMode::SignIn | LoginMode::Reauthenticate => scope.as_str(),
    });
    scopes.collect::<Vec<_>>().join(" ")
}

/// Changing the role needs no new authentication; proving again who one is does, whatever the
/// settings say.
fn prompt(settings: &Settings, mode: LoginMode) -> Option<&str> {
    match mode {
        LoginMode::SignIn => Some(settings.prompt.as_str()).filter(|prompt| !prompt.is_empty()),
        LoginMode::Reauthenticate => Some("login"),
        LoginMode::ChangeRole => None,
    }
}

fn challenge(verifier: &Secret) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use url::Url;

    use super::*;

    fn provider() -> Provider {
        serde_json::from_value(serde_json::json!({
            "issuer": "https://cis2.example:443/op",
            "authorization_endpoint": "https://cis2.example:443/op/authorize",
            "token_endpoint": "https://cis2.example:443/op/access_token",
            "userinfo_endpoint": "https://cis2.example:443/op/userinfo",
            "jwks_uri": "https://cis2.example:443/op/jwk_uri",
        }))
        .unwrap()
    }

    fn asked(settings: &Settings, mode: LoginMode) -> (Question, BTreeMap<String, String>) {
        let uri = "http://localhost:28117/callback".to_owned();
        let question = Question::new(settings, uri).unwrap();
        let address = question.address(&provider(), settings, mode);
        assert!(address.starts_with("https://cis2.example:443/op/authorize?"));
        let query = Url::parse(&address).unwrap();
        let query = query.query_pairs().into_owned().collect();
        (question, query)
    }

    #[test]
    fn a_sign_in_asks_for_everything_the_settings_say() {
        let settings = Settings {
            client_id: "1.practice.apps".to_owned(),
            ..Settings::default()
        };
        let (question, query) = asked(&settings, LoginMode::SignIn);
        let value = |name: &str| query.get(name).map(String::as_str);
        assert_eq!(value("response_type"), Some("code"));
        assert_eq!(value("client_id"), Some("1.practice.apps"));
        assert_eq!(
            value("redirect_uri"),
            Some("http://localhost:28117/callback")
        );
        assert_eq!(
            value("scope"),
            Some("openid profile nhsperson nationalrbacaccess associatedorgs selectedrole")
        );
        assert_eq!(value("prompt"), Some("login"));
        assert_eq!(value("max_age"), Some("300"));
        assert_eq!(value("acr_values"), Some("AAL3_ANY"));
        assert_eq!(value("state"), Some(question.state.expose()));
        assert_eq!(value("nonce"), Some(question.nonce.expose()));
        assert_eq!(value("code_challenge_method"), Some("S256"));
        assert!(
            !query
                .values()
                .any(|value| value == question.verifier.as_ref().unwrap().expose())
        );
    }

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_role_change_asks_for_the_role_only_and_a_reauthentication_for_the_user() {
        let settings = Settings {
            prompt: String::new(),
            ..Settings::default()
        };
        let (_, query) = asked(&settings, LoginMode::ChangeRole);
        assert!(query["scope"].ends_with(" changedrole"));
        assert!(!query.contains_key("prompt") && !query.contains_key("max_age"));
        let (_, query) = asked(&settings, LoginMode::Reauthenticate);
        assert_eq!(query["prompt"], "login");
        assert!(!asked(&settings, LoginMode::SignIn).1.contains_key("prompt"));
    }

    #[test]
    fn what_is_switched_off_is_not_sent() {
        let settings = Settings {
            pkce: Pkce::Off,
            acr_values: String::new(),
            ..Settings::default()
        };
        let (question, query) = asked(&settings, LoginMode::SignIn);
        assert!(question.verifier.is_none());
        assert!(!query.contains_key("code_challenge") && !query.contains_key("acr_values"));
    }

    #[test]
    fn no_two_questions_share_a_value() {
        let (one, _) = asked(&Settings::default(), LoginMode::SignIn);
        let (two, _) = asked(&Settings::default(), LoginMode::SignIn);
        assert!(!one.state.is(two.state.expose()) && !one.nonce.is(two.nonce.expose()));
        assert!(!one.state.is(one.nonce.expose()));
    }
}
