//! How an attempt is stopped from outside.

use std::sync::{Arc, OnceLock};

use cardea_session::FailureCode;
use tokio_util::sync::CancellationToken;

/// Tells an attempt to stop, and why, so that the browser and the log say so too. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    told: CancellationToken,
    why: Arc<OnceLock<FailureCode>>,
}

impl Stop {
    /// Stops it; the first reason counts.
    pub fn because(&self, why: FailureCode) {
        self.why.get_or_init(|| why);
        self.told.cancel();
    }

    /// Why it was told to stop, if it was.
    pub(crate) fn reason(&self) -> Option<FailureCode> {
        self.why.get().copied()
    }

    /// Waits until it is told to stop. Safe to drop and call again.
    pub(super) async fn told(&self) -> FailureCode {
        self.told.cancelled().await;
        *self.why.get_or_init(|| FailureCode::LoginCancelled)
    }
}
