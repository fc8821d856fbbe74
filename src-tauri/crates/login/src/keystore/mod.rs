//! Where the client credential is kept: the operating system's keystore, never a plain file. The
//! developer build has one in memory.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use cardea_session::Time;

use crate::SecretBytes;

#[cfg(any(windows, test))]
mod cng;
#[cfg(windows)]
mod credential_manager;
mod credentials;
mod description;
mod error;
mod held;
mod in_use;
mod key;
mod memory;
mod public_key;
#[cfg(target_os = "linux")]
mod secret_service;
mod signer;
mod thread;
mod verify;
#[cfg(windows)]
mod windows;
mod with_held_keys;
mod workstation;

pub use credentials::Credentials;
pub use description::{KeyDescription, KeyHome, KeyRequest, KeyScope, WantedHome};
pub use error::KeystoreError;
pub use held::{CreatedKey, HeldKey, HeldKeys, Holder};
pub use in_use::{InUse, KeyInUse, KeyUsed};
pub use key::KeyKind;
pub(crate) use key::PrivateKey;
pub use memory::MemoryKeystore;
pub use public_key::PublicKey;
#[cfg(target_os = "linux")]
pub use secret_service::{SecretService as SystemKeystore, USUAL_SCOPE};
#[cfg(test)]
pub(crate) use signer::SignAnswer;
pub use signer::SignError;
pub(crate) use signer::Signer;
#[cfg(test)]
pub(crate) use thread::KeystoreThread;
#[cfg(windows)]
pub use windows::{USUAL_SCOPE, WindowsKeystore as SystemKeystore};
pub use with_held_keys::WithHeldKeys;

/// What a keystore answers, within five seconds unless it says otherwise.
pub type KeystoreAnswer<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, KeystoreError>> + Send + 'a>>;

/// Keeps a few named secrets.
pub trait Keystore: Send + Sync {
    /// The secret of `entry`, when there is one.
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>>;

    /// Keeps `secret` as `entry`, in place of any it had.
    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()>;

    /// Removes `entry`; says whether it was there.
    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool>;

    /// All entries there are.
    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>>;

    /// Where keys are held that are never given out; none for a keystore that only keeps secrets.
    fn held_keys(&self) -> Option<&dyn HeldKeys> {
        None
    }

    /// The same for the keys by which a broker knows this computer.
    fn workstation_keys(&self) -> Option<&dyn HeldKeys> {
        None
    }
}

/// Names a secret in the keystore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// The secret of `client_secret_post`.
    ClientSecret,
    /// Which of this user's keys signs, and since when (see [`InUse`]). Nothing secret.
    KeyInUse,
    /// A key that signs client assertions (PKCS#8 DER).
    PrivateKey(KeyName),
    /// What a broker knows this computer by.
    OfWorkstation(Box<Self>),
}

/// Names a key. Keys sort by age, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName {
    /// When it was made.
    pub created_at: Time,
    /// What it is.
    pub kind: KeyKind,
    /// Its RFC 7638 thumbprint (SHA-256), which is its `kid` at the provider.
    pub kid: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientSecret => f.write_str("client-secret"),
            Self::KeyInUse => f.write_str("key-in-use"),
            Self::PrivateKey(KeyName {
                created_at,
                kind,
                kid,
            }) => write!(f, "key.{}.{}.{kid}", created_at.unix(), kind.as_str()),
            Self::OfWorkstation(entry) => write!(f, "workstation.{entry}"),
        }
    }
}

impl Entry {
    /// Reads what [`fmt::Display`] writes; none for anything else.
    fn parse(text: &str) -> Option<Self> {
        if text == "client-secret" {
            return Some(Self::ClientSecret);
        }
        if text == "key-in-use" {
            return Some(Self::KeyInUse);
        }
        if let Some(entry) = text.strip_prefix("workstation.") {
            return Self::parse(entry).map(|entry| Self::OfWorkstation(Box::new(entry)));
        }
        let mut parts = text.strip_prefix("key.")?.splitn(3, '.');
        let created_at = Time::from_unix(parts.next()?.parse().ok()?).ok()?;
        let kind = KeyKind::named(parts.next()?)?;
        let kid = parts.next()?.to_owned();
        Some(Self::PrivateKey(KeyName {
            created_at,
            kind,
            kid,
        }))
    }

    /// What it is among those of the workstation; none when it is the client's.
    fn of_workstation(self) -> Option<Self> {
        match self {
            Self::OfWorkstation(entry) => Some(*entry),
            Self::ClientSecret | Self::KeyInUse | Self::PrivateKey(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_back_from_their_names() {
        let key = Entry::PrivateKey(KeyName {
            created_at: Time::from_unix(1_760_000_000).unwrap(),
            kind: KeyKind::Rsa4096,
            kid: "a-b_c".to_owned(),
        });
        assert_eq!(key.to_string(), "key.1760000000.rsa4096.a-b_c");
        let workstation = Entry::OfWorkstation(Box::new(key.clone()));
        assert!(workstation.to_string().starts_with("workstation.key."));
        for entry in [key, workstation, Entry::ClientSecret, Entry::KeyInUse] {
            assert_eq!(Entry::parse(&entry.to_string()), Some(entry));
        }
        for other in ["", "key.", "key.x.rsa4096.k", "key.1.dsa.k", "token"] {
            assert_eq!(Entry::parse(other), None);
        }
    }
}
