//! UserInfo that nobody would think of.

use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::testing::any_json;

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
}
