//! Cardea's local API: HTTP/1.1 on loopback and on the local socket, with events.
//!
//! The agent's controller publishes changes by a [`Publisher`] and takes [`Request`]s from a
//! bounded queue; [`Server`] does the rest (contract, section 4).

mod access;
mod app;
mod endpoint;
mod feed;
mod limits;
#[cfg(target_os = "linux")]
mod linux;
mod openapi;
mod own_news;
mod pairing;
mod problem;
mod program_stream;
mod reception;
mod removal;
mod request;
mod routes;
mod server;
mod socket_error;
mod token_hash;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as os;
#[cfg(windows)]
use windows as os;

pub use access::{Apps, is_web_origin};
pub use app::{App, AppSource, is_app_id};
pub use endpoint::Endpoint;
pub use feed::{Feed, Publisher, feed};
pub use openapi::openapi_json;
pub use reception::kept_apps;
pub use removal::{Removal, RemovalLatency};
pub use request::{
    ActivityEntry, Caller, Diagnostics, LogoutAnswer, LogoutToken, Noted, ReleasedTokens, Request,
    SettingView, WindowError,
};
pub use server::{
    Answers, BindError, Holder, Places, Server, Settings, Vacancy, WhenPortTaken, ask_for_proof,
};
pub use token_hash::{InvalidTokenHash, TokenHash};
