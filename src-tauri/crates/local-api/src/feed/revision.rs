//! Revisions as bytes: each is rendered once per view, whoever reads it and however often.

use std::ops::Range;

use axum::http::HeaderValue;
use bytes::Bytes;
use cardea_session::{Boot, Change, EventName, Scope, ScopeSet, Snapshot};

use super::Batch;
use super::message::{Message, write_json};

/// What a program's scopes let it see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Everything.
    WithIdentity,
    /// Everything but who is signed in.
    WithoutIdentity,
}

impl View {
    pub(crate) fn of(scopes: &ScopeSet) -> Self {
        if scopes.has(Scope::IdentityRead) {
            Self::WithIdentity
        } else {
            Self::WithoutIdentity
        }
    }

    /// Marks the `ETag`: the same revision has other bytes for other scopes. The first eight
    /// digits of the SHA-256 of `session:read identity:read` and of `session:read`.
    fn scope_hash(self) -> &'static str {
        match self {
            Self::WithIdentity => "b8c5020a",
            Self::WithoutIdentity => "5c90e894",
        }
    }
}

/// One revision: the change that led to it and what it looks like.
#[derive(Debug)]
pub(crate) struct Revision {
    change: Change,
    with_identity: Shown,
    without_identity: Shown,
    size: usize,
}

/// A revision as one view sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// `"boot-revision-scopehash"`.
    pub(crate) etag: HeaderValue,
    messages: Batch,
    snapshot: usize,
    body: Range<usize>,
}

impl Shown {
    /// The change's messages for a stream, the snapshot last.
    pub(crate) fn messages(&self) -> Batch {
        self.messages.clone()
    }

    /// The snapshot's message for a stream.
    pub(crate) fn snapshot_message(&self) -> Bytes {
        self.messages.events().slice(self.snapshot..)
    }

    /// The snapshot alone, as JSON.
    pub(crate) fn snapshot(&self) -> Bytes {
        self.messages.events().slice(self.body.clone())
    }
}

impl Revision {
    /// A revision of which nobody is told what led to it.
    pub(super) fn initial(snapshot: &Snapshot) -> Self {
        let change = Change {
            revision: snapshot.revision,
            at: snapshot.since,
            events: Vec::new(),
        };
        Self::render(&snapshot.boot, &change, snapshot)
    }

    pub(super) fn render(boot: &Boot, change: &Change, snapshot: &Snapshot) -> Self {
        let mut events = Vec::with_capacity(1024);
        for (index, event) in change.events.iter().enumerate() {
            Message::of(boot, change, event).write(&mut events, Some(index));
        }
        let has_user = snapshot.session.as_ref().is_some_and(|s| s.user.is_some());
        let (with_identity, without_identity) = if has_user {
            let bare = snapshot.clone().without_identity();
            let shown = Shown::render(boot, change, events.clone(), snapshot, View::WithIdentity);
            (
                shown,
                Shown::render(boot, change, events, &bare, View::WithoutIdentity),
            )
        } else {
            let shown = Shown::render(boot, change, events, snapshot, View::WithIdentity);
            let etag = etag(boot, change.revision, View::WithoutIdentity);
            (shown.clone(), Shown { etag, ..shown })
        };
        let other = if has_user {
            without_identity.messages.events().len()
        } else {
            0
        };
        Self {
            // As events and as frames.
            size: 2 * (with_identity.messages.events().len() + other),
            change: change.clone(),
            with_identity,
            without_identity,
        }
    }

    /// The same revision with this snapshot.
    pub(super) fn rendered_again(&self, boot: &Boot, snapshot: &Snapshot) -> Self {
        Self::render(boot, &self.change, snapshot)
    }

    /// Its number.
    pub(crate) fn number(&self) -> u64 {
        self.change.revision
    }

    /// What `view` sees.
    pub(crate) fn shown(&self, view: View) -> &Shown {
        match view {
            View::WithIdentity => &self.with_identity,
            View::WithoutIdentity => &self.without_identity,
        }
    }

    /// How many bytes it keeps.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Writes its events after the one numbered `seen` as replayed.
    pub(super) fn replay(&self, boot: &Boot, seen: Option<usize>, out: &mut Vec<u8>) {
        let start = seen.map_or(0, |index| index.saturating_add(1));
        for (index, event) in self.change.events.iter().enumerate().skip(start) {
            let mut message = Message::of(boot, &self.change, event);
            message.replayed = true;
            message.write(out, Some(index));
        }
    }
}

impl Shown {
    /// `bytes` holds the change's events; the snapshot's message comes after them.
    fn render(
        boot: &Boot,
        change: &Change,
        mut bytes: Vec<u8>,
        snapshot: &Snapshot,
        view: View,
    ) -> Self {
        let start = bytes.len();
        let message = Message::plain(EventName::Snapshot, boot, change.revision, change.at);
        message.open(&mut bytes, Some(change.events.len()));
        if bytes.last() == Some(&b'}') {
            bytes.pop();
        }
        bytes.extend_from_slice(b",\"snapshot\":");
        let body_start = bytes.len();
        write_json(&mut bytes, snapshot);
        let body = body_start..bytes.len();
        bytes.extend_from_slice(b"}\n\n");
        Self {
            etag: etag(boot, change.revision, view),
            messages: Batch::of(bytes.into()),
            snapshot: start,
            body,
        }
    }
}

fn etag(boot: &Boot, revision: u64, view: View) -> HeaderValue {
    let text = format!("\"{boot}-{revision}-{}\"", view.scope_hash());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}
