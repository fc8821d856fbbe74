//! Why the keystore did not do what it was asked, and what to do about it.

use std::error::Error;
use std::io;

/// Why the keystore did not do what it was asked. Holds nothing that is kept in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// There is none, or it cannot be reached.
    #[error("the keystore cannot be reached")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// It is locked and nobody unlocked it.
    #[error("the keystore is locked")]
    Locked(#[source] Box<dyn Error + Send + Sync>),
    /// It did not answer in time; a locked one waits for the user.
    #[error("the keystore did not answer in time")]
    TimedOut,
    /// Too many calls are waiting for it.
    #[error("the keystore is busy")]
    Busy,
    /// It has no room or no way for what it was asked.
    #[error("the keystore refused: {0}")]
    Refused(&'static str),
    /// What it keeps is not what was put there.
    #[error("an entry in the keystore is damaged")]
    Damaged,
    /// No key could be made.
    #[error("no key could be made")]
    Generation,
    /// What holds a key did not do it.
    #[error("{holder}: {source}")]
    Holder {
        /// For instance `the TPM`.
        holder: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// A key was made and cannot sign as it has to.
    #[error("{holder} does not make {alg} signatures that can be verified")]
    WrongSignature {
        /// For instance `the TPM`.
        holder: &'static str,
        /// The algorithm.
        alg: &'static str,
    },
    /// A key was made that cannot be used, and could not be removed again.
    #[error("a key that cannot be used was made in {holder} and could not be removed")]
    LeftBehind {
        /// For instance `the TPM`.
        holder: &'static str,
    },
    /// The key signs and was to stay.
    #[error("that key is the one that signs")]
    InUse,
    /// Only users have a keystore.
    #[error("this system has no keystore of the computer's")]
    NoMachineKeystore,
    /// The computer's keys are an administrator's to change.
    #[error("only an administrator may change the computer's keys")]
    NotAdministrator,
    /// The settings do not allow keys that programs of the user can take away.
    #[error("exportable keys are not allowed")]
    ExportableNotAllowed,
    /// Its thread could not be started.
    #[error("the keystore's thread could not be started")]
    Thread(#[source] io::Error),
}

impl KeystoreError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Locked(_) | Self::TimedOut => {
                "Unlock or start it, and try again."
            }
            Self::Busy | Self::Generation => "Try again.",
            Self::Thread(_) => "Restart the computer.",
            Self::Refused(_) => "Try another key or place.",
            Self::Damaged => "Remove the entry and create it again.",
            Self::Holder { .. } => "Check the TPM and the key isolation service of Windows.",
            Self::WrongSignature { .. } => {
                "Set [cis2] assertion_alg to one that is registered with CIS2 and that it can do."
            }
            Self::LeftBehind { .. } => "Remove it with \"cardea keys remove\".",
            Self::InUse => {
                "Have another one sign first (\"cardea keys use KID\"), or, when CIS2 is to know this \
                 computer no longer, say --in-use too."
            }
            Self::NoMachineKeystore => "Use --user.",
            Self::NotAdministrator => "Run it as an administrator, or use --user.",
            Self::ExportableNotAllowed => "Set [cis2] allow_exportable_key to true first.",
        }
    }
}
