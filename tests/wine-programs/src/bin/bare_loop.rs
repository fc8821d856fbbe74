//! The floor of a removal: a program that does nothing but wait inside the smart-card service, and
//! says when it heard that the card left. What it says first is that it waits.
//!
//! Usage: `bare-loop READER`

use std::ffi::CString;

use pcsc::{Context, ReaderState, Scope, State};
use wine_programs::{now, say};

fn main() {
    let reader = std::env::args().nth(1).expect("usage: bare-loop READER");
    let context = Context::establish(Scope::User).unwrap();
    let mut states = [ReaderState::new(
        CString::new(reader).unwrap(),
        State::UNAWARE,
    )];
    let mut had_card = false;
    say(now(), "waits");
    // It ends with the service.
    while context.get_status_change(None, &mut states).is_ok() {
        let heard = now();
        states[0].sync_current_state();
        let has_card = states[0].event_state().contains(State::PRESENT);
        if had_card && !has_card {
            say(heard, "removed");
        }
        had_card = has_card;
    }
}
