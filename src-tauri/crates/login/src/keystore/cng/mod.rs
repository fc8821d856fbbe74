//! Keys that Windows holds (CNG): the TPM is tried first, and no key is taken for good before a
//! signature of its has been verified.

use std::io;
use std::time::Duration;

use super::held::{CreatedKey, HeldKey, HeldKeys, Holder};
use super::thread::KeystoreThread;
use super::{InUse, KeyKind, KeyRequest, KeyScope, KeystoreAnswer, KeystoreError};
use crate::AssertionAlg;

mod blob;
mod create;
#[cfg(test)]
pub(super) mod fake;
mod found;
#[cfg(windows)]
mod ncrypt;
#[cfg(windows)]
mod note;
mod sign;
#[cfg(test)]
mod tests;

#[cfg(windows)]
pub(super) use ncrypt::Ncrypt;

/// An RSA key may take a TPM a minute, and several are tried.
const CREATE_LIMIT: Duration = Duration::from_secs(300);

/// What CNG does, in calls that block.
pub(super) trait Cng {
    /// An open key.
    type Key: CngKey;

    /// Makes a key that cannot be taken out.
    fn create(&self, place: Place, kind: KeyKind) -> io::Result<Self::Key>;

    /// Opens the key, when there is one.
    fn open(&self, place: Place) -> io::Result<Option<Self::Key>>;

    /// The note of which of the computer's keys signs, when there is one. Only administrators can
    /// have written it.
    fn note(&self) -> io::Result<Option<String>>;

    /// Keeps the note, in place of any there was.
    fn keep_note(&self, note: &str) -> io::Result<()>;

    /// Whether this program may change the computer's keys.
    fn is_administrator(&self) -> io::Result<bool>;
}

/// A key that CNG has opened.
pub(super) trait CngKey {
    /// Its public half as CNG writes it.
    fn public_blob(&self) -> io::Result<Vec<u8>>;

    /// Signs the hash that belongs to the algorithm.
    fn sign(&self, alg: AssertionAlg, hash: &[u8]) -> io::Result<Vec<u8>>;

    /// Who but administrators made it, or may put another one in its place.
    fn outsider(&self) -> io::Result<Option<&'static str>>;

    /// When it was made, in seconds since 1970.
    fn made_at(&self) -> io::Result<i64>;

    /// Removes it for good.
    fn remove(self) -> io::Result<()>;
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) holder: Holder,
    pub(super) scope: KeyScope,
    pub(super) number: u8,
}

impl Holder {
    /// In messages.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Tpm => "the TPM",
            Self::Software => "Windows",
        }
    }

    /// For `map_err`.
    pub(super) fn failed(self) -> impl FnOnce(io::Error) -> KeystoreError {
        move |source| KeystoreError::Holder {
            holder: self.in_words(),
            source,
        }
    }
}

/// The keys that CNG holds, asked on a thread of their own.
#[derive(Debug)]
pub(super) struct CngKeys<F> {
    /// Gives a CNG for each call, so that nothing stays open from one to the next.
    cng: F,
    thread: KeystoreThread,
}

impl<C: Cng, F: Fn() -> C + Clone + Send + Sync + 'static> CngKeys<F> {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub(super) fn new(cng: F) -> Result<Self, KeystoreError> {
        Ok(Self {
            cng,
            thread: KeystoreThread::start("keys")?,
        })
    }
}

impl<C: Cng, F: Fn() -> C + Clone + Send + Sync + 'static> HeldKeys for CngKeys<F> {
    fn create(&self, request: KeyRequest) -> KeystoreAnswer<'_, CreatedKey> {
        let cng = self.cng.clone();
        let call = move || create::create(&cng(), request);
        self.thread.submit_within(CREATE_LIMIT, call)
    }

    fn list(&self, scope: KeyScope) -> KeystoreAnswer<'_, Vec<HeldKey>> {
        let cng = self.cng.clone();
        self.thread
            .submit(move || found::Found::look(&cng(), scope).into_keys())
    }

    fn remove(&self, key: &HeldKey) -> KeystoreAnswer<'_, bool> {
        let (cng, key) = (self.cng.clone(), key.clone());
        self.thread.submit(move || remove(&cng(), &key))
    }

    fn in_use(&self) -> KeystoreAnswer<'_, Option<InUse>> {
        let cng = self.cng.clone();
        self.thread.submit(move || {
            let note = cng().note().map_err(Holder::Software.failed())?;
            note.map(|note| InUse::parse(&note)).transpose()
        })
    }

    fn set_in_use(&self, in_use: &InUse) -> KeystoreAnswer<'_, ()> {
        let (cng, note) = (self.cng.clone(), in_use.to_string());
        self.thread.submit(move || {
            let cng = cng();
            check_may_change(&cng, KeyScope::Machine)?;
            cng.keep_note(&note).map_err(Holder::Software.failed())
        })
    }

    fn sign(
        &self,
        key: &HeldKey,
        alg: AssertionAlg,
        message: &[u8],
    ) -> KeystoreAnswer<'_, Vec<u8>> {
        let (cng, place) = (self.cng.clone(), key.place());
        let hash = sign::hash(alg, message);
        self.thread
            .submit(move || sign::sign(&cng(), place, alg, &hash))
    }
}

impl HeldKey {
    fn place(&self) -> Place {
        Place {
            holder: self.holder,
            scope: self.scope,
            number: self.number,
        }
    }
}

fn remove<C: Cng>(cng: &C, key: &HeldKey) -> Result<bool, KeystoreError> {
    check_may_change(cng, key.scope)?;
    let failed = || key.holder.failed();
    match cng.open(key.place()).map_err(failed())? {
        // Another may have got its number meanwhile.
        Some(open) if found::public_key(&open, key.holder)? == key.public => {
            open.remove().map_err(failed())?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

/// Windows lets everybody make keys for the computer, and so they would count for everybody.
fn check_may_change<C: Cng>(cng: &C, scope: KeyScope) -> Result<(), KeystoreError> {
    let may = match scope {
        KeyScope::Machine => cng.is_administrator().map_err(Holder::Software.failed())?,
        KeyScope::User => true,
    };
    if may {
        return Ok(());
    }
    Err(KeystoreError::NotAdministrator)
}
