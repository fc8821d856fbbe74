//! The service itself, as programs see it.

use super::code::{self, flag};
use super::state::{Call, Content, Entry, Shown, State};
use super::{Loss, STOPPED};

const PLUG_AND_PLAY: &[u8] = br"\\?PnP?\Notification";
const ATR: [u8; 2] = [0x3b, 0x00];

fn with_reader() -> (State, u64) {
    let mut state = State::default();
    state.plug(b"A");
    let context = state.establish().unwrap();
    (state, context)
}

fn entry(name: &[u8], known: u32) -> Entry {
    Entry {
        name: name.to_owned(),
        known,
    }
}

fn shown(state: u32) -> Shown {
    let atr = Vec::new();
    Shown { state, atr }
}

/// What a wait for one reader answers at once.
fn ask(state: &mut State, context: u64, name: &[u8], known: u32) -> Option<Result<Shown, u32>> {
    if let Err(code) = state.begin_wait(context, vec![entry(name, known)]) {
        return Some(Err(code));
    }
    let answer = state.wait(context);
    state.end_wait(context);
    answer.map(|answer| answer.map(|mut shown| shown.remove(0)))
}

#[test]
fn without_a_reader_there_is_no_service() {
    let mut state = State::default();
    assert_eq!(state.establish(), Err(code::NO_SERVICE));
    assert_eq!(state.started(), 0);
    state.plug(b"A");
    assert!(state.establish().is_ok());
    assert_eq!(state.started(), 1);
}

#[test]
fn a_wait_answers_what_the_caller_does_not_know() {
    let (mut state, context) = with_reader();
    let empty = flag::EMPTY | flag::CHANGED;
    assert_eq!(ask(&mut state, context, b"A", 0), Some(Ok(shown(empty))));
    assert_eq!(ask(&mut state, context, b"A", empty), None);
    state.readers[0].put(Content::Card(ATR.to_vec()));
    let card = 1 << 16 | flag::PRESENT | flag::CHANGED;
    let atr = ATR.to_vec();
    let there = ask(&mut state, context, b"A", empty);
    assert_eq!(there, Some(Ok(Shown { state: card, atr })));
    assert_eq!(ask(&mut state, context, b"A", card), None);
    state.readers[0].flags = flag::INUSE;
    assert!(ask(&mut state, context, b"A", card).is_some());
}

#[test]
fn the_event_count_wraps_and_is_news_by_itself() {
    let (mut state, context) = with_reader();
    state.readers[0].count = u16::MAX;
    let known = u32::from(u16::MAX) << 16 | flag::EMPTY;
    assert_eq!(ask(&mut state, context, b"A", known), None);
    state.readers[0].put(Content::Nothing);
    let news = shown(flag::EMPTY | flag::CHANGED);
    assert_eq!(ask(&mut state, context, b"A", known), Some(Ok(news)));
}

#[test]
fn plug_and_play_counts_the_readers() {
    let (mut state, context) = with_reader();
    let one = 1 << 16 | flag::CHANGED;
    let first = ask(&mut state, context, PLUG_AND_PLAY, 0);
    assert_eq!(first, Some(Ok(shown(one))));
    assert_eq!(ask(&mut state, context, PLUG_AND_PLAY, one), None);
    state.plug(b"B");
    assert!(ask(&mut state, context, PLUG_AND_PLAY, one).is_some());
    state.readers.clear();
    assert_eq!(ask(&mut state, context, PLUG_AND_PLAY, 0), None);
}

#[test]
fn a_reader_that_is_not_there_is_unknown_to_the_entry_or_to_the_call() {
    let (mut state, context) = with_reader();
    let unknown = flag::UNKNOWN | flag::CHANGED | flag::IGNORE;
    let answer = ask(&mut state, context, b"B", flag::EMPTY);
    assert_eq!(answer, Some(Ok(shown(unknown))));
    assert_eq!(ask(&mut state, context, b"B", unknown), None);
    state.refuses_unknown_readers = true;
    let answer = ask(&mut state, context, b"B", flag::EMPTY);
    assert_eq!(answer, Some(Err(code::UNKNOWN_READER)));
}

#[test]
fn a_cancel_ends_the_wait_under_way_and_no_other() {
    let (mut state, context) = with_reader();
    state.cancel(context).unwrap();
    state
        .begin_wait(context, vec![entry(b"A", flag::EMPTY)])
        .unwrap();
    assert_eq!(state.wait(context), None);
    state.cancel(context).unwrap();
    assert_eq!(state.wait(context), Some(Err(code::CANCELLED)));
}

#[test]
fn contexts_do_not_outlive_the_service() {
    let (mut state, context) = with_reader();
    state.stops_with_last_reader = Some(STOPPED);
    state
        .begin_wait(context, vec![entry(b"A", flag::EMPTY)])
        .unwrap();
    assert!(state.is_waited_for());
    state.unplug(b"A");
    assert!(!state.is_waited_for());
    assert_eq!(state.wait(context), Some(Err(code::SYSTEM_CANCELLED)));
    state.end_wait(context);
    state.plug(b"A");
    assert_eq!(state.list(context), Err(code::SERVICE_STOPPED));
    let another = state.establish().unwrap();
    assert_eq!(state.list(another), Ok(vec![b"A".to_vec()]));
    assert_eq!(state.started(), 3);
}

#[test]
fn a_scripted_answer_comes_as_often_as_it_was_asked_for() {
    let (mut state, context) = with_reader();
    state.script(Call::List, code::WIN32_INVALID_HANDLE, Some(2));
    for _ in 0..2 {
        assert_eq!(state.list(context), Err(code::WIN32_INVALID_HANDLE));
    }
    assert!(state.list(context).is_ok());
    assert_eq!(state.calls(Call::List), 3);
}

#[test]
fn the_loss_of_contexts_leaves_the_service_running() {
    let (mut state, context) = with_reader();
    let code = code::WIN32_INVALID_HANDLE;
    state.lose_contexts(Loss {
        waiting: code,
        later: code,
    });
    assert_eq!(state.is_valid(context), Err(code));
    assert!(state.runs() && state.establish().is_ok());
}
