//! What is told of a key, and asked of a new one.

use cardea_session::Time;

use super::{HeldKey, Holder, KeyKind, KeyName};
use crate::AssertionAlg;

/// Whose a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// The computer's: an administrator makes it, the interactive users sign with it.
    Machine,
    /// This user's.
    User,
}

impl KeyScope {
    /// The name in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::User => "user",
        }
    }
}

/// What key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    /// What it is to sign.
    pub alg: AssertionAlg,
    /// What kind of key; without it, the best that can be had for the algorithm.
    pub kind: Option<KeyKind>,
    /// Whose.
    pub scope: KeyScope,
    /// Where.
    pub home: WantedHome,
}

/// Where a new key is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedHome {
    /// Where the keystore keeps it safest.
    Safest,
    /// As bytes in the user's keystore, even if the operating system could hold it.
    Exportable,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHome {
    /// In the computer's security chip.
    Tpm,
    /// The operating system holds it and does not give it out.
    Software,
    /// Its bytes lie in the user's keystore, where programs of the user can read them.
    Keystore,
}

impl KeyHome {
    /// The name in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tpm => "tpm",
            Self::Software => "software",
            Self::Keystore => "keystore",
        }
    }

    /// Whether programs of the user can take the key away.
    #[must_use]
    pub fn is_exportable(self) -> bool {
        match self {
            Self::Tpm | Self::Software => false,
            Self::Keystore => true,
        }
    }
}

/// A key as listings show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// Its RFC 7638 thumbprint (SHA-256), which is its `kid` at the provider.
    pub kid: String,
    /// What it is.
    pub kind: KeyKind,
    /// When it was made, where that is known.
    pub created_at: Option<Time>,
    /// Where it is.
    pub home: KeyHome,
    /// Whose it is.
    pub scope: KeyScope,
}

impl From<&HeldKey> for KeyDescription {
    fn from(key: &HeldKey) -> Self {
        Self {
            kid: key.public.kid(),
            kind: key.kind,
            created_at: key.created_at,
            home: match key.holder {
                Holder::Tpm => KeyHome::Tpm,
                Holder::Software => KeyHome::Software,
            },
            scope: key.scope,
        }
    }
}

impl From<&KeyName> for KeyDescription {
    fn from(name: &KeyName) -> Self {
        Self {
            kid: name.kid.clone(),
            kind: name.kind,
            created_at: Some(name.created_at),
            home: KeyHome::Keystore,
            scope: KeyScope::User,
        }
    }
}
