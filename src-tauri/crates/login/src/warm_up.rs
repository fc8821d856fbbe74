//! The first connection to the provider, made before somebody waits for it: where revocation
//! servers are blocked, Windows may hold it for many seconds.

use std::time::Duration;

use tokio::time::sleep;

use crate::RelyingParty;
use crate::discovery::reach;
use crate::wire::Reach;

/// How long to wait before each try; after the last the first login finds out.
const WAITS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
];

impl RelyingParty {
    /// Fetches what the provider says about itself, when it is elsewhere and can be signed in at.
    /// Tries four times at most, for a quarter of an hour; no login waits for it.
    pub async fn warm_up(&self) {
        if self.settings.client_id.is_empty() || !matches!(reach(&self.settings), Ok(Reach::Https))
        {
            return;
        }
        self.fetch_early().await;
    }

    pub(crate) async fn fetch_early(&self) {
        for wait in WAITS {
            sleep(wait).await;
            match self.discovery.warm_up(&self.settings, &self.wire).await {
                Ok(()) => return,
                Err(error) => tracing::info!(
                    error = &error as &dyn std::error::Error,
                    "the provider could not be asked early"
                ),
            }
        }
    }
}
