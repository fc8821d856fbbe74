//! A `winscard.dll` for tests: it stands beside a program that runs under Wine and hands each call
//! to the smart-card service that the test plays, over loopback TCP at the port in
//! `SCRIPTED_WINSCARD_PORT`. It keeps nothing itself but the event that tells of the service's
//! start, so that every program sees the same readers, whenever it is started.
//!
//! It has what `pcsc` and our readers import. What needs a card is passed on as one call, `Card`,
//! which the test's service refuses and counts: Cardea opens no card.
//!
//! A call is a line of words, its answer a line as well: the return code in hexadecimal, then what
//! the call brings. Names and ATRs are in hexadecimal, and so are all bits of a reader's state.
//!
//! ```text
//! Establish                                        CODE CONTEXT
//! Release CONTEXT, IsValid CONTEXT, Cancel CONTEXT CODE
//! List CONTEXT                                     CODE NAME…
//! Wait CONTEXT MILLISECONDS NAME:STATE…            CODE STATE:ATR…
//! Started                                          CODE CHANGES, starts and stops of the service
//! Follow CHANGES                                   CODE CHANGES, once there were more
//! Card                                             CODE
//! ```

#![cfg(windows)]

mod card;
mod context;
mod started;
mod wire;
