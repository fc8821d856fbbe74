//! The PC/SC card source on a real pcscd.

pub mod source;

use cardea_readers::{CardPattern, CardSettings};
use cardea_session::{Card, Reader, ReaderEvent, ServiceLoss, Slot};

use crate::harness::pcscd::{self, GEMALTO, MAX_READERS, OMNIKEY, Pcscd};
use crate::harness::vpcd::Vpcd;
use source::Source;

/// An NHS Smartcard of the JCOP41 series.
const NHS_ATR: &[u8] = b"\x3b\x6a\x00\xffJCOP41V221";
/// A card that no built-in pattern knows.
const OTHER_ATR: &[u8] = &[0x3b, 0x02, 0x14, 0x50];

fn card(slot: &Slot) -> &Card {
    let Slot::Present(card) = slot else {
        panic!("no card but {slot:?}");
    };
    card
}

fn empty(reader: &pcscd::Reader) -> Reader {
    Reader {
        name: reader.name(),
        slot: Slot::Empty,
    }
}

fn is_present(slot: &Slot) -> bool {
    matches!(slot, Slot::Present(_))
}

#[test]
fn insertion_and_removal_are_each_one_report() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let source = Source::start(&pcscd.socket());
    let there = source.until(|readers| !readers.is_empty()).pop().unwrap();
    assert_eq!(there, [empty(&reader)]);

    reader.insert(NHS_ATR);
    let [inserted] = &source.next_readers()[..] else {
        panic!()
    };
    assert_eq!(card(&inserted.slot).atr.as_bytes(), NHS_ATR);
    assert_eq!(
        card(&inserted.slot).known_as.as_deref(),
        Some("NHS Smartcard (JCOP41 V2.2.1)")
    );

    reader.remove();
    assert_eq!(source.next_readers()[0].slot, Slot::Empty);
    reader.insert(NHS_ATR);
    let again = source.next_readers();
    assert_ne!(
        card(&again[0].slot).insertion,
        card(&inserted.slot).insertion
    );
    assert_eq!(source.stop(), []);
}

#[test]
fn without_readers_the_first_report_is_empty() {
    let pcscd = Pcscd::start();
    let source = Source::start(&pcscd.socket());
    assert_eq!(source.next_readers(), []);
}

#[test]
fn a_card_that_was_there_before_is_in_the_first_report() {
    let pcscd = Pcscd::not_started();
    pcscd.plug(OMNIKEY).insert(NHS_ATR);
    pcscd.restart();
    let source = Source::start(&pcscd.socket());
    assert_eq!(card(&source.next_readers()[0].slot).atr.as_bytes(), NHS_ATR);
}

#[test]
fn an_unknown_card_has_no_name_until_the_settings_know_it() {
    let pcscd = Pcscd::not_started();
    pcscd.plug(OMNIKEY).insert(OTHER_ATR);
    pcscd.restart();
    let mut source = Source::start(&pcscd.socket());
    let before = card(&source.next_readers()[0].slot).clone();
    assert_eq!(before.known_as, None);

    let pattern = CardPattern::parse("trust", "Trust card", "3B 02 00 00", Some("FF FF 00 00"));
    source.apply(&CardSettings {
        patterns: vec![pattern.unwrap()],
        ..CardSettings::default()
    });
    let after = card(&source.next_readers()[0].slot).clone();
    assert_eq!(after.known_as.as_deref(), Some("Trust card"));
    assert_eq!(after.insertion, before.insertion);
}

#[test]
fn a_card_that_does_not_answer_is_mute() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty]);
    reader.insert_mute();
    assert_eq!(source.next_readers()[0].slot, Slot::Mute);
    reader.remove();
    assert_eq!(source.next_readers()[0].slot, Slot::Empty);
    reader.insert(NHS_ATR);
    assert!(is_present(&source.next_readers()[0].slot));
}

