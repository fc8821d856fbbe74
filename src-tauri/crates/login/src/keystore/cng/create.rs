//! A new key: the candidates in order, and the trial that each has to pass.

use super::found::{Found, describe};
use super::{Cng, CngKey, Holder, Place, check_may_change, sign};
use crate::AssertionAlg;
use crate::keystore::{CreatedKey, HeldKey, KeyKind, KeyRequest, KeystoreError};

/// What a key has to sign before it is taken.
const TRIAL: &[u8] = b"A key that cannot sign is of no use.";

/// Makes the first key of the candidates that can be had and signs as it has to.
///
/// # Errors
/// When there is none, with what Windows itself says of the last.
pub(super) fn create<C: Cng>(cng: &C, request: KeyRequest) -> Result<CreatedKey, KeystoreError> {
    check_may_change(cng, request.scope)?;
    let number = Found::look(cng, request.scope).next_number()?;
    let mut why_not_tpm = None;
    let mut last = KeystoreError::Generation;
    for (holder, kind) in candidates(request.alg, request.kind) {
        let place = Place {
            holder,
            scope: request.scope,
            number,
        };
        match made(cng, place, kind, request.alg)? {
            Ok(key) => {
                let why_not_tpm = why_not_tpm.filter(|_| holder != Holder::Tpm);
                return Ok(CreatedKey { key, why_not_tpm });
            }
            Err(refused) => {
                tracing::debug!(error = %refused, kind = kind.as_str(), "no such key");
                if holder == Holder::Tpm {
                    why_not_tpm = Some(refused.to_string());
                }
                last = refused;
            }
        }
    }
    Err(last)
}

/// Most TPMs have no RSA keys of more than 2048 bits. One of those that cannot be copied is worth
/// more than a longer one in a file, and JWA asks for no more (RFC 7518, section 3.3).
fn candidates(alg: AssertionAlg, asked: Option<KeyKind>) -> Vec<(Holder, KeyKind)> {
    let strongest = KeyKind::strongest_for(alg);
    match (asked, strongest) {
        (None, KeyKind::Rsa4096) => vec![
            (Holder::Tpm, KeyKind::Rsa4096),
            (Holder::Tpm, KeyKind::Rsa2048),
            (Holder::Software, KeyKind::Rsa4096),
        ],
        (asked, strongest) => {
            let kind = asked.unwrap_or(strongest);
            vec![(Holder::Tpm, kind), (Holder::Software, kind)]
        }
    }
}

/// A key that passed, or why there is none at this place. One that did not pass must not stay: it
/// would be the oldest, and sign.
fn made<C: Cng>(
    cng: &C,
    place: Place,
    kind: KeyKind,
    alg: AssertionAlg,
) -> Result<Result<HeldKey, KeystoreError>, KeystoreError> {
    let key = match cng.create(place, kind) {
        Ok(key) => key,
        Err(error) => return Ok(Err(place.holder.failed()(error))),
    };
    match passed(&key, place, kind, alg) {
        Ok(key) => Ok(Ok(key)),
        Err(refused) => {
            key.remove().map_err(|_| KeystoreError::LeftBehind {
                holder: place.holder.in_words(),
            })?;
            Ok(Err(refused))
        }
    }
}

fn passed<K: CngKey>(
    key: &K,
    place: Place,
    kind: KeyKind,
    alg: AssertionAlg,
) -> Result<HeldKey, KeystoreError> {
    let held = describe(key, place)?;
    if held.kind != kind {
        return Err(KeystoreError::Damaged);
    }
    let hash = sign::hash(alg, TRIAL);
    let signature = sign::sign_with(key, place.holder, alg, &hash)?;
    if !held.public.verifies(alg, TRIAL, &signature) {
        return Err(sign::wrong_signature(place.holder, alg));
    }
    Ok(held)
}
