//! What comes of a step.

use std::time::Duration;

use tokio::time::timeout;

/// What comes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T, E> {
    /// It works.
    Works(T),
    /// It does not.
    Fails(E),
    /// It is no step of the way that these settings take.
    NotApplicable(NotApplicable),
}

/// Why a step is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplicable {
    /// The address in the settings may not be used: not https, for instance.
    AddressNotAllowed,
    /// The provider is on this computer, where nothing goes through a proxy.
    OnThisComputer,
    /// The address has no name in it.
    NoName,
    /// A proxy looks the name up, and this computer does not.
    ProxyResolves,
    /// Plain http, as a provider on this computer may speak it.
    PlainHttp,
    /// The settings have no broker.
    NoBroker,
    /// An earlier step of the same examination fails.
    EarlierFails,
}

impl<T, E> Step<T, E> {
    /// What works, if it does.
    pub fn works(&self) -> Option<&T> {
        match self {
            Self::Works(found) => Some(found),
            Self::Fails(_) | Self::NotApplicable(_) => None,
        }
    }
}

impl<T, E> From<Result<T, E>> for Step<T, E> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(found) => Self::Works(found),
            Err(problem) => Self::Fails(problem),
        }
    }
}

/// The result of `work`, or `late` when there is none in time.
pub(super) async fn within<T, E>(
    limit: Duration,
    late: E,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    timeout(limit, work).await.unwrap_or(Err(late))
}
