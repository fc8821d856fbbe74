//! A CNG for tests, whose keys are ours, with a TPM that may lack something.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use super::{Cng, CngKey, Holder, Place, blob};
use crate::keystore::{KeyKind, KeyScope, PrivateKey, Signer as _};
use crate::{AssertionAlg, SecretBytes};

/// The keys that there are, in the order in which they were made.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<FakeKey>>>);

impl Kept {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<FakeKey>) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }
}

/// The note of which of the computer's keys signs.
#[derive(Clone, Default)]
struct Note(Arc<Mutex<Option<String>>>);

impl Note {
    fn with<T>(&self, work: impl FnOnce(&mut Option<String>) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }
}

/// The CNG.
#[derive(Clone, Default)]
pub(in crate::keystore) struct FakeCng {
    kept: Kept,
    note: Note,
    tpm: FakeTpm,
    user: FakeUser,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::keystore) enum FakeTpm {
    #[default]
    Complete,
    /// Has no longer RSA keys, as most.
    Only2048,
    /// Makes keys, and does not know SHA-512.
    OnlySha256,
    /// Makes keys, and signs something else.
    Wrong,
    /// Makes keys, signs something else, and does not forget them.
    WrongForEver,
    /// Fails at everything.
    Broken,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::keystore) enum FakeUser {
    #[default]
    Administrator,
    Other,
}

#[derive(Clone)]
pub(in crate::keystore) struct FakeKey {
    pkcs8: SecretBytes,
    kind: KeyKind,
    place: Place,
    tpm: FakeTpm,
    kept: Kept,
    outsider: Option<&'static str>,
}

pub(in crate::keystore) fn broken() -> io::Error {
    io::Error::other("it does not feel well")
}

/// RSA keys take long to make, so there is one of each size.
fn pkcs8(kind: KeyKind) -> SecretBytes {
    static RSA: [OnceLock<SecretBytes>; 2] = [OnceLock::new(), OnceLock::new()];
    let make = || PrivateKey::generate(kind).unwrap();
    match kind {
        KeyKind::Rsa2048 => RSA[0].get_or_init(make).clone(),
        KeyKind::Rsa4096 => RSA[1].get_or_init(make).clone(),
        KeyKind::P256 => make(),
    }
}

impl FakeCng {
    pub(in crate::keystore) fn with_tpm(tpm: FakeTpm) -> Self {
        Self {
            tpm,
            ..Self::default()
        }
    }

    /// For each call the same.
    pub(in crate::keystore) fn kept(self) -> impl Fn() -> Self + Clone + Send + Sync + 'static {
        move || self.clone()
    }

    /// The same keys as somebody else sees them.
    pub(in crate::keystore) fn asked_by(self, user: FakeUser) -> Self {
        Self { user, ..self }
    }

    /// Somebody who is no administrator makes a key of the computer's.
    pub(in crate::keystore) fn plant(&self, number: u8) {
        let place = Place {
            holder: Holder::Software,
            scope: KeyScope::Machine,
            number,
        };
        let mut key = self.create(place, KeyKind::Rsa2048).unwrap();
        key.outsider = Some("another user or group");
        self.kept.with(|kept| *kept.last_mut().unwrap() = key);
    }

    /// Where there are keys, in the order in which they were made.
    pub(in crate::keystore) fn places(&self) -> Vec<Place> {
        self.kept
            .with(|kept| kept.iter().map(|key| key.place).collect())
    }
}

impl Cng for FakeCng {
    type Key = FakeKey;

    fn create(&self, place: Place, kind: KeyKind) -> io::Result<FakeKey> {
        if place.holder == Holder::Tpm {
            let is_too_long = self.tpm == FakeTpm::Only2048 && kind == KeyKind::Rsa4096;
            if self.tpm == FakeTpm::Broken || is_too_long {
                return Err(broken());
            }
        }
        let key = FakeKey {
            pkcs8: pkcs8(kind),
            kind,
            place,
            tpm: self.tpm,
            kept: self.kept.clone(),
            outsider: None,
        };
        self.kept.with(|kept| kept.push(key.clone()));
        Ok(key)
    }

    fn open(&self, place: Place) -> io::Result<Option<FakeKey>> {
        if place.holder == Holder::Tpm && self.tpm == FakeTpm::Broken {
            return Err(broken());
        }
        Ok(self
            .kept
            .with(|kept| kept.iter().find(|key| key.place == place).cloned()))
    }

    fn note(&self) -> io::Result<Option<String>> {
        Ok(self.note.with(|note| note.clone()))
    }

    fn keep_note(&self, note: &str) -> io::Result<()> {
        let new = Some(note.to_owned());
        self.note.with(|note| *note = new);
        Ok(())
    }

    fn is_administrator(&self) -> io::Result<bool> {
        Ok(self.user == FakeUser::Administrator)
    }
}

impl FakeKey {
    fn key(&self) -> PrivateKey {
        PrivateKey::from_pkcs8(self.kind, &self.pkcs8).unwrap()
    }
}

impl CngKey for FakeKey {
    fn public_blob(&self) -> io::Result<Vec<u8>> {
        Ok(blob::written(self.key().public_key()))
    }

    fn sign(&self, alg: AssertionAlg, hash: &[u8]) -> io::Result<Vec<u8>> {
        let mut signature = self.key().sign_hash(alg, hash);
        if self.place.holder == Holder::Tpm {
            match self.tpm {
                FakeTpm::OnlySha256 if hash.len() > 32 => return Err(broken()),
                FakeTpm::Wrong | FakeTpm::WrongForEver => signature[9] ^= 1,
                FakeTpm::Complete | FakeTpm::Only2048 | FakeTpm::OnlySha256 | FakeTpm::Broken => {}
            }
        }
        Ok(signature)
    }

    fn outsider(&self) -> io::Result<Option<&'static str>> {
        Ok(self.outsider)
    }

    fn made_at(&self) -> io::Result<i64> {
        Ok(1_760_000_000 + i64::from(self.place.number))
    }

    fn remove(self) -> io::Result<()> {
        if self.tpm == FakeTpm::WrongForEver {
            return Err(broken());
        }
        self.kept
            .with(|kept| kept.retain(|key| key.place != self.place));
        Ok(())
    }
}
