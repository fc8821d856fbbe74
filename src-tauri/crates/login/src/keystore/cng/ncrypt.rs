//! CNG itself.

use std::cell::OnceCell;
use std::io;

use cardea_win32::key::{
    Hash, Key, KeyAlgorithm, KeyOwner, KeyProvider, Padding, Provider, is_absent,
};
use cardea_win32::{Keepers, Rights, is_administrator};

use super::{Cng, CngKey, Holder, Place, note};
use crate::AssertionAlg;
use crate::keystore::{KeyKind, KeyScope};

/// What the names of the client's keys begin with.
const OF_CLIENT: &str = "Cardea signing key";

/// What the names of the workstation's begin with.
const OF_WORKSTATION: &str = "Cardea workstation key";

/// The computer's CNG, with what was opened of it.
#[derive(Debug)]
pub(in crate::keystore) struct Ncrypt {
    prefix: &'static str,
    tpm: OnceCell<Opened>,
    software: OnceCell<Opened>,
}

/// The provider, or the code of why there is none.
type Opened = Result<Provider, Option<i32>>;

impl Ncrypt {
    /// For the keys that sign client assertions.
    pub(in crate::keystore) fn of_client() -> Self {
        Self::with_names(OF_CLIENT)
    }

    /// For the keys by which a broker knows this computer.
    pub(in crate::keystore) fn of_workstation() -> Self {
        Self::with_names(OF_WORKSTATION)
    }

    fn with_names(prefix: &'static str) -> Self {
        Self {
            prefix,
            tpm: OnceCell::new(),
            software: OnceCell::new(),
        }
    }

    fn name(&self, place: Place) -> String {
        format!("{} {}", self.prefix, place.number)
    }

    fn provider(&self, holder: Holder) -> io::Result<&Provider> {
        let (cell, kind) = match holder {
            Holder::Tpm => (&self.tpm, KeyProvider::Platform),
            Holder::Software => (&self.software, KeyProvider::Software),
        };
        let open = || Provider::open(kind).map_err(|error| error.raw_os_error());
        cell.get_or_init(open).as_ref().map_err(|code| match code {
            Some(code) => io::Error::from_raw_os_error(*code),
            None => io::ErrorKind::Other.into(),
        })
    }
}

impl Cng for Ncrypt {
    type Key = Key;

    fn create(&self, place: Place, kind: KeyKind) -> io::Result<Key> {
        let algorithm = match kind {
            KeyKind::Rsa2048 => KeyAlgorithm::Rsa(2048),
            KeyKind::Rsa4096 => KeyAlgorithm::Rsa(4096),
            KeyKind::P256 => KeyAlgorithm::EcdsaP256,
        };
        let rights = match place.scope {
            KeyScope::Machine => Some(Rights::of_a_shared_key()),
            KeyScope::User => None,
        };
        let (owner, name) = (owner(place), self.name(place));
        self.provider(place.holder)?
            .create_key(owner, &name, algorithm, rights.as_ref())
    }

    fn open(&self, place: Place) -> io::Result<Option<Key>> {
        match self.provider(place.holder) {
            Ok(provider) => provider.open_key(owner(place), &self.name(place)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn note(&self) -> io::Result<Option<String>> {
        note::read(self.prefix)
    }

    fn keep_note(&self, note: &str) -> io::Result<()> {
        note::write(self.prefix, note)
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

    fn outsider(&self) -> io::Result<Option<&'static str>> {
        let outsider = Key::outsider(self, &Keepers::administrators())?;
        Ok(outsider.map(|outsider| outsider.who))
    }

    fn made_at(&self) -> io::Result<i64> {
        self.modified_at()
    }

    fn remove(self) -> io::Result<()> {
        Key::remove(self)
    }
}

fn owner(place: Place) -> KeyOwner {
    match place.scope {
        KeyScope::Machine => KeyOwner::Machine,
        KeyScope::User => KeyOwner::User,
    }
}
