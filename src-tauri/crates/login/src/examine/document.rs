//! What the provider says that it can (OpenID Connect Discovery 1.0, section 3), against the
//! settings.

use cardea_session::is_shown;
use serde_json::Value;

use super::{Examination, NoDiscovery, Step};
use crate::id_token::TokenAlg;
use crate::{ClientAuth, Pkce, Settings};

/// A field of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentField {
    /// Its name there.
    pub name: &'static str,
    /// Whether it fits the settings.
    pub fit: Fit,
}

/// Whether a field fits the settings. Only a login shows what the provider does for this client:
/// lists need not be complete, nor all of it be meant for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It has what the settings ask for.
    Fits,
    /// The settings ask for nothing of it.
    NotAskedFor,
    /// It is not there, which is no fault: CIS2 need not say everything that it does.
    DoesNotSay,
    /// It has not.
    DoesNotFit {
        /// What is missing.
        wanted: Vec<String>,
        /// What is there, cut to 40 values of 64 characters.
        offered: Vec<String>,
    },
}

/// Claims that a login cannot do without, or that the user is made of.
const CLAIMS: &[&str] = &[
    "sub",
    "auth_time",
    "acr",
    "amr",
    "authentication_assurance_level",
    "id_assurance_level",
    "name",
    "nhsid_nrbac_roles",
    "nhsid_user_orgs",
];

const VALUES: usize = 40;
const LENGTH: usize = 64;

/// What is asked for.
enum Wanted<'a> {
    /// All of these.
    All(Vec<&'a str>),
    /// Any one of these.
    One(Vec<&'a str>),
    Nothing,
}

impl Examination {
    /// What the provider says that it can, against the settings. Takes the document that
    /// [`discovery`](Self::discovery) has read, or fetches it like that.
    pub async fn document(&self) -> Step<Vec<DocumentField>, NoDiscovery> {
        let document = self.known_document().await;
        document.map(|known| fields(&known, &self.settings)).into()
    }
}

fn fields(document: &Value, settings: &Settings) -> Vec<DocumentField> {
    let list = |name, wanted| DocumentField {
        name,
        fit: of_list(&document[name], wanted),
    };
    let yes = |name| DocumentField {
        name,
        fit: of_flag(&document[name]),
    };
    let there = |name| DocumentField {
        name,
        fit: match document[name].is_string() {
            true => Fit::Fits,
            false => Fit::DoesNotSay,
        },
    };
    vec![
        list("response_types_supported", Wanted::All(vec!["code"])),
        list("scopes_supported", Wanted::All(texts(&settings.scopes))),
        list("claims_supported", Wanted::All(CLAIMS.to_vec())),
        list("acr_values_supported", acr_values(settings)),
        list("token_endpoint_auth_methods_supported", method(settings)),
        list(
            "token_endpoint_auth_signing_alg_values_supported",
            assertion_alg(settings),
        ),
        list(
            "id_token_signing_alg_values_supported",
            Wanted::One(TokenAlg::names()),
        ),
        list("code_challenge_methods_supported", challenge(settings)),
        yes("authorization_response_iss_parameter_supported"),
        there("end_session_endpoint"),
        there("revocation_endpoint"),
        yes("backchannel_logout_supported"),
    ]
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// They are in an order of preference (OpenID Connect Core, section 3.1.2.1).
fn acr_values(settings: &Settings) -> Wanted<'_> {
    let values: Vec<_> = settings.acr_values.split_whitespace().collect();
    match values.is_empty() {
        true => Wanted::Nothing,
        false => Wanted::One(values),
    }
}

fn method(settings: &Settings) -> Wanted<'_> {
    match settings.client_auth {
        ClientAuth::PrivateKeyJwt => Wanted::All(vec!["private_key_jwt"]),
        ClientAuth::ClientSecretPost => Wanted::All(vec!["client_secret_post"]),
        ClientAuth::ClientSecretBasic => Wanted::All(vec!["client_secret_basic"]),
        // The broker's to say.
        ClientAuth::Broker => Wanted::Nothing,
    }
}

fn assertion_alg(settings: &Settings) -> Wanted<'_> {
    match settings.client_auth {
        ClientAuth::PrivateKeyJwt => Wanted::All(vec![settings.assertion_alg.as_str()]),
        ClientAuth::ClientSecretPost | ClientAuth::ClientSecretBasic | ClientAuth::Broker => {
            Wanted::Nothing
        }
    }
}

fn challenge(settings: &Settings) -> Wanted<'_> {
    match settings.pkce {
        Pkce::S256 => Wanted::All(vec!["S256"]),
        Pkce::Off => Wanted::Nothing,
    }
}

fn of_list(field: &Value, wanted: Wanted<'_>) -> Fit {
    let has = |value: &&str| {
        let values = field.as_array().into_iter().flatten();
        values.into_iter().any(|offered| offered == *value)
    };
    let (wanted, is_enough) = match wanted {
        Wanted::Nothing => return Fit::NotAskedFor,
        Wanted::All(wanted) => {
            let missing: Vec<_> = wanted.into_iter().filter(|value| !has(value)).collect();
            let is_enough = missing.is_empty();
            (missing, is_enough)
        }
        Wanted::One(wanted) => {
            let is_enough = wanted.iter().any(has);
            (wanted, is_enough)
        }
    };
    match (field, is_enough) {
        (Value::Null, _) => Fit::DoesNotSay,
        (_, true) => Fit::Fits,
        (_, false) => Fit::DoesNotFit {
            wanted: wanted.into_iter().map(str::to_owned).collect(),
            offered: offered(field),
        },
    }
}

fn of_flag(field: &Value) -> Fit {
    match field {
        Value::Null => Fit::DoesNotSay,
        Value::Bool(true) => Fit::Fits,
        Value::Bool(false)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => Fit::DoesNotFit {
            wanted: vec!["true".to_owned()],
            offered: offered(field),
        },
    }
}

/// As much of it as can be shown.
fn offered(field: &Value) -> Vec<String> {
    let values = match field {
        Value::Array(values) => values.as_slice(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(field)
        }
    };
    let shown = |value: &Value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.chars().filter(|&c| is_shown(c)).take(LENGTH).collect()
    };
    values.iter().take(VALUES).map(shown).collect()
}

#[cfg(test)]
mod tests;
