//! UserInfo (OpenID Connect Core, section 5.3), and the user it makes: roles joined with their
//! organisations.

use cardea_session::{Role, User};
use serde_json::Value;

use crate::discovery::Provider;
use crate::id_token::{CheckError, Jws, Verified};
use crate::wire::{Answer, WireError};
use crate::{RelyingParty, Secret};

mod signed;

/// Why there is no user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserInfoError {
    #[error("UserInfo: {0}")]
    Wire(#[from] WireError),
    #[error("UserInfo: keys of the provider: {0}")]
    Keys(#[source] WireError),
    #[error("UserInfo: {0}")]
    Check(#[from] CheckError),
}

/// Fetches what CIS2 knows of the user, plain or signed.
pub(crate) async fn fetch(
    party: &RelyingParty,
    provider: &Provider,
    access_token: &Secret,
    id_token: &Verified,
) -> Result<User, UserInfoError> {
    let answer = party
        .wire
        .fetch(&provider.userinfo_endpoint, Some(access_token))
        .await?
        .ok()?;
    let Some(jws) = jws_in(&answer)? else {
        return Ok(user(&answer.json()?, id_token)?);
    };
    let wanted = jws.key_wanted();
    let keys = party.keys.keys(&party.wire, &provider.jwks_uri, &wanted);
    let keys = keys.await.map_err(UserInfoError::Keys)?;
    let document = signed::document(&jws, &keys, &party.settings, party.clock.now())?;
    Ok(user(&document, id_token)?)
}

/// The signed UserInfo, when that is what the answer says it is.
fn jws_in(answer: &Answer) -> Result<Option<Jws<'_>>, CheckError> {
    let Some(token) = answer.jwt() else {
        return Ok(None);
    };
    let token = str::from_utf8(token).map_err(|_| CheckError::Malformed)?;
    Jws::parse(token).map(Some)
}

/// What an answer makes of the user, as [`fetch`] reads it, with `keys` in place of the provider's.
#[cfg(feature = "fuzzing")]
pub(crate) fn read(
    answer: &Answer,
    keys: &[jsonwebtoken::jwk::Jwk],
    settings: &crate::Settings,
    now: cardea_session::Time,
    id_token: &Verified,
) -> Result<User, UserInfoError> {
    let Some(jws) = jws_in(answer)? else {
        return Ok(user(&answer.json()?, id_token)?);
    };
    let keys = jws.key_wanted().among(keys);
    let document = signed::document(&jws, &keys, settings, now)?;
    Ok(user(&document, id_token)?)
}

fn user(document: &Value, id_token: &Verified) -> Result<User, CheckError> {
    let subject = text(document, "sub").ok_or(CheckError::Missing("sub of UserInfo"))?;
    if subject != id_token.subject {
        return Err(CheckError::OtherSubject);
    }
    let selected = id_token.selected_roleid.clone();
    Ok(User {
        id: subject,
        name: text(document, "name").or_else(|| text(document, "display_name")),
        given_name: text(document, "given_name"),
        family_name: text(document, "family_name"),
        selected_roleid: selected.or_else(|| text(document, "selected_roleid")),
        roles: roles(document),
    })
}

/// A role without its own name could never be selected, so it is left out.
fn roles(document: &Value) -> Vec<Role> {
    let roles = one_or_many(document, "nhsid_nrbac_roles").iter();
    roles.filter_map(|entry| role(entry, document)).collect()
}

fn role(entry: &Value, document: &Value) -> Option<Role> {
    let person_roleid = text(entry, "person_roleid")?;
    let field = |name| text(entry, name).unwrap_or_default();
    let (role_name, org_code) = (field("role_name"), field("org_code"));
    Some(Role {
        person_roleid,
        person_orgid: field("person_orgid"),
        role_code: field("role_code"),
        display_name: display_name(&role_name).to_owned(),
        role_name,
        org_name: organisation_name(document, &org_code),
        org_code,
        activity_codes: texts(entry, "activity_codes"),
        workgroups_codes: texts(entry, "workgroups_codes"),
        aow_codes: texts(entry, "aow_codes"),
    })
}

fn organisation_name(document: &Value, org_code: &str) -> Option<String> {
    let mut organisations = one_or_many(document, "nhsid_user_orgs").iter();
    let is_it = |entry: &&Value| text(entry, "org_code").is_some_and(|code| code == org_code);
    text(organisations.find(is_it)?, "org_name")
}

/// `"Clinical":"Clinical Provision":"Nurse Access Role"` is shown by its last part.
fn display_name(role_name: &str) -> &str {
    let last = role_name.rsplit("\":\"").next().unwrap_or(role_name);
    last.trim_matches('"')
}

/// A list, which may be written as its only member, or be missing.
fn one_or_many<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    match object.get(name) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values,
        Some(one) => std::slice::from_ref(one),
    }
}

fn texts(object: &Value, name: &str) -> Vec<String> {
    one_or_many(object, name)
        .iter()
        .filter_map(as_text)
        .collect()
}

fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(as_text)
}

/// Ids are digits in strings, but nobody promises the quotes. An empty text is none.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is a text")]
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
