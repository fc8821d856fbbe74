//! The broker: keeps the client credential that CIS2 knows, and adds it to the two messages of a
//! login that need it. What it speaks with workstations is in `src-tauri/docs/broker.md`; it knows
//! nothing of the agent but that.
//!
//! [`run`] serves until it is told to stop. What it remembers lies behind one trait,
//! [`State`](state::State).

mod address;
mod answer;
mod approved;
mod assertion;
mod broker;
mod credential;
mod form;
pub mod logs;
mod metrics;
mod problem;
mod provider;
mod rate;
mod reread;
mod route;
mod run;
mod server;
mod settings;
pub mod state;
mod tls;

pub use credential::{CredentialError, public_jwks};
pub use run::{RunError, run};
pub use settings::{LogLevel, Settings, SettingsError};
