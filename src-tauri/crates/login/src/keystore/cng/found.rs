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
    /// Numbers of keys that are not the administrators': of no use, and in the way.
    foreign: Vec<u8>,
    failure: Option<KeystoreError>,
}

impl Found {
    /// Looks everywhere.
    pub(super) fn look<C: Cng>(cng: &C, scope: KeyScope) -> Self {
        let mut found = Self {
            keys: Vec::new(),
            foreign: Vec::new(),
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
                    Ok(Looked::Key(key)) => found.keys.push(key),
                    Ok(Looked::Foreign) => found.foreign.push(number),
                    Ok(Looked::Nothing) => {}
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
    /// When there is none after that of the newest key.
    pub(super) fn next_number(&self) -> Result<u8, KeystoreError> {
        let newest = self.keys.last().map_or(0, |key| key.number);
        (newest + 1..=HIGHEST)
            .find(|number| !self.foreign.contains(number))
            .ok_or(KeystoreError::Refused(
                "it has no number left after that of the newest key; remove that one first",
            ))
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

/// What is at a place.
enum Looked {
    Key(HeldKey),
    /// Everybody may make keys of the computer's. One that an administrator has not made must not
    /// come into what is registered with CIS2: whoever made it may have kept a copy.
    Foreign,
    Nothing,
}

fn look_at<C: Cng>(cng: &C, place: Place) -> Result<Looked, KeystoreError> {
    let failed = place.holder.failed();
    let Some(key) = cng.open(place).map_err(failed)? else {
        return Ok(Looked::Nothing);
    };
    if place.scope == KeyScope::Machine
        && let Some(who) = key.outsider().map_err(place.holder.failed())?
    {
        let number = place.number;
        tracing::warn!(
            who,
            number,
            "a key of this computer is not the administrators'"
        );
        return Ok(Looked::Foreign);
    }
    describe(&key, place).map(Looked::Key)
}