#[test]
fn a_mute_card_does_not_hide_what_happens_in_another_reader() {
    let pcscd = Pcscd::start();
    let (upside_down, good) = (pcscd.plug(OMNIKEY), pcscd.plug(GEMALTO));
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots.len() == 2);
    good.insert(NHS_ATR);
    upside_down.insert_mute();
    source.slots(|slots| slots[0] == Slot::Mute && is_present(&slots[1]));
    good.remove();
    assert_eq!(source.slots(|slots| slots[1] == Slot::Empty)[0], Slot::Mute);
    good.insert(NHS_ATR);
    source.slots(|slots| is_present(&slots[1]));
    // Not waited for while the good card is there, and yet seen.
    upside_down.remove();
    source.slots(|slots| slots[0] == Slot::Empty && is_present(&slots[1]));
}

#[test]
fn a_reader_that_does_not_answer_is_unavailable() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty]);
    reader.insert(NHS_ATR);
    let first = card(&source.next_readers()[0].slot).insertion;
    reader.fail();
    assert_eq!(source.next_readers()[0].slot, Slot::Unavailable);
    reader.insert(NHS_ATR);
    assert_ne!(card(&source.next_readers()[0].slot).insertion, first);
}

#[test]
fn two_readers_hold_one_card_or_two() {
    let pcscd = Pcscd::start();
    let (left, right) = (pcscd.plug(OMNIKEY), pcscd.plug(OMNIKEY));
    assert_ne!(left.name(), right.name());
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty, Slot::Empty]);

    left.insert(NHS_ATR);
    let one = source.slots(|_| true);
    assert_eq!(one[1], Slot::Empty);
    right.insert(OTHER_ATR);
    let both = source.slots(|_| true);
    assert_eq!(both[0], one[0], "the first card was not touched");
    assert_ne!(card(&both[1]).insertion, card(&both[0]).insertion);
    left.remove();
    assert_eq!(source.slots(|_| true), [Slot::Empty, both[1].clone()]);
}

#[test]
fn each_of_a_thousand_swaps_is_another_insertion() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    reader.insert(NHS_ATR);
    let source = Source::start(&pcscd.socket());
    let mut last = card(&source.slots(|slots| slots.iter().any(is_present))[0]).insertion;
    for _ in 0..1000 {
        reader.remove();
        reader.insert(NHS_ATR);
        let slots = source.slots(|slots| is_present(&slots[0]));
        assert!(card(&slots[0]).insertion > last);
        last = card(&slots[0]).insertion;
    }
}

#[test]
fn swaps_one_millisecond_apart_are_reported_in_order_to_the_last() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty]);

    let swapping = std::thread::spawn(move || {
        for number in 0..1000_u16 {
            let [high, low] = number.to_be_bytes();
            reader.insert(&[0x3b, 0x02, high, low]);
            std::thread::sleep(std::time::Duration::from_millis(1));
            reader.remove();
        }
        reader.insert(OTHER_ATR);
        reader
    });
    let reports = source.until(|readers| {
        matches!(&readers[0].slot, Slot::Present(card) if card.atr.as_bytes() == OTHER_ATR)
    });
    swapping.join().unwrap();

    let mut last = None;
    for report in &reports {
        if let Slot::Present(card) = &report[0].slot {
            assert!(
                last < Some(card.insertion),
                "{:?} came back",
                card.insertion
            );
            last = Some(card.insertion);
        }
    }
    for pair in reports.windows(2) {
        assert_ne!(pair[0], pair[1], "a report without news");
    }
}

#[test]
fn a_swap_while_the_computer_is_busy_is_another_insertion() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty]);
    reader.insert(NHS_ATR);
    let before = card(&source.next_readers()[0].slot).insertion;
    source.while_held(|| {
        reader.remove();
        reader.insert(NHS_ATR);
        reader.settle();
    });
    assert_ne!(card(&source.next_readers()[0].slot).insertion, before);
}

#[test]
fn a_swap_of_a_card_that_pcscd_never_counted_is_another_insertion() {
    let pcscd = Pcscd::not_started();
    let reader = pcscd.plug(OMNIKEY);
    reader.insert(NHS_ATR);
    pcscd.restart();
    let source = Source::start(&pcscd.socket());
    let before = card(&source.next_readers()[0].slot).insertion;
    source.while_held(|| {
        reader.remove();
        reader.insert(NHS_ATR);
        reader.settle();
    });
    assert_ne!(card(&source.next_readers()[0].slot).insertion, before);
}

