//! What Cardea's own programs are told beside the session: who waits to be let in, and that there
//! are other settings. Of neither is anything kept: whoever opens a stream asks.

use std::future::pending;

use tokio::sync::watch;

use crate::access::Grant;
use crate::feed::{Batch, Subscription, pairings_changed, settings_changed};
use crate::routes::Api;

/// The news since a stream was opened.
#[derive(Debug)]
pub(crate) struct OwnNews {
    waiting: watch::Receiver<Vec<String>>,
    settings: watch::Receiver<()>,
}

/// What is new.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// So many programs wait for the user now.
    Pairings(usize),
    /// The settings are other ones.
    Settings,
}

impl OwnNews {
    /// None for programs with a token, wherever they call from.
    pub(crate) fn for_holder_of(grant: &Grant, api: &Api) -> Option<Self> {
        grant.is_own_program().then(|| Self {
            waiting: api.reception.waiting_changes(),
            settings: api.feed.settings_changes(),
        })
    }

    /// Waits for the next piece; of several that came meanwhile, the last of its kind. Safe to drop
    /// and call again.
    pub(crate) async fn next(&mut self) -> Piece {
        tokio::select! {
            biased;
            Ok(()) = self.waiting.changed() => Piece::Pairings(self.waiting.borrow().len()),
            Ok(()) = self.settings.changed() => Piece::Settings,
            else => pending().await,
        }
    }
}

impl Piece {
    /// As a stream brings it.
    pub(crate) fn message(self, stream: &Subscription) -> Batch {
        let (boot, revision) = (stream.boot(), stream.revision());
        Batch::of(match self {
            Self::Pairings(count) => pairings_changed(boot, revision, count),
            Self::Settings => settings_changed(boot, revision),
        })
    }
}
