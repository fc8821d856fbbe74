use cardea_session::SessionId;

use super::*;

const MESSAGES: &str = include_str!("../../../cli/windows/messages.mc");
const PAGE: &str = include_str!("../../../../docs/event-log.md");

/// One of each.
const ENTRIES: [Entry; 6] = [
    Entry::SignedIn,
    Entry::SignedOut(EndReason::CardRemoved),
    Entry::Refused(FailureCode::LoginRefused),
    Entry::PolicyProblem(FailureCode::ConfigInvalid),
    Entry::CardServiceLost,
    Entry::AgentRestarted,
];

/// The messages of the table: number, severity, text.
fn messages() -> Vec<(u16, &'static str, &'static str)> {
    let entries = MESSAGES.split("MessageId=").skip(1);
    let field = |entry: &'static str, name: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim()
    };
    entries
        .map(|entry| {
            let id = entry.lines().next().unwrap().trim().parse().unwrap();
            let text = entry.split_once("Language=English").unwrap().1;
            let text = text.split_once("\n.").unwrap().0.trim();
            (id, field(entry, "Severity="), text)
        })
        .collect()
}

#[test]
fn every_entry_has_its_message() {
    let messages = messages();
    assert_eq!(messages.len(), ENTRIES.len());
    for (entry, (id, severity, text)) in ENTRIES.into_iter().zip(messages) {
        assert_eq!(entry.id(), id);
        assert_eq!(format!("{:?}", entry.severity()), severity);
        assert_eq!(entry.insertion().is_some(), text.contains("%1"), "{text}");
        assert!(!text.contains("%2"), "{text}");
    }
}

#[test]
fn the_page_for_it_names_every_entry() {
    for (id, _, text) in messages() {
        let row = PAGE
            .lines()
            .find(|line| line.starts_with(&format!("| {id} |")));
        let text = text.replace("\r\n", "\n").replace('\n', " ");
        assert!(row.is_some_and(|row| row.contains(&text)), "{id}: {text}");
    }
}

#[test]
fn the_whole_number_of_a_message_begins_with_its_severity() {
    assert_eq!(Entry::SignedIn.message(), 0x4000_0064);
    assert_eq!(Entry::AgentRestarted.message(), 0x8000_0069);
    let entry = Entry::PolicyProblem(FailureCode::ConfigInvalid);
    assert_eq!(entry.message(), 0xC000_0067);
}

#[test]
fn starting_a_session_and_ending_it_are_reported_without_saying_whose() {
    let session = SessionId::new("s1");
    let started = Event::SessionStarted {
        session: session.clone(),
    };
    assert_eq!(Entry::of(&started), Some(Entry::SignedIn));
    assert_eq!(Entry::SignedIn.insertion(), None);
    let reason = EndReason::WorkstationLocked;
    let ended = Entry::of(&Event::SessionEnded { session, reason }).unwrap();
    assert_eq!(ended.insertion(), Some("workstation_locked"));
    let removed = Event::CardRemoved {
        reader: "A".to_owned(),
    };
    assert_eq!(Entry::of(&removed), None);
}
