//! The forms that workstations send: each field once, and no others than are known.

use zeroize::Zeroizing;

use crate::problem::Problem;
use crate::settings::{ProviderSettings, Verifier};

/// The fields that go on to the provider.
pub(crate) type Fields = Vec<(&'static str, Zeroizing<String>)>;

/// What a workstation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Exchange,
    Revoke,
}

impl Message {
    /// Its route, from the public address on.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Exchange => "/v1/exchange",
            Self::Revoke => "/v1/revoke",
        }
    }

    /// In logs and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Revoke => "revoke",
        }
    }

    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Exchange => &[
                "code",
                "redirect_uri",
                "code_verifier",
                "client_id",
                "grant_type",
            ],
            Self::Revoke => &["token", "token_type_hint", "client_id"],
        }
    }

    /// Reads the form, and gives what the provider is to be told: nothing that is the broker's own.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(self, body: &[u8], ours: &ProviderSettings) -> Result<Fields, Problem> {
        let mut form = Form::parse(body, self.fields())?;
        form.check_client(ours)?;
        match self {
            Self::Exchange => form.exchange(ours),
            Self::Revoke => form.revocation(),
        }
    }
}

/// Reads the form of a workstation that asks for nothing but whether it is known.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_introduction(body: &[u8], ours: &ProviderSettings) -> Result<(), Problem> {
    Form::parse(body, &["client_id"])?.check_client(ours)
}

struct Form(Fields);

