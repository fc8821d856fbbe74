//! Keys that the operating system makes, keeps and signs with, and never gives out.

use std::sync::Arc;

use cardea_session::Time;

use super::signer::{SignAnswer, Signer};
use super::{
    InUse, KeyKind, KeyRequest, KeyScope, Keystore, KeystoreAnswer, KeystoreError, PublicKey,
};
use crate::AssertionAlg;

/// Where the operating system holds keys.
pub trait HeldKeys: Send + Sync {
    /// Makes a key and tries it out. May take minutes, which is longer than any other call: what
    /// was given up meanwhile may still come to be, and is listed then.
    fn create(&self, request: KeyRequest) -> KeystoreAnswer<'_, CreatedKey>;

    /// The keys of this scope, the oldest first.
    fn list(&self, scope: KeyScope) -> KeystoreAnswer<'_, Vec<HeldKey>>;

    /// Removes the key for good; says whether it was there.
    fn remove(&self, key: &HeldKey) -> KeystoreAnswer<'_, bool>;

    /// Which of the computer's keys signs, when that was said (see [`InUse`]).
    fn in_use(&self) -> KeystoreAnswer<'_, Option<InUse>>;

    /// Says which of the computer's keys signs.
    fn set_in_use(&self, in_use: &InUse) -> KeystoreAnswer<'_, ()>;

    /// The signature as a JWS holds it (RFC 7518, section 3).
    fn sign(&self, key: &HeldKey, alg: AssertionAlg, message: &[u8])
    -> KeystoreAnswer<'_, Vec<u8>>;
}

/// A key that the operating system holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// Whose it is.
    pub scope: KeyScope,
    /// What holds it.
    pub holder: Holder,
    /// Which one: later keys of a scope have higher numbers.
    pub number: u8,
    /// What kind of key.
    pub kind: KeyKind,
    /// Its public half.
    pub public: PublicKey,
    /// When it was made, where that is known.
    pub created_at: Option<Time>,
}

/// What holds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The computer's security chip.
    Tpm,
    /// The operating system itself.
    Software,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// The key.
    pub key: HeldKey,
    /// Why it is not in the TPM, when it is not.
    pub why_not_tpm: Option<String>,
}

/// Signs with a key that the operating system holds.
pub(crate) struct HeldSigner {
    keystore: Arc<dyn Keystore>,
    key: HeldKey,
}

impl HeldSigner {
    pub(crate) fn new(keystore: Arc<dyn Keystore>, key: HeldKey) -> Self {
        Self { keystore, key }
    }
}

impl Signer for HeldSigner {
    fn public_key(&self) -> &PublicKey {
        &self.key.public
    }

    fn sign<'a>(&'a self, alg: AssertionAlg, message: &'a [u8]) -> SignAnswer<'a> {
        Box::pin(async move {
            let held = self.keystore.held_keys();
            let held = held.ok_or(KeystoreError::Refused("it holds no keys"))?;
            Ok(held.sign(&self.key, alg, message).await?)
        })
    }
}
