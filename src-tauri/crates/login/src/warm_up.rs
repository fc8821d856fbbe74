//! The first connections to the provider and to the broker, made before somebody waits for them:
//! where revocation servers are blocked, Windows may hold them for many seconds.

use std::error::Error;
use std::time::Duration;

use tokio::time::sleep;

use crate::broker::reach_early;
use crate::discovery::reach;
use crate::wire::Reach;
use crate::{ClientAuth, RelyingParty};

/// How long to wait before each try; after the last the first login finds out.
const WAITS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
];

impl RelyingParty {
    /// Fetches what the provider says about itself, when it is elsewhere and can be signed in at,
    /// and reaches the broker, when there is one. Tries four times at most, for a quarter of an
    /// hour; no login waits for it.
    pub async fn warm_up(&self) {
        if self.settings.client_id.is_empty() {
            return;
        }
        let provider = async {
            if matches!(reach(&self.settings), Ok(Reach::Https)) {
                self.fetch_early().await;
            }
        };
        let broker = async {
            if self.settings.client_auth == ClientAuth::Broker {
                self.reach_broker_early().await;
            }
        };
        tokio::join!(provider, broker);
    }

    pub(crate) async fn fetch_early(&self) {
        let fetch = || self.discovery.warm_up(&self.settings, &self.wire);
        early("provider", fetch).await;
    }

    async fn reach_broker_early(&self) {
        let reach = || reach_early(&self.settings, &self.broker_wire, self.clock.now());
        early("broker", reach).await;
    }
}

async fn early<F, E>(whom: &'static str, ask: impl Fn() -> F)
where
    F: Future<Output = Result<(), E>>,
    E: Error + 'static,
{
    for wait in WAITS {
        sleep(wait).await;
        match ask().await {
            Ok(()) => return,
            Err(error) => tracing::info!(
                whom,
                error = &error as &dyn Error,
                "could not be asked early"
            ),
        }
    }
}
