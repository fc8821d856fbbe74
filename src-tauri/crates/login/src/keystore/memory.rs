//! A keystore in memory: for the developer build and tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Entry, Keystore, KeystoreAnswer};
use crate::SecretBytes;

/// Keeps secrets until it is dropped.
#[derive(Debug, Default)]
pub struct MemoryKeystore(Mutex<BTreeMap<Entry, SecretBytes>>);

impl MemoryKeystore {
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut BTreeMap<Entry, SecretBytes>) -> T,
    ) -> KeystoreAnswer<'_, T> {
        let answer = work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(std::future::ready(Ok(answer)))
    }
}

impl Keystore for MemoryKeystore {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        self.with(|entries| entries.get(entry).cloned())
    }

    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        self.with(|entries| {
            entries.insert(entry.clone(), secret);
        })
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        self.with(|entries| entries.remove(entry).is_some())
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.with(|entries| entries.keys().cloned().collect())
    }
}
