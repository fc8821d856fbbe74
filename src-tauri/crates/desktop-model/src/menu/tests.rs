use std::collections::BTreeSet;
use std::fmt::Write as _;

use cardea_session::State;

use super::*;
use crate::testing;

fn drawn(menu: &Menu) -> String {
    let mut lines = String::new();
    for entry in &menu.entries {
        match entry {
            Entry::State(line) => writeln!(lines, "  = {line}"),
            Entry::Separator => writeln!(lines, "  ---"),
            Entry::Action {
                label,
                enabled: true,
                ..
            } => writeln!(lines, "  > {label}"),
            Entry::Action {
                label,
                enabled: false,
                ..
            } => writeln!(lines, "    {label}"),
        }
        .unwrap();
    }
    lines
}

fn actions(menu: &Menu) -> Vec<Action> {
    let action = |entry: &Entry| match entry {
        Entry::Action { action, .. } => Some(*action),
        Entry::State(_) | Entry::Separator => None,
    };
    menu.entries.iter().filter_map(action).collect()
}

#[test]
fn each_state_has_its_menu() {
    let mut table = String::new();
    for (name, known) in testing::everything() {
        write!(table, "{name}\n{}", drawn(&menu(&known))).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn every_menu_has_every_action_and_quit_only_where_it_is_allowed() {
    for (name, known) in testing::everything() {
        let mut wanted = Action::ALL.to_vec();
        wanted.retain(|action| *action != Action::Quit || known.settings.allow_quit);
        assert_eq!(actions(&menu(&known)), wanted, "{name}");
    }
}

#[test]
fn ids_name_one_action_each() {
    let ids: BTreeSet<_> = Action::ALL.map(Action::as_str).into();
    assert_eq!(ids.len(), Action::ALL.len());
    for action in Action::ALL {
        assert_eq!(Action::with_id(action.as_str()), Some(action));
    }
    assert_eq!(Action::with_id("other"), None);
}

#[test]
fn a_session_that_is_not_certain_cannot_be_acted_on() {
    let before = menu(&testing::known(testing::snapshot(State::Active)));
    let after = menu(&testing::without(crate::Agent::Restarting));
    let enabled = |menu: &Menu, wanted: Action| {
        menu.entries.iter().any(
            |entry| matches!(entry, Entry::Action { action, enabled: true, .. } if *action == wanted),
        )
    };
    assert!(enabled(&before, Action::SignOut) && !enabled(&after, Action::SignOut));
    assert!(!enabled(&after, Action::SignIn));
}
