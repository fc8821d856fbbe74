use std::fmt::Write as _;

use super::*;
use crate::testing;

#[test]
fn each_state_has_its_picture() {
    let mut table = String::new();
    for (name, known) in testing::everything() {
        writeln!(table, "{name}: {}", Icon::of(&known).as_str()).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn only_a_session_that_is_certain_looks_signed_in() {
    for (name, known) in testing::everything() {
        let looks = Icon::of(&known) == Icon::SignedIn;
        assert_eq!(looks, known.session().is_some(), "{name}");
    }
}
