//! The provider's document, as a login reads it, and its clock.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use cardea_session::FailureCode;
use serde_json::Value;

use super::step::within;
use super::{Examination, Step, limits};
use crate::clock::ClockDifference;
use crate::discovery::{DiscoveryError, fetch, reach, read};
use crate::failure::of_discovery;
use crate::wire::WireError;

/// The document came, and is one that a login can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// None when the answer has no `Date`.
    pub clocks: Option<Clocks>,
}

/// This computer's clock and the provider's (`Date`; RFC 9110, section 6.6.1), to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// How far they are apart.
    pub difference: ClockDifference,
    /// How far they may be (`clock_skew`).
    pub allowed: Duration,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum NoDiscovery {
    /// Nothing came, or nothing that can be used.
    #[error("{error}")]
    Failed {
        /// What a login would have met.
        #[source]
        error: DiscoveryError,
        /// None when there was no answer, or it has no `Date`.
        clocks: Option<Clocks>,
    },
    /// Longer than a call may take.
    #[error("discovery: no answer in time")]
    TimedOut,
}

impl NoDiscovery {
    /// The failure that a login would end in.
    #[must_use]
    pub fn failure_code(&self) -> FailureCode {
        match self {
            Self::Failed { error, .. } => of_discovery(error),
            Self::TimedOut => FailureCode::ProviderUnreachable,
        }
    }

    /// The clocks, where the answer says what time it is.
    #[must_use]
    pub fn clocks(&self) -> Option<Clocks> {
        match self {
            Self::Failed { clocks, .. } => *clocks,
            Self::TimedOut => None,
        }
    }
}

impl Clocks {
    /// Whether tokens are accepted by these clocks.
    #[must_use]
    pub fn are_near_enough(self) -> bool {
        self.difference.seconds().unsigned_abs() <= self.allowed.as_secs()
    }
}

impl From<WireError> for NoDiscovery {
    fn from(error: WireError) -> Self {
        Self::Failed {
            error: error.into(),
            clocks: None,
        }
    }
}

impl Examination {
    /// Fetches the document in which the provider says where it is and what it can, and reads it as
    /// a login does; compares the clocks on the way. Within [`limits::CALL`].
    pub async fn discovery(&self) -> Step<Discovered, NoDiscovery> {
        self.discover().await.map(|(found, _)| found).into()
    }

    /// The same with the whole document.
    pub(super) async fn discover(&self) -> Result<(Discovered, Arc<Value>), NoDiscovery> {
        within(limits::CALL, NoDiscovery::TimedOut, self.fetch_and_read()).await
    }

    async fn fetch_and_read(&self) -> Result<(Discovered, Arc<Value>), NoDiscovery> {
        let settings = &self.settings;
        let not_allowed = |error| NoDiscovery::Failed {
            error,
            clocks: None,
        };
        let reach = reach(settings).map_err(not_allowed)?;
        let answer = fetch(settings, &self.wire).await?;
        let now = self.clock.now();
        let clocks = answer.date.map(|date| Clocks {
            difference: ClockDifference::between(now, date),
            allowed: settings.clock_skew,
        });
        let document = answer.json();
        read(answer, settings, reach).map_err(|error| NoDiscovery::Failed { error, clocks })?;
        let document = Arc::new(document?);
        let mut last = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(Arc::clone(&document));
        Ok((Discovered { clocks }, document))
    }

    /// The last document that was read, or the one that is there now.
    pub(super) async fn known_document(&self) -> Result<Arc<Value>, NoDiscovery> {
        let last = {
            let last = self.document.lock().unwrap_or_else(PoisonError::into_inner);
            last.clone()
        };
        match last {
            Some(document) => Ok(document),
            None => self.discover().await.map(|(_, document)| document),
        }
    }
}
