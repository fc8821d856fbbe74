//! Public keys as CNG writes them: `BCRYPT_RSAKEY_BLOB` and `BCRYPT_ECCKEY_BLOB` (bcrypt.h), numbers
//! of four bytes with the lowest byte first, then the key's own with the highest first.

use crate::keystore::PublicKey;

const RSA_PUBLIC: &[u8; 4] = b"RSA1";
const ECDSA_P256_PUBLIC: &[u8; 4] = b"ECS1";

/// Reads one; none when it is anything else.
pub(super) fn public_key(blob: &[u8]) -> Option<PublicKey> {
    let (magic, rest) = blob.split_first_chunk()?;
    match magic {
        RSA_PUBLIC => rsa(rest),
        ECDSA_P256_PUBLIC => {
            let (length, coordinates) = number(rest)?;
            if length != 32 {
                return None;
            }
            PublicKey::p256(coordinates)
        }
        _ => None,
    }
}

fn rsa(rest: &[u8]) -> Option<PublicKey> {
    let (_bits, rest) = number(rest)?;
    let (exponent_length, rest) = number(rest)?;
    let (modulus_length, rest) = number(rest)?;
    // The lengths of the primes, which a public key does not have.
    let (_first, rest) = number(rest)?;
    let (_second, rest) = number(rest)?;
    let (exponent, rest) = rest.split_at_checked(exponent_length)?;
    let (modulus, rest) = rest.split_at_checked(modulus_length)?;
    if !rest.is_empty() {
        return None;
    }
    Some(PublicKey::Rsa {
        modulus: without_leading_zeros(modulus)?,
        exponent: without_leading_zeros(exponent)?,
    })
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    let number = usize::try_from(u32::from_le_bytes(*number)).ok()?;
    Some((number, rest))
}

/// None for zero.
fn without_leading_zeros(number: &[u8]) -> Option<Vec<u8>> {
    let first = number.iter().position(|byte| *byte != 0)?;
    Some(number[first..].to_vec())
}

/// What [`public_key`] reads.
#[cfg(test)]
pub(super) fn written(key: &PublicKey) -> Vec<u8> {
    match key {
        PublicKey::Rsa { modulus, exponent } => {
            let mut blob = RSA_PUBLIC.to_vec();
            for length in [modulus.len() * 8, exponent.len(), modulus.len(), 0, 0] {
                blob.extend((length as u32).to_le_bytes());
            }
            [blob.as_slice(), exponent, modulus].concat()
        }
        PublicKey::P256 { x, y } => {
            let mut blob = ECDSA_P256_PUBLIC.to_vec();
            blob.extend(32_u32.to_le_bytes());
            [blob.as_slice(), x, y].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rsa_key() -> PublicKey {
        PublicKey::Rsa {
            modulus: vec![0xc3; 256],
            exponent: vec![1, 0, 1],
        }
    }

    #[test]
    fn public_keys_are_read_as_cng_writes_them() {
        let p256 = PublicKey::P256 {
            x: [0; 32],
            y: [9; 32],
        };
        for key in [rsa_key(), p256] {
            let blob = written(&key);
            assert_eq!(public_key(&blob), Some(key));
            assert_eq!(public_key(&blob[..blob.len() - 1]), None);
            assert_eq!(public_key(&[blob.as_slice(), &[0]].concat()), None);
        }
    }

    #[test]
    fn leading_zeros_do_not_change_the_name_of_a_key() {
        let padded = PublicKey::Rsa {
            modulus: [&[0, 0], [0xc3; 256].as_slice()].concat(),
            exponent: vec![0, 1, 0, 1],
        };
        let read = public_key(&written(&padded)).unwrap();
        assert_eq!(read, rsa_key());
    }

    #[test]
    fn private_keys_and_other_curves_are_not_read() {
        for magic in [b"RSA2", b"RSA3", b"ECS2", b"ECS3", b"ECK1"] {
            let mut blob = written(&rsa_key());
            blob[..4].copy_from_slice(magic);
            assert_eq!(public_key(&blob), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(magic in prop::sample::select(vec![*RSA_PUBLIC, *ECDSA_P256_PUBLIC]),
                                rest in prop::collection::vec(any::<u8>(), 0..200)) {
            let _key = public_key(&[magic.as_slice(), &rest].concat());
        }
    }
}
