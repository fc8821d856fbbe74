//! CNG itself.

use std::io;

use cardea_win32::key::{Hash, Key, KeyAlgorithm, KeyOwner, KeyPlace, KeyProvider, Padding};
use cardea_win32::{Rights, is_administrator};

use super::{Cng, CngKey, Holder, Place};
use crate::AssertionAlg;
use crate::keystore::{KeyKind, KeyScope};

/// What the names of our keys begin with.
const PREFIX: &str = "Cardea signing key";

/// The computer's CNG.
#[derive(Debug)]
pub(in crate::keystore) struct Ncrypt;

impl Cng for Ncrypt {
    type Key = Key;

    fn create(&self, place: Place, kind: KeyKind) -> io::Result<Key> {
        let algorithm = match kind {
            KeyKind::Rsa2048 => KeyAlgorithm::Rsa(2048),
            KeyKind::Rsa4096 => KeyAlgorithm::Rsa(4096),
            KeyKind::P256 => KeyAlgorithm::EcdsaP256,
        };
        at(place, |place, rights| Key::create(place, algorithm, rights))
    }

    fn open(&self, place: Place) -> io::Result<Option<Key>> {
        at(place, |place, _| Key::open(place))
    }

    fn is_administrator(&self) -> io::Result<bool> {
        is_administrator()
    }
}

impl CngKey for Key {
    fn public_blob(&self) -> io::Result<Vec<u8>> {
        self.public_blob()
    }

    fn sign(&self, alg: AssertionAlg, hash: &[u8]) -> io::Result<Vec<u8>> {
        let padding = match alg {
            AssertionAlg::Rs256 => Padding::Pkcs1(Hash::Sha256),
            AssertionAlg::Rs384 => Padding::Pkcs1(Hash::Sha384),
            AssertionAlg::Rs512 => Padding::Pkcs1(Hash::Sha512),
            AssertionAlg::Ps256 => Padding::Pss(Hash::Sha256),
            AssertionAlg::Es256 => Padding::None,
        };
        self.sign(hash, padding)
    }

    fn made_at(&self) -> io::Result<i64> {
        self.modified_at()
    }

    fn remove(self) -> io::Result<()> {
        Key::remove(self)
    }
}

/// A place by its name, with the rights of a key that is made there.
fn at<T>(
    place: Place,
    call: impl FnOnce(&KeyPlace<'_>, Option<&Rights>) -> io::Result<T>,
) -> io::Result<T> {
    let rights = match place.scope {
        KeyScope::Machine => Some(Rights::of_a_shared_key()),
        KeyScope::User => None,
    };
    let named = KeyPlace {
        provider: match place.holder {
            Holder::Tpm => KeyProvider::Platform,
            Holder::Software => KeyProvider::Software,
        },
        owner: match place.scope {
            KeyScope::Machine => KeyOwner::Machine,
            KeyScope::User => KeyOwner::User,
        },
        name: &format!("{PREFIX} {}", place.number),
    };
    call(&named, rights.as_ref())
}
