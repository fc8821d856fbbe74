//! The keystore on Windows: secrets in Credential Manager, keys in CNG.

use super::cng::{CngKeys, Ncrypt};
use super::credential_manager::CredentialManager;
use super::{Entry, HeldKeys, KeyScope, Keystore, KeystoreAnswer, KeystoreError};
use crate::SecretBytes;

/// Whose keys the commands mean when nothing is said.
pub const USUAL_SCOPE: KeyScope = KeyScope::Machine;

/// Credential Manager of this user, and the keys of this user and of this computer.
#[derive(Debug)]
pub struct WindowsKeystore {
    secrets: CredentialManager,
    keys: CngKeys<fn() -> Ncrypt>,
    workstation_keys: CngKeys<fn() -> Ncrypt>,
}

impl WindowsKeystore {
    /// Starts the threads that ask them.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub fn new() -> Result<Self, KeystoreError> {
        Ok(Self {
            secrets: CredentialManager::new()?,
            keys: CngKeys::new(Ncrypt::of_client as fn() -> Ncrypt)?,
            workstation_keys: CngKeys::new(Ncrypt::of_workstation as fn() -> Ncrypt)?,
        })
    }
}

impl Keystore for WindowsKeystore {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        self.secrets.load(entry)
    }

    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        self.secrets.store(entry, secret)
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        self.secrets.remove(entry)
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.secrets.list()
    }

    fn held_keys(&self) -> Option<&dyn HeldKeys> {
        Some(&self.keys)
    }

    fn workstation_keys(&self) -> Option<&dyn HeldKeys> {
        Some(&self.workstation_keys)
    }
}