#[test]
fn an_unplugged_reader_goes_and_comes_back_with_another_insertion() {
    let pcscd = Pcscd::start();
    let (stays, goes) = (pcscd.plug(OMNIKEY), pcscd.plug(GEMALTO));
    let source = Source::start(&pcscd.socket());
    source.slots(|slots| slots.len() == 2);
    goes.insert(NHS_ATR);
    let before = card(&source.slots(|slots| is_present(&slots[1]))[1]).insertion;

    goes.unplug();
    let left = source.next_readers();
    assert_eq!(left, [empty(&stays)]);

    let back = pcscd.plug(GEMALTO);
    back.insert(NHS_ATR);
    let after = source.slots(|slots| slots.len() == 2 && is_present(&slots[1]));
    assert_ne!(card(&after[1]).insertion, before);

    stays.unplug();
    back.unplug();
    source.until(<[Reader]>::is_empty);
    pcscd.plug(OMNIKEY);
    source.slots(|slots| slots == [Slot::Empty]);
}

#[test]
fn as_many_readers_as_pcscd_takes_are_all_watched() {
    let pcscd = Pcscd::start();
    let source = Source::start(&pcscd.socket());
    let mut readers: Vec<_> = (0..MAX_READERS).map(|_| pcscd.plug(OMNIKEY)).collect();
    source.slots(|slots| slots.len() == MAX_READERS);

    // One too many; pcscd refuses it, and nothing is disturbed.
    pcscd.plug(GEMALTO);
    for reader in &readers {
        reader.insert(NHS_ATR);
    }
    source.slots(|slots| slots.iter().all(is_present));
    readers[MAX_READERS - 1].remove();
    assert_eq!(source.slots(|_| true)[MAX_READERS - 1], Slot::Empty);
    readers[0].remove();
    assert_eq!(source.slots(|_| true)[0], Slot::Empty);
    readers.pop().unwrap().unplug();
    source.slots(|slots| slots.len() == MAX_READERS - 1);
}

#[test]
fn a_killed_service_is_lost_at_once_and_its_cards_are_others_when_it_is_back() {
    let pcscd = Pcscd::not_started();
    let reader = pcscd.plug(OMNIKEY);
    reader.insert(NHS_ATR);
    // pcscd counts from 0 each time, so that nothing but the loss tells the insertions apart.
    pcscd.restart();
    let source = Source::start(&pcscd.socket());
    let mut before = card(&source.slots(|slots| slots.iter().any(is_present))[0]).insertion;
    for _ in 0..3 {
        pcscd.kill();
        assert_eq!(
            source.next(),
            ReaderEvent::ServiceLost(ServiceLoss::Stopped)
        );
        pcscd.restart();
        let back = source.slots(|slots| slots.iter().any(is_present));
        assert!(card(&back[0]).insertion > before);
        before = card(&back[0]).insertion;
    }
    reader.remove();
    source.slots(|slots| slots == [Slot::Empty]);
}

#[test]
fn readers_that_come_and_go_all_the_time_are_no_loss_of_the_service() {
    let pcscd = Pcscd::start();
    let stays = pcscd.plug(OMNIKEY);
    stays.insert(NHS_ATR);
    let source = Source::start(&pcscd.socket());
    let there = source.slots(|slots| slots.iter().any(is_present));
    for _ in 0..300 {
        pcscd.plug(GEMALTO).unplug();
    }
    stays.remove();
    // Fails on a report that the service is lost.
    let reports = source.until(|readers| readers == [empty(&stays)]);
    let cards = reports
        .iter()
        .flatten()
        .filter_map(|reader| match &reader.slot {
            Slot::Present(card) => Some(card),
            Slot::Empty | Slot::Mute | Slot::Unavailable | Slot::Ignored => None,
        });
    assert!(cards.into_iter().all(|present| present == card(&there[0])));
}

