//! Which key signs, since when, and how IT has another one sign.
//!
//! Of the keys of one place the oldest signs until a note names another. So a new key can lie beside
//! the old one until the provider knows it, and the old one until the new one is seen to work.

use std::fmt;
use std::sync::Arc;

use cardea_session::Time;

use super::held::HeldSigner;
use super::{Credentials, Entry, HeldKey, KeyName, KeyScope, KeystoreError, Signer};
use crate::{AssertionAlg, SecretBytes};

/// A note of which key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The key's `kid`.
    pub kid: String,
    /// Since when.
    pub since: Time,
}

/// The key that signs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsed {
    /// Its `kid`.
    pub kid: String,
    /// Whose it is.
    pub scope: KeyScope,
    /// Since when it signs: as the note says; without one, since it was made. None when neither is
    /// known.
    pub since: Option<Time>,
}

/// What may happen to the key that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInUse {
    /// It stays.
    Stays,
    /// It is removed like any other.
    MayGo,
}

/// A key that could sign.
pub(super) enum Candidate {
    Held(Box<HeldKey>),
    Stored(KeyName),
}

/// The keys of the place that signs, the one that signs first.
struct Place {
    scope: KeyScope,
    keys: Vec<Candidate>,
    note: Option<InUse>,
}

impl Place {
    /// The key that signs.
    fn used(&self) -> Option<KeyUsed> {
        let key = self.keys.first()?;
        let since = match &self.note {
            Some(note) => Some(note.since),
            None => key.created_at(),
        };
        Some(KeyUsed {
            kid: key.kid(),
            scope: self.scope,
            since,
        })
    }
}

impl fmt::Display for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kid, self.since.unix())
    }
}

impl InUse {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`KeystoreError::Damaged`].
    pub(super) fn parse(text: &str) -> Result<Self, KeystoreError> {
        let read = || {
            let (kid, since) = text.split_once(' ')?;
            let since = Time::from_unix(since.parse().ok()?).ok()?;
            let kid = kid.to_owned();
            Some(Self { kid, since })
        };
        read().ok_or(KeystoreError::Damaged)
    }
}

impl Candidate {
    fn kid(&self) -> String {
        match self {
            Self::Held(key) => key.public.kid(),
            Self::Stored(name) => name.kid.clone(),
        }
    }

    fn created_at(&self) -> Option<Time> {
        match self {
            Self::Held(key) => key.created_at,
            Self::Stored(name) => Some(name.created_at),
        }
    }
}

impl Credentials {
    /// The key that signs assertions by `alg` now, when there is one.
    ///
    /// # Errors
    /// When the keystore does not answer.
    pub async fn key_in_use(&self, alg: AssertionAlg) -> Result<Option<KeyUsed>, KeystoreError> {
        let place = self.place_that_signs(alg).await?;
        Ok(place.and_then(|place| place.used()))
    }

    /// Has this key sign from now on; says whether there is such a key.
    ///
    /// # Errors
    /// When it cannot sign by `alg`, or a key of a place that comes first does; when the keystore
    /// does not answer, or the keys are not this user's to change.
    pub async fn use_key(
        &self,
        scope: KeyScope,
        kid: &str,
        alg: AssertionAlg,
        now: Time,
    ) -> Result<bool, KeystoreError> {
        if !self.keys(scope).await?.iter().any(|key| key.kid == kid) {
            return Ok(false);
        }
        let place = self.place_that_signs(alg).await?;
        let place = place.filter(|place| place.scope == scope);
        let is_there = |place: &Place| place.keys.iter().position(|key| key.kid() == kid);
        match place.as_ref().and_then(is_there) {
            Some(0) => {}
            Some(_) => self.note_in_use(scope, kid, now).await?,
            None => {
                return Err(KeystoreError::Refused(
                    "that key does not fit [cis2] assertion_alg, or keys of another place come first",
                ));
            }
        }
        Ok(true)
    }

    /// Removes the key; says whether there was one. When it was the one that signs and others of its
    /// place are left, the oldest of them signs from now on.
    ///
    /// # Errors
    /// [`KeystoreError::InUse`] when it is the one that signs by `alg` and has to stay; when the
    /// keystore does not answer, or the key is not this user's to remove.
    pub async fn remove_key(
        &self,
        scope: KeyScope,
        kid: &str,
        in_use: (AssertionAlg, KeyInUse),
        now: Time,
    ) -> Result<bool, KeystoreError> {
        let (alg, in_use) = in_use;
        let signs = match (self.key_in_use(alg).await, in_use) {
            (Ok(used), _) => used.is_some_and(|used| used.kid == kid && used.scope == scope),
            (Err(error), KeyInUse::Stays) => return Err(error),
            (Err(_), KeyInUse::MayGo) => false,
        };
        if signs && in_use == KeyInUse::Stays {
            return Err(KeystoreError::InUse);
        }
        let removed = self.remove_for_good(scope, kid).await?;
        if removed
            && signs
            && let Some(next) = self.key_in_use(alg).await?
            && next.scope == scope
        {
            self.note_in_use(scope, &next.kid, now).await?;
        }
        Ok(removed)
    }

