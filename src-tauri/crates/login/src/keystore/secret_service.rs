//! The keystore on Linux: the desktop's Secret Service, over D-Bus. Each call is made on a fresh
//! connection: the service may come, go or be locked at any time.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyring_core::api::CredentialStoreApi;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use super::thread::KeystoreThread;
use super::{Entry, KeyScope, Keystore, KeystoreAnswer, KeystoreError};
use crate::SecretBytes;

const SERVICE: &str = "cardea";

/// Whose keys the commands mean when nothing is said: there are no others.
pub const USUAL_SCOPE: KeyScope = KeyScope::User;

/// The Secret Service of the user's desktop session. The library must not be called from within an
/// async runtime.
#[derive(Debug)]
pub struct SecretService {
    thread: KeystoreThread,
}

impl SecretService {
    /// Starts the thread; whether there is a service shows with the first call.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub fn new() -> Result<Self, KeystoreError> {
        let thread = KeystoreThread::start("keystore")?;
        Ok(Self { thread })
    }

    fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, keyring_core::Error> + Send + 'static,
    ) -> KeystoreAnswer<'_, T> {
        self.thread.submit(move || {
            let result = Store::new().and_then(|store| call(&store));
            result.map_err(KeystoreError::from)
        })
    }
}

impl Keystore for SecretService {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        let name = entry.to_string();
        let text = self.call(move |store| {
            absent_as_none(
                store
                    .build(SERVICE, &name, None)?
                    .get_secret()
                    .map(Zeroizing::new),
            )
        });
        Box::pin(async move {
            let Some(text) = text.await? else {
                return Ok(None);
            };
            let bytes = STANDARD.decode(text.as_slice());
            let bytes = bytes.map_err(|_| KeystoreError::Damaged)?;
            Ok(Some(SecretBytes::new(bytes)))
        })
    }

    /// Stored as text, since not every Secret Service keeps bytes.
    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        let name = entry.to_string();
        let label = HashMap::from([("label".to_owned(), format!("Cardea: {name}"))]);
        self.call(move |store| {
            let text = Zeroizing::new(STANDARD.encode(secret.expose()));
            let label = label
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            let entry = store.build(SERVICE, &name, Some(&label.collect()))?;
            entry.set_secret(text.as_bytes())
        })
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        let name = entry.to_string();
        self.call(move |store| {
            let removed = store.build(SERVICE, &name, None)?.delete_credential();
            Ok(absent_as_none(removed)?.is_some())
        })
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.call(|store| {
            let found = store.search(&HashMap::from([("service", SERVICE)]))?;
            let names = found.iter().filter_map(keyring_core::Entry::get_specifiers);
            Ok(names.filter_map(|(_, name)| Entry::parse(&name)).collect())
        })
    }
}

fn absent_as_none<T>(
    result: Result<T, keyring_core::Error>,
) -> Result<Option<T>, keyring_core::Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Some of the library's errors hold what they choked on, so only those of the platform are kept.
impl From<keyring_core::Error> for KeystoreError {
    fn from(error: keyring_core::Error) -> Self {
        use keyring_core::Error;
        if matches!(error, Error::Ambiguous(_)) {
            return Self::Refused("it has several entries of that name");
        }
        if matches!(error, Error::BadEncoding(_) | Error::BadDataFormat(..)) {
            return Self::Damaged;
        }
        if let Error::PlatformFailure(source) = error {
            return Self::Unreachable(source);
        }
        if let Error::NoStorageAccess(source) = error {
            return Self::Locked(source);
        }
        Self::Refused("it cannot do what was asked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[ignore = "needs a Secret Service: dbus-run-session with an unlocked gnome-keyring-daemon"]
    async fn a_real_secret_service_keeps_what_it_is_given() {
        let service = SecretService::new().unwrap();
        let secret = || SecretBytes::new(vec![0, 255, 10, 13]);
        service.remove(&Entry::ClientSecret).await.unwrap();
        let before = service.list().await.unwrap();
        assert!(service.load(&Entry::ClientSecret).await.unwrap().is_none());
        for _ in 0..2 {
            service.store(&Entry::ClientSecret, secret()).await.unwrap();
        }
        let loaded = service.load(&Entry::ClientSecret).await.unwrap().unwrap();
        assert_eq!(loaded.expose(), secret().expose());
        assert_eq!(service.list().await.unwrap().len(), before.len() + 1);
        assert!(service.remove(&Entry::ClientSecret).await.unwrap());
        assert!(!service.remove(&Entry::ClientSecret).await.unwrap());
    }
}
