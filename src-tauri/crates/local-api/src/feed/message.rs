//! The messages of the event stream (contract, section 4.3).

use bytes::Bytes;
use cardea_session::{
    AttemptId, Boot, Change, EndReason, Event, EventName, FailureCode, SessionId, Snapshot, Time,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::now;

/// The message that says the agent is there.
pub(crate) fn heartbeat(boot: &Boot, revision: u64) -> Bytes {
    unnumbered(EventName::Heartbeat, boot, revision)
}

/// The message that says events were lost.
pub(super) fn gap(boot: &Boot, revision: u64) -> Bytes {
    unnumbered(EventName::Gap, boot, revision)
}

/// The message that says how many programs wait for the user now.
pub(crate) fn pairings_changed(boot: &Boot, revision: u64, count: usize) -> Bytes {
    alone(&Message::pairings_changed(boot, revision, now(), count))
}

/// The message that says that there are other settings.
pub(crate) fn settings_changed(boot: &Boot, revision: u64) -> Bytes {
    unnumbered(EventName::SettingsChanged, boot, revision)
}

fn unnumbered(name: EventName, boot: &Boot, revision: u64) -> Bytes {
    alone(&Message::plain(name, boot, revision, now()))
}

/// A message without an id: nobody can resume after it.
fn alone(message: &Message<'_>) -> Bytes {
    let mut bytes = Vec::with_capacity(256);
    message.write(&mut bytes, None);
    bytes.into()
}

/// One message of the stream `/v1/events`, the data of a Server-Sent Event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventMessage)]
pub(crate) struct Message<'a> {
    event: EventName,
    boot: &'a Boot,
    /// The revision that the change led to.
    revision: u64,
    at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<&'a AttemptId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<EndReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<FailureCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reader: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Time>,
    /// How many programs wait for the user, for the event `pairings.changed` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// Present and true for events from before this stream was opened.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) replayed: bool,
    /// Everything, for the event `snapshot` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<&'a Snapshot>,
}

impl<'a> Message<'a> {
    pub(crate) fn plain(event: EventName, boot: &'a Boot, revision: u64, at: Time) -> Self {
        Self {
            event,
            boot,
            revision,
            at,
            session_id: None,
            attempt: None,
            reason: None,
            code: None,
            reader: None,
            expires_at: None,
            count: None,
            replayed: false,
            snapshot: None,
        }
    }

    pub(crate) fn pairings_changed(boot: &'a Boot, revision: u64, at: Time, count: usize) -> Self {
        Self {
            count: Some(count),
            ..Self::plain(EventName::PairingsChanged, boot, revision, at)
        }
    }

    pub(crate) fn of(boot: &'a Boot, change: &Change, event: &'a Event) -> Self {
        let plain = Self::plain(event.name(), boot, change.revision, change.at);
        match event {
            Event::SessionStarted { session }
            | Event::SessionChanged { session }
            | Event::SessionExpiryWithdrawn { session } => Self {
                session_id: Some(session),
                ..plain
            },
            Event::SessionExpiring {
                session,
                expires_at,
                reason,
            } => Self {
                session_id: Some(session),
                expires_at: Some(*expires_at),
                reason: Some(*reason),
                ..plain
            },
            Event::SessionEnded { session, reason } => Self {
                session_id: Some(session),
                reason: Some(*reason),
                ..plain
            },
            Event::LoginStarted { attempt } => Self {
                attempt: Some(attempt),
                ..plain
            },
            Event::LoginFailed { attempt, code } => Self {
                attempt: Some(attempt),
                code: Some(*code),
                ..plain
            },
            Event::TokensExpiring {
                session,
                expires_at,
            } => Self {
                session_id: Some(session),
                expires_at: Some(*expires_at),
                ..plain
            },
            Event::CardInserted { reader } | Event::CardRemoved { reader } => Self {
                reader: Some(reader),
                ..plain
            },
        }
    }

    /// Writes a Server-Sent Event (HTML Living Standard, section 9.2), with an id when it is
    /// numbered.
    pub(super) fn write(&self, out: &mut Vec<u8>, index: Option<usize>) {
        self.open(out, index);
        out.extend_from_slice(b"\n\n");
    }

    /// Writes the same up to the closing empty line.
    pub(super) fn open(&self, out: &mut Vec<u8>, index: Option<usize>) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(self.event.as_str().as_bytes());
        if let Some(index) = index {
            let id = format!("\nid: {}-{}-{index}", self.boot, self.revision);
            out.extend_from_slice(id.as_bytes());
        }
        out.extend_from_slice(b"\ndata: ");
        write_json(out, self);
    }
}

/// These types hold nothing that JSON cannot write. Should that ever change, readers get an empty
/// object, which is "not signed in" to them.
pub(super) fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let start = out.len();
    if let Err(error) = serde_json::to_writer(&mut *out, value) {
        tracing::error!(%error, "cannot render");
        out.truncate(start);
        out.extend_from_slice(b"{}");
    }
}
