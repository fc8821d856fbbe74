//! What signs client assertions, wherever its key is.

use std::future::Future;
use std::pin::Pin;

use super::{KeystoreError, PublicKey};
use crate::AssertionAlg;

/// A signature as a JWS holds it (RFC 7518, section 3).
pub(crate) type SignAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<u8>, SignError>> + Send + 'a>>;

/// A key that signs client assertions.
pub(crate) trait Signer: Send + Sync {
    /// Its public half.
    fn public_key(&self) -> &PublicKey;

    /// Signs, within the keystore's limit.
    fn sign<'a>(&'a self, alg: AssertionAlg, message: &'a [u8]) -> SignAnswer<'a>;
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// An RSA key does not sign as ES256 has it, and the other way round.
    #[error("the key is of another kind than the algorithm")]
    OtherKind,
    /// The cryptographic library says no more.
    #[error("signing failed")]
    Failed,
    /// What holds the key did not sign.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}