#[test]
fn a_service_that_is_absent_at_start_is_found_when_it_comes() {
    let pcscd = Pcscd::not_started();
    let source = Source::start(&pcscd.socket());
    assert_eq!(
        source.next(),
        ReaderEvent::ServiceLost(ServiceLoss::Stopped)
    );
    pcscd.plug(OMNIKEY).insert(NHS_ATR);
    pcscd.restart();
    assert!(is_present(&source.next_readers()[0].slot));
}

#[test]
fn ignored_readers_are_listed_and_never_looked_at() {
    let pcscd = Pcscd::start();
    let (ignored, counts) = (pcscd.plug(OMNIKEY), pcscd.plug(GEMALTO));
    let ignoring = |pattern: &str| CardSettings {
        ignore_readers: vec![pattern.to_owned()],
        ..CardSettings::default()
    };
    let mut source = Source::start_with(&pcscd.socket(), &ignoring("hid global*"));
    source.slots(|slots| slots == [Slot::Ignored, Slot::Empty]);
    ignored.insert(NHS_ATR);
    counts.insert(NHS_ATR);
    let slots = source.slots(|_| true);
    assert_eq!(slots[0], Slot::Ignored);

    source.apply(&ignoring("gemalto*"));
    let swapped = source.slots(|slots| is_present(&slots[0]));
    assert_eq!(swapped[1], Slot::Ignored);
    assert_ne!(card(&swapped[0]).insertion, card(&slots[1]).insertion);
}

#[test]
fn a_reader_that_counts_again_is_seen_again_at_once() {
    let pcscd = Pcscd::start();
    let _reader = pcscd.plug(OMNIKEY);
    let mut source = Source::start(&pcscd.socket());
    source.slots(|slots| slots == [Slot::Empty]);
    source.apply(&CardSettings {
        ignore_readers: vec!["hid*".to_owned()],
        ..CardSettings::default()
    });
    source.slots(|slots| slots == [Slot::Ignored]);
    source.apply(&CardSettings::default());
    source.slots(|slots| slots == [Slot::Empty]);
}

#[test]
fn names_that_are_not_utf_8_are_kept_and_can_be_ignored() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug_with_serial(GEMALTO, b"Z\xfcrich");
    reader.insert(NHS_ATR);
    let mut source = Source::start(&pcscd.socket());
    let there = source.until(|readers| readers.iter().any(|reader| is_present(&reader.slot)));
    let name = &there.last().unwrap()[0].name;
    assert_eq!(name.as_bytes(), b"Gemalto PC Twin Reader (Z\xfcrich) 00 00");
    assert_eq!(*name, reader.name());
    source.apply(&CardSettings {
        ignore_readers: vec!["*(Z?rich)*".to_owned()],
        ..CardSettings::default()
    });
    source.slots(|slots| slots == [Slot::Ignored]);
}

#[test]
fn a_source_ends_when_it_is_dropped_whatever_the_service_does() {
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    let waiting = Source::start(&pcscd.socket());
    waiting.slots(|slots| slots == [Slot::Empty]);
    assert_eq!(waiting.stop(), []);

    // Early in its first wait, where a cancel is lost.
    Source::start(&pcscd.socket()).stop();

    reader.insert_mute();
    let with_mute = Source::start(&pcscd.socket());
    with_mute.slots(|slots| slots == [Slot::Mute]);
    assert_eq!(with_mute.stop(), []);

    let lost = Source::start(&pcscd.socket());
    lost.slots(|slots| slots == [Slot::Mute]);
    pcscd.kill();
    assert_eq!(lost.next(), ReaderEvent::ServiceLost(ServiceLoss::Stopped));
    assert_eq!(lost.stop(), []);
}

#[test]
fn the_virtual_reader_of_debian_works_too() {
    let vpcd = Vpcd::start();
    let source = Source::start(&vpcd.socket());
    source.slots(|slots| slots == [Slot::Empty, Slot::Empty]);
    let inserted = vpcd.insert(OTHER_ATR);
    let slots = source.slots(|slots| is_present(&slots[0]));
    assert_eq!(card(&slots[0]).atr.as_bytes(), OTHER_ATR);
    drop(inserted);
    source.slots(|slots| slots == [Slot::Empty, Slot::Empty]);
}
