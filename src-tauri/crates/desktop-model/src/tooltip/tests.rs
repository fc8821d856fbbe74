use std::fmt::Write as _;

use super::*;
use crate::testing;

#[test]
fn each_state_is_said() {
    let mut table = String::new();
    for (name, known) in testing::everything() {
        writeln!(table, "{name}: {}", tooltip(&known)).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_name_is_shown_only_where_the_settings_say_so() {
    for (name, known) in testing::everything() {
        let shows = tooltip(&known).contains(testing::NAME);
        let may = known.settings.show_name && known.session().is_some();
        assert_eq!(shows, may, "{name}");
    }
}

#[test]
fn what_is_too_long_for_windows_is_cut_between_letters() {
    let long = "🙂".repeat(100);
    let short = shortened(&long);
    assert!(
        short.encode_utf16().count() <= LONGEST && short.ends_with('…'),
        "{short}"
    );
    assert_eq!(shortened("short"), "short");
}
