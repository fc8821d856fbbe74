//! The keystore on Windows: Credential Manager, for this user on this computer only.

use std::io;

use cardea_win32::credential;

use super::thread::KeystoreThread;
use super::{Entry, Keystore, KeystoreAnswer, KeystoreError};
use crate::SecretBytes;

/// What the names of our credentials begin with.
const PREFIX: &str = "cardea/";

/// Windows' limit for a secret (`CRED_MAX_CREDENTIAL_BLOB_SIZE`), which Wine does not keep.
const LONGEST: usize = 2560;

/// Credential Manager of this user.
#[derive(Debug)]
pub struct CredentialManager {
    thread: KeystoreThread,
}

impl CredentialManager {
    /// Starts the thread that asks it.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub fn new() -> Result<Self, KeystoreError> {
        let thread = KeystoreThread::start("keystore")?;
        Ok(Self { thread })
    }

    fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> KeystoreAnswer<'_, T> {
        self.thread
            .submit(|| call().map_err(|error| KeystoreError::Unreachable(error.into())))
    }
}

impl Keystore for CredentialManager {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        let name = name(entry);
        self.call(move || credential::read(&name, |secret| SecretBytes::new(secret.to_vec())))
    }

    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        let name = name(entry);
        if secret.expose().len() > LONGEST {
            let refused = KeystoreError::Refused("it takes no secret of more than 2560 bytes");
            return Box::pin(async { Err(refused) });
        }
        self.call(move || credential::write(&name, secret.expose()))
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        let name = name(entry);
        self.call(move || credential::remove(&name))
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.call(|| {
            let names = credential::list(PREFIX)?;
            let entries = names.iter().filter_map(|name| name.strip_prefix(PREFIX));
            Ok(entries.filter_map(Entry::parse).collect())
        })
    }
}

fn name(entry: &Entry) -> String {
    format!("{PREFIX}{entry}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_stored_is_read_back_listed_and_removed() {
        let keystore = CredentialManager::new().unwrap();
        let entry = Entry::ClientSecret;
        let secret = || SecretBytes::new(vec![0, 255, 10, 13]);
        keystore.remove(&entry).await.unwrap();
        assert!(keystore.load(&entry).await.unwrap().is_none());
        for _ in 0..2 {
            keystore.store(&entry, secret()).await.unwrap();
        }
        let loaded = keystore.load(&entry).await.unwrap().unwrap();
        assert_eq!(loaded.expose(), secret().expose());
        assert!(keystore.list().await.unwrap().contains(&entry));
        assert!(keystore.remove(&entry).await.unwrap());
        assert!(!keystore.remove(&entry).await.unwrap());
        assert!(!keystore.list().await.unwrap().contains(&entry));
    }

    #[tokio::test]
    async fn a_secret_that_windows_cannot_keep_is_refused_before_it_is_asked() {
        let keystore = CredentialManager::new().unwrap();
        let long = SecretBytes::new(vec![1; LONGEST + 1]);
        let refused = keystore.store(&Entry::ClientSecret, long).await;
        assert!(
            matches!(refused, Err(KeystoreError::Refused(_))),
            "{refused:?}"
        );
    }
}
