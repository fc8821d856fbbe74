//! Why a logout token was refused.

use crate::discovery::DiscoveryError;
use crate::id_token::CheckError;
use crate::wire::WireError;

/// A logout token ends nothing. Its text names the check and nothing personal.
#[derive(Debug, thiserror::Error)]
#[error("logout token: {0}")]
pub struct LogoutTokenError(#[from] Why);

#[derive(Debug, thiserror::Error)]
pub(super) enum Why {
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error("keys of the provider: {0}")]
    Keys(#[source] WireError),
    #[error("typ is neither JWT nor logout+jwt")]
    Type,
    #[error("events does not name a back-channel logout")]
    Events,
    #[error("it has a nonce, as ID tokens have")]
    Nonce,
    #[error("neither sid nor sub says whose session is over")]
    NobodyNamed,
    #[error("iat is too long ago")]
    TooOld,
    #[error("its jti was seen before")]
    SeenBefore,
    #[error("no provider is set")]
    NobodyAsks,
}