    /// The key that signs assertions by `alg`: the computer's before the user's, one that is held
    /// before one that can be taken away; of several the one that the note names, else the oldest.
    ///
    /// A keystore that fails is an error, never a reason to take a key of a later place.
    pub(crate) async fn signing_key(
        &self,
        alg: AssertionAlg,
    ) -> Result<Option<Box<dyn Signer>>, KeystoreError> {
        let used = self.signing_key_in_use(alg).await?;
        Ok(used.map(|(_, key)| key))
    }

    /// The same, with what [`key_in_use`](Self::key_in_use) tells of it.
    pub(crate) async fn signing_key_in_use(
        &self,
        alg: AssertionAlg,
    ) -> Result<Option<(KeyUsed, Box<dyn Signer>)>, KeystoreError> {
        let Some(place) = self.place_that_signs(alg).await? else {
            return Ok(None);
        };
        let Some(used) = place.used() else {
            return Ok(None);
        };
        let key: Option<Box<dyn Signer>> = match place.keys.into_iter().next() {
            Some(Candidate::Held(key)) => {
                let keystore = Arc::clone(&self.keystore);
                Some(Box::new(HeldSigner::new(keystore, *key)))
            }
            Some(Candidate::Stored(name)) => match self.stored_key(name).await? {
                Some(key) => Some(Box::new(key)),
                None => None,
            },
            None => None,
        };
        Ok(key.map(|key| (used, key)))
    }

    async fn place_that_signs(&self, alg: AssertionAlg) -> Result<Option<Place>, KeystoreError> {
        let Some((scope, mut keys)) = self.candidates(alg).await? else {
            return Ok(None);
        };
        let note = self.note(scope).await?;
        let named = |note: &InUse| keys.iter().position(|key| key.kid() == note.kid);
        let at = note.as_ref().and_then(named);
        if let Some(at) = at {
            keys[..=at].rotate_right(1);
        }
        let note = note.filter(|_| at.is_some());
        Ok(Some(Place { scope, keys, note }))
    }

    /// The keys of the first place that has any which fit, the oldest first.
    async fn candidates(
        &self,
        alg: AssertionAlg,
    ) -> Result<Option<(KeyScope, Vec<Candidate>)>, KeystoreError> {
        if let Some(keys) = self.keystore.held_keys() {
            for scope in [KeyScope::Machine, KeyScope::User] {
                let held = keys.list(scope).await?.into_iter();
                let held = held.filter(|key| key.kind.fits(alg));
                let held: Vec<_> = held.map(|key| Candidate::Held(Box::new(key))).collect();
                if !held.is_empty() {
                    return Ok(Some((scope, held)));
                }
            }
        }
        if !self.exportable_keys_count() {
            return Ok(None);
        }
        let stored = self.stored(KeyScope::User).await?.into_iter();
        let stored = stored.filter(|name| name.kind.fits(alg));
        let stored: Vec<_> = stored.map(Candidate::Stored).collect();
        Ok((!stored.is_empty()).then_some((KeyScope::User, stored)))
    }

    async fn note(&self, scope: KeyScope) -> Result<Option<InUse>, KeystoreError> {
        match (scope, self.keystore.held_keys()) {
            (KeyScope::Machine, Some(held)) => held.in_use().await,
            (KeyScope::Machine, None) => Ok(None),
            (KeyScope::User, _) => {
                let Some(note) = self.keystore.load(&Entry::KeyInUse).await? else {
                    return Ok(None);
                };
                let note = std::str::from_utf8(note.expose());
                InUse::parse(note.map_err(|_| KeystoreError::Damaged)?).map(Some)
            }
        }
    }

    async fn note_in_use(
        &self,
        scope: KeyScope,
        kid: &str,
        since: Time,
    ) -> Result<(), KeystoreError> {
        let note = InUse {
            kid: kid.to_owned(),
            since,
        };
        match (scope, self.keystore.held_keys()) {
            (KeyScope::Machine, Some(held)) => held.set_in_use(&note).await,
            (KeyScope::Machine, None) => Err(KeystoreError::NoMachineKeystore),
            (KeyScope::User, _) => {
                let note = SecretBytes::new(note.to_string().into_bytes());
                self.keystore.store(&Entry::KeyInUse, note).await
            }
        }
    }
}

#[cfg(test)]
mod tests;
