use super::*;

const ATR: &[u8] = &[0x3b, 0x01];
const OTHER_ATR: &[u8] = &[0x3b, 0x02];

fn name(text: &str) -> ReaderName {
    ReaderName::new(text)
}

fn empty(count: u16) -> Sight {
    Sight::Empty { count }
}

fn card(count: u16) -> Sight {
    Sight::Card {
        count,
        atr: ATR.to_vec(),
    }
}

fn observer(names: &[&str]) -> Observer {
    let mut observer = Observer::new(CardSettings::default());
    observer.list(names.iter().map(|text| name(text)).collect());
    observer
}

/// Shows one reader and returns what is reported of it: its slot, `None` when there is no news.
fn show(observer: &mut Observer, reader: &str, sight: Sight) -> Option<Slot> {
    observer.see(&name(reader), sight);
    slot(observer.report()?, reader)
}

fn slot(event: ReaderEvent, reader: &str) -> Option<Slot> {
    let ReaderEvent::Readers(readers) = event else {
        panic!("{event:?}");
    };
    readers
        .into_iter()
        .find(|found| found.name == name(reader))
        .map(|found| found.slot)
}

fn insertion(slot: Option<Slot>) -> u64 {
    match slot {
        Some(Slot::Present(card)) => card.insertion.0,
        other => panic!("no card was reported but {other:?}"),
    }
}

#[test]
fn insertion_and_removal_are_reported_once() {
    let mut readers = observer(&["A"]);
    assert_eq!(show(&mut readers, "A", empty(0)), Some(Slot::Empty));
    assert_eq!(show(&mut readers, "A", empty(0)), None);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    assert_eq!(show(&mut readers, "A", card(1)), None);
    assert_eq!(show(&mut readers, "A", empty(2)), Some(Slot::Empty));
    assert_eq!(insertion(show(&mut readers, "A", card(3))), 2);
}

#[test]
fn a_swap_between_two_looks_is_another_insertion() {
    let mut readers = observer(&["A"]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    assert_eq!(insertion(show(&mut readers, "A", card(3))), 2);
    assert_eq!(insertion(show(&mut readers, "A", card(9))), 3);
}

#[test]
fn the_count_is_compared_across_its_wrap() {
    let mut readers = observer(&["A"]);
    assert_eq!(insertion(show(&mut readers, "A", card(0xffff))), 1);
    assert_eq!(show(&mut readers, "A", card(0xffff)), None);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);
    assert_eq!(show(&mut readers, "A", empty(0xffff)), Some(Slot::Empty));
    assert_eq!(insertion(show(&mut readers, "A", card(0xffff))), 3);
    assert_eq!(show(&mut readers, "A", card(0)), None);
}

#[test]
fn a_card_shown_before_it_is_counted_is_one_insertion() {
    let mut readers = observer(&["A"]);
    show(&mut readers, "A", empty(4));
    assert_eq!(insertion(show(&mut readers, "A", card(4))), 1);
    assert_eq!(show(&mut readers, "A", card(5)), None);
    // The number was used up: from here on every other count is another stay.
    assert_eq!(insertion(show(&mut readers, "A", card(6))), 2);
}

#[test]
fn a_swap_of_a_card_not_yet_counted_is_another_insertion() {
    let mut readers = observer(&["A"]);
    show(&mut readers, "A", empty(4));
    assert_eq!(insertion(show(&mut readers, "A", card(4))), 1);
    assert_eq!(insertion(show(&mut readers, "A", card(7))), 2);
}

#[test]
fn a_reset_that_changes_the_answer_does_not_end_the_insertion() {
    let mut readers = observer(&["A"]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    for atr in [OTHER_ATR, &[]] {
        let atr = atr.to_vec();
        assert_eq!(show(&mut readers, "A", Sight::Card { count: 1, atr }), None);
    }
}

#[test]
fn a_card_that_does_not_answer_is_mute() {
    let mut readers = observer(&["A"]);
    let silent = Sight::Card {
        count: 1,
        atr: Vec::new(),
    };
    assert_eq!(show(&mut readers, "A", silent), Some(Slot::Mute));
    assert_eq!(show(&mut readers, "A", Sight::Mute), None);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    let muted = show(&mut readers, "A", Sight::Mute);
    assert_eq!(muted, Some(Slot::Mute));
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);
}

#[test]
fn a_reader_that_cannot_say_holds_no_card() {
    let mut readers = observer(&["A"]);
    show(&mut readers, "A", card(1));
    let unavailable = show(&mut readers, "A", Sight::Unavailable);
    assert_eq!(unavailable, Some(Slot::Unavailable));
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);
}

