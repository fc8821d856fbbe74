//! Signatures by keys that CNG holds. It gets the hash and not the message.

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};

use super::{Cng, CngKey, Holder, Place};
use crate::AssertionAlg;
use crate::keystore::KeystoreError;

/// `r` and `s` of ES256, of 32 bytes each, one after the other: CNG writes them as a JWS does
/// (RFC 7518, section 3.4), not in DER.
const ES256_LENGTH: usize = 64;

/// What the algorithm signs of the message.
pub(super) fn hash(alg: AssertionAlg, message: &[u8]) -> Vec<u8> {
    let algorithm = match alg {
        AssertionAlg::Rs256 | AssertionAlg::Ps256 | AssertionAlg::Es256 => &SHA256,
        AssertionAlg::Rs384 => &SHA384,
        AssertionAlg::Rs512 => &SHA512,
    };
    digest(algorithm, message).as_ref().to_vec()
}

pub(super) fn sign<C: Cng>(
    cng: &C,
    place: Place,
    alg: AssertionAlg,
    hash: &[u8],
) -> Result<Vec<u8>, KeystoreError> {
    let key = cng.open(place).map_err(place.holder.failed())?;
    let key = key.ok_or(KeystoreError::Refused("the key is gone"))?;
    sign_with(&key, place.holder, alg, hash)
}

pub(super) fn sign_with<K: CngKey>(
    key: &K,
    holder: Holder,
    alg: AssertionAlg,
    hash: &[u8],
) -> Result<Vec<u8>, KeystoreError> {
    let signature = key.sign(alg, hash).map_err(holder.failed())?;
    if alg == AssertionAlg::Es256 && signature.len() != ES256_LENGTH {
        return Err(wrong_signature(holder, alg));
    }
    Ok(signature)
}

pub(super) fn wrong_signature(holder: Holder, alg: AssertionAlg) -> KeystoreError {
    KeystoreError::WrongSignature {
        holder: holder.in_words(),
        alg: alg.as_str(),
    }
}
