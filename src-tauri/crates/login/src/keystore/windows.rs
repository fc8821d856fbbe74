//! The keystore on Windows: secrets in Credential Manager, keys in CNG.

use std::sync::Arc;

use super::cng::{CngKeys, Ncrypt};
use super::credential_manager::CredentialManager;
use super::{KeyScope, KeystoreError, WithHeldKeys};

/// Whose keys the commands mean when nothing is said.
pub const USUAL_SCOPE: KeyScope = KeyScope::Machine;

/// Credential Manager of this user, and the keys of this user and of this computer.
pub type WindowsKeystore = WithHeldKeys<CredentialManager>;

impl WindowsKeystore {
    /// Starts the threads that ask them.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub fn new() -> Result<Self, KeystoreError> {
        Ok(Self {
            secrets: CredentialManager::new()?,
            keys: Arc::new(CngKeys::new(Ncrypt::of_client)?),
            workstation_keys: Some(Arc::new(CngKeys::new(Ncrypt::of_workstation)?)),
        })
    }
}
