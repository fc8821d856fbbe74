//! A keystore put together of one that keeps secrets and of what holds keys.

use std::sync::Arc;

use super::{Entry, HeldKeys, Keystore, KeystoreAnswer};
use crate::SecretBytes;

/// Keeps secrets in one place and holds keys in others.
pub struct WithHeldKeys<S> {
    /// Keeps the secrets.
    pub secrets: S,
    /// Holds the client's keys.
    pub keys: Arc<dyn HeldKeys>,
    /// Holds the keys by which a broker knows this computer; none when it knows it by a secret.
    pub workstation_keys: Option<Arc<dyn HeldKeys>>,
}

impl<S: Keystore> Keystore for WithHeldKeys<S> {
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
        Some(self.keys.as_ref())
    }

    fn workstation_keys(&self) -> Option<&dyn HeldKeys> {
        self.workstation_keys.as_deref()
    }
}
