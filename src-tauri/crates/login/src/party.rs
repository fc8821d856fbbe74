//! The relying party: what stays between attempts.

use std::sync::{Arc, Mutex, PoisonError};

use crate::broker_wire::BrokerWire;
use crate::discovery::{DiscoveryCache, reach};
use crate::jwks::KeyCache;
use crate::redirect::Server;
use crate::wire::{Reach, Wire};
use crate::{Browser, Clock, Credentials, Keystore, Settings, SystemClock};

/// Signs users in at one provider. Make a new one when the settings change, and keep the old one
/// for as long as there are tokens that came from it.
pub struct RelyingParty {
    pub(crate) settings: Settings,
    pub(crate) credentials: Credentials,
    /// What a broker knows this computer by.
    pub(crate) workstation: Credentials,
    pub(crate) browser: Arc<dyn Browser>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) wire: Wire,
    pub(crate) broker_wire: BrokerWire,
    pub(crate) discovery: DiscoveryCache,
    pub(crate) keys: KeyCache,
    last_server: Mutex<Option<Server>>,
}

impl RelyingParty {
    /// A relying party by the computer's clock. Nothing is fetched or opened before the first
    /// attempt or [`Self::warm_up`].
    #[must_use]
    pub fn new(settings: Settings, keystore: Arc<dyn Keystore>, browser: Arc<dyn Browser>) -> Self {
        let (credentials, workstation) = Credentials::of_settings(&settings, keystore);
        Self {
            // An issuer that may not be used is reported by the first attempt.
            wire: Wire::new(reach(&settings).unwrap_or(Reach::Https)),
            broker_wire: BrokerWire::new(settings.broker_certificate.clone()),
            credentials,
            workstation,
            browser,
            clock: Arc::new(SystemClock),
            discovery: DiscoveryCache::default(),
            keys: KeyCache::default(),
            last_server: Mutex::default(),
            settings,
        }
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Lets the server of a finished attempt show its last page.
    pub(crate) fn linger(&self, server: Server) {
        let mut last = self
            .last_server
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some(server);
    }

    /// Frees the port that the last attempt may still hold.
    pub(crate) async fn end_lingering(&self) {
        let last = {
            let mut last = self
                .last_server
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            last.take()
        };
        if let Some(server) = last {
            server.end().await;
        }
    }
}
