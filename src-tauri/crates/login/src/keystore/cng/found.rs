//! Which keys there are. They are looked for by their numbers: a list of the computer's keys need
//! not be shown to everybody who may use one of them.

use cardea_session::Time;

use super::blob;
use super::{Cng, CngKey, Holder, Place};
use crate::keystore::{HeldKey, KeyScope, KeystoreError, PublicKey};

/// The highest number of a key.
const HIGHEST: u8 = 32;

/// The keys of one scope, and the first failure on the way.
pub(super) struct Found {
    keys: Vec<HeldKey>,
    failure: Option<KeystoreError>,
}

impl Found {
    /// Looks everywhere.
    pub(super) fn look<C: Cng>(cng: &C, scope: KeyScope) -> Self {
        let mut found = Self {
            keys: Vec::new(),
            failure: None,
        };
        for number in 1..=HIGHEST {
            for holder in [Holder::Tpm, Holder::Software] {
                let place = Place {
                    holder,
                    scope,
                    number,
                };
                match look_at(cng, place) {
                    Ok(Some(key)) => found.keys.push(key),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::debug!(%error, number, "a place for a key cannot be looked at");
                        found.failure.get_or_insert(error);
                    }
                }
            }
        }
        found
    }

    /// The keys, the oldest first.
    ///
    /// # Errors
    /// A failure, when it may be why there is none.
    pub(super) fn into_keys(self) -> Result<Vec<HeldKey>, KeystoreError> {
        match self.failure {
            Some(failure) if self.keys.is_empty() => Err(failure),
            Some(_) | None => Ok(self.keys),
        }
    }

    /// The number of the next key.
    ///
    /// # Errors
    /// When the newest key has the highest number.
    pub(super) fn next_number(&self) -> Result<u8, KeystoreError> {
        match self.keys.last().map_or(0, |key| key.number) {
            HIGHEST => Err(KeystoreError::Refused(
                "it has no number left after that of the newest key; remove that one first",
            )),
            number => Ok(number + 1),
        }
    }
}

/// The public half of an open key.
pub(super) fn public_key<K: CngKey>(key: &K, holder: Holder) -> Result<PublicKey, KeystoreError> {
    let blob = key.public_blob().map_err(holder.failed())?;
    blob::public_key(&blob).ok_or(KeystoreError::Damaged)
}

/// An open key as it is listed.
pub(super) fn describe<K: CngKey>(key: &K, place: Place) -> Result<HeldKey, KeystoreError> {
    let public = public_key(key, place.holder)?;
    let made_at = key.made_at().ok();
    Ok(HeldKey {
        scope: place.scope,
        holder: place.holder,
        number: place.number,
        kind: public.kind().ok_or(KeystoreError::Damaged)?,
        public,
        created_at: made_at.and_then(|seconds| Time::from_unix(seconds).ok()),
    })
}

fn look_at<C: Cng>(cng: &C, place: Place) -> Result<Option<HeldKey>, KeystoreError> {
    match cng.open(place).map_err(place.holder.failed())? {
        Some(key) => describe(&key, place).map(Some),
        None => Ok(None),
    }
}
