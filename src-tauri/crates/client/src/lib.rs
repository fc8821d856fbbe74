//! The client of Cardea's local API, over the local socket or TCP: for the `cardea` program, the
//! desktop, tests, and clinical programs written in Rust.
//!
//! [`Client`] asks and commands. [`Watch`] follows the session and is the one implementation of
//! "silence is logout": a program that shows patient data follows its [`View`].

mod app;
mod client;
mod connection;
mod error;
mod event;
mod exchange;
#[cfg(test)]
mod fake;
#[cfg(target_os = "linux")]
#[path = "os/linux.rs"]
mod os;
#[cfg(windows)]
#[path = "os/windows.rs"]
mod os;
mod pairing;
mod parser;
mod problem;
mod proof;
mod route;
mod silence;
mod stream;
mod view;
mod watch;
mod wire;

/// What the answers are made of, for those who know only this crate.
pub use cardea_session as session;

pub use app::{App, InvalidToken, Token};
pub use client::Client;
pub use error::{ClientError, Malformed};
pub use event::{EventId, StreamEvent};
pub use pairing::Pairing;
pub use problem::{Problem, ProblemCode};
pub use route::Endpoint;
pub use stream::EventStream;
pub use view::{SignedOutReason, View};
pub use watch::{Update, Watch};
pub use wire::{
    ActivityEntry, AppInfo, AppListing, Applicant, Diagnostics, Health, NewApp, PairingListing,
    Removal, SessionTokens, Tag, Tagged,
};
