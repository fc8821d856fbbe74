//! Answers of the UserInfo endpoint (OpenID Connect Core, section 5.3). The first line is the
//! content type. The rest is the body; of a signed answer a token input.

use cardea_login::fuzzing::userinfo;
use cardea_session::User;
use serde_json::Value;

use crate::keys::PROVIDER;
use crate::made::Made;
use crate::question::{NOW, SETTINGS, SKEW, SUBJECT, are_for_us, at, number};
use crate::{Verdict, check_error};

const ROLE: &str = "555000000108";

/// Reads it for the user who signed in, without and with a selected role.
pub fn run(input: &[u8]) -> Verdict {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (kind, rest) = input.split_at(end.unwrap_or(input.len()));
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let made = is_jwt(kind).then(|| Made::of(rest));
    let body = made.as_ref().map_or(rest, |made| made.text.as_bytes());

    let free = read(kind, body, None);
    let bound = read(kind, body, Some(ROLE));
    assert_eq!(free.is_ok(), bound.is_ok());
    if let Ok(user) = bound {
        assert_eq!(user.selected_roleid.as_deref(), Some(ROLE));
    }
    match free {
        Ok(user) => {
            let document = made.as_ref().map_or_else(|| plain(rest), signed);
            check(&user, &document);
            for spoiled in made.iter().flat_map(Made::spoiled) {
                assert!(read(kind, spoiled.as_bytes(), None).is_err(), "{spoiled}");
            }
            Verdict::Accepted
        }
        Err(error) => {
            check_error(&error);
            let is_json = || serde_json::from_slice::<Value>(rest).is_ok();
            Verdict::refused(made.as_ref().map_or_else(is_json, Made::is_readable))
        }
    }
}

fn read(kind: &[u8], body: &[u8], role: Option<&str>) -> Result<User, String> {
    let answer = (kind, body);
    let subject = (SUBJECT, role);
    userinfo(answer, &PROVIDER.public, &SETTINGS, at(NOW), subject)
}

fn is_jwt(kind: &[u8]) -> bool {
    let kind = String::from_utf8_lossy(kind).to_ascii_lowercase();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim_matches([' ', '\t']) == "application/jwt"
}

fn plain(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("UserInfo is JSON")
}

fn signed(made: &Made<'_>) -> Value {
    // All of it is read, so all of it must be readable; of a member that comes twice, the last counts.
    let (_, claims) = made.accepted(&[]);
    assert!(claims.is_object());
    let (_, claims) = made.signed.as_ref().expect("somebody signed it");
    let claims = plain(claims);
    assert!(are_for_us(&claims), "{claims}");
    assert!(claims["exp"].is_null() || number(&claims, "exp") > (NOW - SKEW) as f64);
    claims
}

/// It is the user who signed in, and everything about them was said.
fn check(user: &User, document: &Value) {
    assert_eq!(user.id, SUBJECT);
    assert_eq!(text(document, "sub").as_deref(), Some(SUBJECT));
    let name = text(document, "name").or_else(|| text(document, "display_name"));
    assert_eq!(user.name, name);
    assert_eq!(user.given_name, text(document, "given_name"));
    assert_eq!(user.family_name, text(document, "family_name"));
    assert_eq!(user.selected_roleid, text(document, "selected_roleid"));

    let written = list(&document["nhsid_nrbac_roles"]);
    let written = written
        .iter()
        .filter(|role| text(role, "person_roleid").is_some());
    let written: Vec<_> = written.collect();
    assert_eq!(user.roles.len(), written.len());
    let organisations = list(&document["nhsid_user_orgs"]);
    for (role, written) in user.roles.iter().zip(written) {
        let said = |name| text(written, name).unwrap_or_default();
        assert_eq!(role.person_roleid, said("person_roleid"));
        assert_eq!(role.person_orgid, said("person_orgid"));
        assert_eq!(role.role_code, said("role_code"));
        assert_eq!(role.role_name, said("role_name"));
        assert_eq!(role.org_code, said("org_code"));
        assert!(role.role_name.contains(&role.display_name));
        let its_own = |entry: &&Value| text(entry, "org_code").as_ref() == Some(&role.org_code);
        let mut named = organisations.iter().filter(its_own);
        assert_eq!(
            role.org_name,
            named.next().and_then(|entry| text(entry, "org_name"))
        );
        assert_eq!(role.activity_codes, texts(written, "activity_codes"));
        assert_eq!(role.workgroups_codes, texts(written, "workgroups_codes"));
        assert_eq!(role.aow_codes, texts(written, "aow_codes"));
    }
}

fn text(object: &Value, name: &str) -> Option<String> {
    said(object.get(name)?)
}

fn said(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned()).filter(|text| !text.is_empty());
    }
    value.is_number().then(|| value.to_string())
}

fn texts(object: &Value, name: &str) -> Vec<String> {
    list(&object[name]).iter().filter_map(said).collect()
}

/// A list; its only member may stand for it.
fn list(value: &Value) -> Vec<Value> {
    match value.as_array() {
        Some(values) => values.clone(),
        None if value.is_null() => Vec::new(),
        None => vec![value.clone()],
    }
}
