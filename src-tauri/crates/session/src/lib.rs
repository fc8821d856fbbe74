//! What Cardea knows and decides: readers, cards, the login, the session, and the snapshot that
//! shows them; and the words of the doctor.
//!
//! Pure: no I/O, no clock, no randomness. Inputs and the time go into [`Machine`], changes and
//! effects come out; the agent's controller owns the one machine and carries the effects out.

mod check;
mod effect;
mod event;
mod failure;
mod id;
mod identity;
mod input;
mod machine;
mod reader;
mod reason;
mod rules;
mod scope;
mod snapshot;
mod text;
mod time;

pub use check::{CheckCounts, CheckOutcome, CheckReport, DoctorEvent};
pub use effect::{Effect, Outcome, PriorSession};
pub use event::{Change, Event, EventName};
pub use failure::{Failure, FailureCode};
pub use id::{AttemptId, Boot, SessionId};
pub use identity::{Identity, Role, User};
pub use input::{
    Command, Environment, Input, LoginMode, LoginReport, LoginUpdate, Refusal, Reply, Requester,
};
pub use machine::Machine;
pub use reader::{
    Atr, Card, Insertion, Reader, ReaderEvent, ReaderName, ReaderStateView, ServiceLoss, Slot,
};
pub use reason::EndReason;
pub use rules::{
    Lifetime, OnInsert, OnLock, OnRemoval, Provider, ProviderEnvironment, Recognise, Rules,
};
pub use scope::{Scope, ScopeSet, UnknownScope};
pub use snapshot::{
    CardView, LastEnd, LoginView, ReaderView, SessionView, Snapshot, State, WaitingFor,
};
pub use text::is_shown;
pub use time::{InvalidTime, Now, Time};
