//! UserInfo that nobody would think of.

use std::sync::LazyLock;

use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::signed::{ISSUER, claims, read};
use super::*;
use crate::AssertionAlg;
use crate::testing::{SigningKey, any_json, unsigned_tokens};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::p256("k"));

/// A good answer.
static SIGNED: LazyLock<String> =
    LazyLock::new(|| KEY.sign(AssertionAlg::Es256, &claims(json!({}))));

const WORDS: &[&str] = &[
    "",
    "sub",
    "name",
    "555000000001",
    "555000000002",
    "555000000108",
    "A9A5A",
    "nhsid_nrbac_roles",
    "nhsid_user_orgs",
    "selected_roleid",
    "person_roleid",
    "role_name",
    "org_code",
    "activity_codes",
    ISSUER,
    "client",
];

/// Any JSON, or a good document with members that are any JSON.
fn documents() -> impl Strategy<Value = Value> {
    let members = btree_map(select(WORDS), any_json(WORDS), 0..4);
    let changed = members.prop_map(|members| document(Value::from_iter(members)));
    prop_oneof![3 => changed, 1 => any_json(WORDS)]
}

proptest! {
    #[test]
    fn the_user_is_the_one_who_signed_in(document in documents()) {
        let is_about_them = document.get("sub").is_some_and(|sub| {
            sub == "555000000001" || *sub == json!(555_000_000_001_u64)
        });
        let id = user(&document, &id_token(None)).ok().map(|user| user.id);
        let expected = is_about_them.then(|| "555000000001".to_owned());
        prop_assert_eq!(id, expected);
    }

    #[test]
    fn the_role_is_the_one_that_the_id_token_says(document in documents()) {
        if let Ok(user) = user(&document, &id_token(Some("555000000108"))) {
            prop_assert_eq!(user.selected_roleid.as_deref(), Some("555000000108"));
            let named = user.roles.iter().all(|role| !role.person_roleid.is_empty());
            prop_assert!(named);
        }
    }

    #[test]
    fn userinfo_that_nobody_signed_is_refused(token in unsigned_tokens(claims(json!({})))) {
        prop_assert!(read(&token, &KEY).is_err());
    }

    #[test]
    fn signed_userinfo_passes_only_as_it_is(at in any::<Index>(), char in "[-_.A-Za-z0-9=]") {
        let at = at.index(SIGNED.len());
        let changed = format!("{}{char}{}", &SIGNED[..at], &SIGNED[at + 1..]);
        prop_assert_eq!(read(&changed, &KEY).is_ok(), changed == *SIGNED);
    }

    #[test]
    fn odd_signed_userinfo_passes_only_when_it_says_what_it_must(
        name in select(&["iss", "aud", "sub", "exp"][..]),
        odd in any_json(WORDS),
    ) {
        let claims = claims(Value::from_iter([(name, odd)]));
        if let Ok(user) = read(&KEY.sign(AssertionAlg::Es256, &claims), &KEY) {
            let ours = |one: &Value| one == "client";
            let all_ours = |list: &Vec<Value>| !list.is_empty() && list.iter().all(ours);
            let audience = &claims["aud"];
            prop_assert_eq!(&claims["iss"], ISSUER);
            prop_assert!(ours(audience) || audience.as_array().is_some_and(all_ours));
            prop_assert_eq!(user.id, "555000000001");
        }
    }
}