impl Form {
    fn parse(body: &[u8], known: &[&'static str]) -> Result<Self, Problem> {
        let mut fields = Fields::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = Zeroizing::new(value.into_owned());
            let name = known.iter().copied().find(|known| *known == name);
            let name = name.ok_or(Problem::BadRequest)?;
            // Bytes that are no text would reach the provider as others.
            let is_text = !value.is_empty() && !value.contains(char::REPLACEMENT_CHARACTER);
            if !is_text || fields.iter().any(|(other, _)| *other == name) {
                return Err(Problem::BadRequest);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// Takes out whom the workstation thinks the broker to be.
    fn check_client(&mut self, ours: &ProviderSettings) -> Result<(), Problem> {
        match self.take("client_id") {
            Some(id) if *id != ours.client_id => Err(Problem::ClientNotAllowed),
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        let index = self.0.iter().position(|(other, _)| *other == name)?;
        Some(self.0.swap_remove(index).1)
    }

    fn exchange(mut self, ours: &ProviderSettings) -> Result<Fields, Problem> {
        let grant = self.take("grant_type");
        if grant.is_some_and(|grant| *grant != "authorization_code") {
            return Err(Problem::GrantNotAllowed);
        }
        let code = self.take("code").ok_or(Problem::BadRequest)?;
        let redirect_uri = self.take("redirect_uri").ok_or(Problem::BadRequest)?;
        if !ours
            .redirect_uris
            .iter()
            .any(|listed| is_listed(listed, &redirect_uri))
        {
            return Err(Problem::RedirectNotAllowed);
        }
        let grant_type = Zeroizing::new("authorization_code".to_owned());
        let mut fields = vec![
            ("grant_type", grant_type),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ];
        match (self.take("code_verifier"), ours.verifier) {
            (Some(verifier), _) => fields.push(("code_verifier", verifier)),
            (None, Verifier::Optional) => {}
            (None, Verifier::Required) => return Err(Problem::VerifierMissing),
        }
        Ok(fields)
    }

    fn revocation(mut self) -> Result<Fields, Problem> {
        let token = self.take("token").ok_or(Problem::BadRequest)?;
        let mut fields = vec![("token", token)];
        if let Some(hint) = self.take("token_type_hint") {
            if !matches!(hint.as_str(), "access_token" | "refresh_token") {
                return Err(Problem::BadRequest);
            }
            fields.push(("token_type_hint", hint));
        }
        Ok(fields)
    }
}

/// Byte for byte, but that a listed port 0 stands for any (RFC 8252, section 7.3).
fn is_listed(listed: &str, asked: &str) -> bool {
    let Some((host, path)) = listed.split_once(":0/") else {
        return listed == asked;
    };
    let rest = asked
        .strip_prefix(host)
        .and_then(|rest| rest.strip_prefix(':'));
    let Some((port, asked_path)) = rest.and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let is_port = port
        .parse::<u16>()
        .is_ok_and(|number| number.to_string() == port);
    is_port && asked_path == path
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jsonwebtoken::Algorithm;

    use super::*;
    use crate::settings::ClientAuth;

    fn ours(verifier: Verifier) -> ProviderSettings {
        ProviderSettings {
            issuer: "https://cis2.example".to_owned(),
            client_id: "ours".to_owned(),
            client_auth: ClientAuth::ClientSecretPost,
            assertion_alg: Algorithm::RS512,
            credential: PathBuf::new(),
            kid: None,
            redirect_uris: vec![
                "http://localhost:28117/callback".to_owned(),
                "http://127.0.0.1:0/callback".to_owned(),
            ],
            verifier,
        }
    }

    fn exchange(form: &str) -> Result<Vec<(&'static str, String)>, Problem> {
        let fields = Message::Exchange.read(form.as_bytes(), &ours(Verifier::Required))?;
        let fields = fields.into_iter();
        Ok(fields
            .map(|(name, value)| (name, value.to_string()))
            .collect())
    }

    const GOOD: &str =
        "code=a%2Fb&redirect_uri=http%3A%2F%2Flocalhost%3A28117%2Fcallback&code_verifier=v";

    #[test]
    fn a_code_goes_on_with_what_belongs_to_it() {
        let expected = [
            ("grant_type", "authorization_code"),
            ("code", "a/b"),
            ("redirect_uri", "http://localhost:28117/callback"),
            ("code_verifier", "v"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(exchange(GOOD), Ok(expected.to_vec()));
        let with_ours = format!("{GOOD}&client_id=ours&grant_type=authorization_code");
        assert_eq!(exchange(&with_ours), Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_the_brokers_own_cannot_be_replaced() {
        for (more, problem) in [
            ("client_id=theirs", Problem::ClientNotAllowed),
            ("grant_type=refresh_token", Problem::GrantNotAllowed),
            ("client_secret=x", Problem::BadRequest),
            ("client_assertion=x", Problem::BadRequest),
            ("scope=openid", Problem::BadRequest),
            ("code=second", Problem::BadRequest),
        ] {
            assert_eq!(exchange(&format!("{GOOD}&{more}")), Err(problem), "{more}");
        }
    }

    #[test]
    fn only_listed_addresses_get_codes_redeemed() {
        let asked = |uri: &str| {
            let uri: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
            exchange(&format!("code=c&code_verifier=v&redirect_uri={uri}")).map(drop)
        };
        for listed in [
            "http://localhost:28117/callback",
            "http://127.0.0.1:1/callback",
            "http://127.0.0.1:65535/callback",
        ] {
            assert_eq!(asked(listed), Ok(()), "{listed}");
        }
        for other in [
            "http://localhost:28118/callback",
            "http://localhost:28117/callback/",
            "http://localhost:28117/callback?x",
            "https://localhost:28117/callback",
            "http://127.0.0.1:080/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:1@elsewhere.example/callback",
            "http://127.0.0.1:1/other",
            "http://127.0.0.1:1/callback/x",
        ] {
            assert_eq!(asked(other), Err(Problem::RedirectNotAllowed), "{other}");
        }
    }

    #[test]
    fn a_code_needs_its_verifier_unless_the_settings_say_otherwise() {
        let without = "code=c&redirect_uri=http%3A%2F%2Flocalhost%3A28117%2Fcallback";
        assert_eq!(exchange(without), Err(Problem::VerifierMissing));
        let read = Message::Exchange.read(without.as_bytes(), &ours(Verifier::Optional));
        assert!(read.is_ok());
    }

    #[test]
    fn a_token_is_revoked_by_its_own_form() {
        let revoke = |form: &str| {
            let fields = Message::Revoke.read(form.as_bytes(), &ours(Verifier::Required));
            fields.map(|fields| fields.len())
        };
        assert_eq!(revoke("token=t"), Ok(1));
        assert_eq!(
            revoke("token=t&token_type_hint=access_token&client_id=ours"),
            Ok(2)
        );
        for wrong in [
            "",
            "token=",
            "token=t&token_type_hint=id_token",
            "token=%FF",
            GOOD,
        ] {
            assert_eq!(revoke(wrong), Err(Problem::BadRequest), "{wrong}");
        }
    }
}