#[test]
fn a_reader_that_comes_back_holds_another_insertion() {
    let mut readers = observer(&["A", "B"]);
    show(&mut readers, "A", card(1));
    show(&mut readers, "B", empty(0));

    readers.see(&name("A"), Sight::Gone);
    let event = readers.report().unwrap();
    assert_eq!(
        event,
        ReaderEvent::Readers(vec![Reader {
            name: name("B"),
            slot: Slot::Empty
        }])
    );

    readers.list(vec![name("A"), name("B")]);
    assert_eq!(readers.report(), None, "not before it was looked at");
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);

    readers.list(vec![name("B")]);
    assert_eq!(slot(readers.report().unwrap(), "A"), None);
    readers.list(vec![name("A"), name("B")]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 3);
}

#[test]
fn every_report_lists_all_readers_in_the_order_of_the_service() {
    let mut readers = observer(&["B", "A"]);
    readers.see(&name("A"), card(1));
    readers.see(&name("B"), empty(0));
    readers.report();
    readers.list(vec![name("C"), name("B"), name("A"), name("B")]);
    readers.see(&name("C"), Sight::Mute);
    let ReaderEvent::Readers(report) = readers.report().unwrap() else {
        panic!();
    };
    let names: Vec<_> = report
        .iter()
        .map(|reader| reader.name.to_string())
        .collect();
    assert_eq!(names, ["C", "B", "A"]);
}

#[test]
fn a_sight_of_a_reader_that_is_not_listed_is_passed_over() {
    let mut readers = observer(&["A"]);
    show(&mut readers, "A", empty(0));
    assert_eq!(show(&mut readers, "Z", card(1)), None);
}

#[test]
fn names_that_are_not_utf_8_are_kept_apart() {
    let names = [ReaderName::new(*b"\xfc"), ReaderName::new(*b"\xfd")];
    assert_eq!(names[0].to_string(), names[1].to_string());
    let mut readers = Observer::new(CardSettings::default());
    readers.list(names.to_vec());
    readers.see(&names[0], card(1));
    readers.see(&names[1], empty(0));
    let ReaderEvent::Readers(report) = readers.report().unwrap() else {
        panic!();
    };
    assert!(matches!(report[0].slot, Slot::Present(_)));
    assert_eq!(report[1].slot, Slot::Empty);
}

#[test]
fn a_lost_service_is_reported_once_and_ends_every_insertion() {
    let mut readers = observer(&["A"]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    let lost = ReaderEvent::ServiceLost(ServiceLoss::Stopped);
    assert_eq!(readers.lose(ServiceLoss::Stopped), Some(lost));
    assert_eq!(readers.lose(ServiceLoss::Stopped), None);
    readers.list(vec![name("A")]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);
}

#[test]
fn an_ignored_reader_is_listed_and_not_looked_at() {
    let mut readers = observer(&["Windows Hello 1", "A"]);
    assert_eq!(
        show(&mut readers, "Windows Hello 1", card(1)),
        Some(Slot::Ignored)
    );
    assert_eq!(show(&mut readers, "Windows Hello 1", Sight::Gone), None);
}

#[test]
fn ignoring_a_reader_ends_its_insertion() {
    let mut readers = observer(&["A"]);
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 1);
    let ignoring = CardSettings {
        ignore_readers: vec!["a".to_owned()],
        ..CardSettings::default()
    };
    readers.apply(ignoring);
    assert_eq!(slot(readers.report().unwrap(), "A"), Some(Slot::Ignored));

    readers.apply(CardSettings::default());
    assert_eq!(insertion(show(&mut readers, "A", card(1))), 2);
}

#[test]
fn other_patterns_rename_the_card_that_is_there() {
    let mut readers = observer(&["A"]);
    let Some(Slot::Present(before)) = show(&mut readers, "A", card(1)) else {
        panic!();
    };
    assert_eq!(before.known_as, None);
    let pattern = crate::CardPattern::parse("trust", "Trust card", "3B 01", None).unwrap();
    readers.apply(CardSettings {
        patterns: vec![pattern],
        ..CardSettings::default()
    });
    let Some(Slot::Present(after)) = slot(readers.report().unwrap(), "A") else {
        panic!();
    };
    assert_eq!(after.known_as.as_deref(), Some("Trust card"));
    assert_eq!(after.insertion, before.insertion);
}
