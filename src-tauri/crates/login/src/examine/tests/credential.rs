//! What proves the client, or this computer.

use std::io;

use cardea_session::Time;

use super::*;
use crate::keystore::{PrivateKey, PublicKey, Signer};
use crate::{
    AssertionAlg, CertificateFiles, CreatedKey, Entry, HeldKey, HeldKeys, Holder, InUse, KeyKind,
    KeyName, KeyRequest, KeyScope, KeystoreAnswer, KeystoreError, Secret, SecretBytes, WantedHome,
};

fn settings(client_auth: ClientAuth) -> Settings {
    Settings {
        client_auth,
        assertion_alg: AssertionAlg::Es256,
        broker_url: "https://broker.example".to_owned(),
        ..Settings::default()
    }
}

fn with(client_auth: ClientAuth, keystore: Arc<dyn Keystore>) -> Examination {
    Examination::new(settings(client_auth), keystore, Arc::new(SystemClock))
}

const REQUEST: KeyRequest = KeyRequest {
    alg: AssertionAlg::Es256,
    kind: None,
    scope: KeyScope::User,
    home: WantedHome::Safest,
};

fn made_at() -> Time {
    Time::from_unix(1_760_000_000).unwrap()
}

#[tokio::test]
async fn a_key_that_signs_is_named() {
    let keystore = Arc::<MemoryKeystore>::default();
    let client = Credentials::new(keystore.clone());
    let (key, _) = client.create_key(REQUEST, made_at()).await.unwrap();
    let examination = with(ClientAuth::PrivateKeyJwt, keystore.clone());
    let found = CredentialFound::Key(KeyFound {
        kid: key.kid,
        scope: KeyScope::User,
        since: Some(made_at()),
        alg: AssertionAlg::Es256,
    });
    assert_eq!(examination.credential().await.works(), Some(&found));

    // A key of another kind is none, and neither is what a broker knows this computer by.
    let other = Settings {
        assertion_alg: AssertionAlg::Rs512,
        ..settings(ClientAuth::PrivateKeyJwt)
    };
    let other = Examination::new(other, keystore.clone(), Arc::new(SystemClock));
    let missing = other.credential().await;
    assert!(
        matches!(missing, Step::Fails(NoCredential::Missing)),
        "{missing:?}"
    );
    let missing = with(ClientAuth::Broker, keystore).credential().await;
    assert!(
        matches!(missing, Step::Fails(NoCredential::Missing)),
        "{missing:?}"
    );
}

#[tokio::test]
async fn a_secret_is_there_or_missing() {
    let keystore = Arc::<MemoryKeystore>::default();
    for client_auth in [ClientAuth::ClientSecretPost, ClientAuth::ClientSecretBasic] {
        let missing = with(client_auth, Arc::<MemoryKeystore>::default());
        let missing = missing.credential().await;
        assert!(
            matches!(missing, Step::Fails(NoCredential::Missing)),
            "{missing:?}"
        );
        let client = Credentials::new(keystore.clone());
        let secret = Secret::new("hunter2".to_owned());
        client.store_client_secret(&secret).await.unwrap();
        let found = with(client_auth, keystore.clone()).credential().await;
        assert_eq!(found.works(), Some(&CredentialFound::Secret));
        assert!(!format!("{found:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn what_a_broker_knows_this_computer_by_is_a_key_of_its_own() {
    let keystore = Arc::<MemoryKeystore>::default();
    let workstation = Credentials::of_workstation(keystore.clone());
    let (key, _) = workstation.create_key(REQUEST, made_at()).await.unwrap();
    let found = with(ClientAuth::Broker, keystore).credential().await;
    let Some(CredentialFound::OfWorkstation {
        key: Some(found),
        certificate: false,
    }) = found.works()
    else {
        panic!("{found:?}");
    };
    assert_eq!(found.kid, key.kid);
}

#[tokio::test]
async fn a_certificate_for_the_broker_that_cannot_be_shown_is_told() {
    let folder = tempfile::TempDir::new().unwrap();
    let broken = Settings {
        broker_certificate: Some(CertificateFiles {
            certificate: folder.path().join("missing.pem"),
            key: folder.path().join("missing.key"),
        }),
        ..settings(ClientAuth::Broker)
    };
    let keystore = Arc::<MemoryKeystore>::default();
    let examination = Examination::new(broken, keystore, Arc::new(SystemClock));
    let Step::Fails(NoCredential::Certificate(error)) = examination.credential().await else {
        panic!("it was accepted");
    };
    let says = error.to_string();
    assert!(
        says.starts_with("[cis2] broker_certificate cannot be read"),
        "{says}"
    );
    assert!(!says.contains("missing"), "{says}");
}

/// Answers every question alike.
struct Answering(Option<fn() -> KeystoreError>);

impl Answering {
    fn ask<T: Send + 'static>(&self) -> KeystoreAnswer<'_, T> {
        match self.0 {
            Some(error) => Box::pin(std::future::ready(Err(error()))),
            None => Box::pin(std::future::pending()),
        }
    }
}

impl Keystore for Answering {
    fn load<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        self.ask()
    }

    fn store<'a>(&'a self, _entry: &'a Entry, _secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        self.ask()
    }

    fn remove<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        self.ask()
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.ask()
    }
}

fn locked() -> KeystoreError {
    KeystoreError::Locked(Box::new(io::Error::other("x")))
}

fn absent() -> KeystoreError {
    KeystoreError::Unreachable(Box::new(io::Error::other("x")))
}

const ALL: [ClientAuth; 4] = [
    ClientAuth::PrivateKeyJwt,
    ClientAuth::ClientSecretPost,
    ClientAuth::ClientSecretBasic,
    ClientAuth::Broker,
];

#[tokio::test]
async fn a_keystore_that_is_locked_or_absent_says_so() {
    for (error, says) in [
        (locked as fn() -> KeystoreError, "the keystore is locked"),
        (absent, "the keystore cannot be reached"),
    ] {
        for client_auth in ALL {
            let examination = with(client_auth, Arc::new(Answering(Some(error))));
            let Step::Fails(NoCredential::Keystore(error)) = examination.credential().await else {
                panic!("{client_auth:?}: it was found");
            };
            assert_eq!(error.to_string(), says);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_keystore_that_does_not_answer_is_given_up() {
    for client_auth in ALL {
        let examination = with(client_auth, Arc::new(Answering(None)));
        let credential = examination.credential().await;
        let late = matches!(credential, Step::Fails(NoCredential::TimedOut));
        assert!(late, "{credential:?}");
    }
}

#[tokio::test]
async fn an_entry_that_is_damaged_is_no_credential() {
    let keystore = Arc::<MemoryKeystore>::default();
    let entry = Entry::PrivateKey(KeyName {
        created_at: made_at(),
        kind: KeyKind::P256,
        kid: "kid".to_owned(),
    });
    let rubbish = SecretBytes::new(b"rubbish".to_vec());
    keystore.store(&entry, rubbish).await.unwrap();
    let credential = with(ClientAuth::PrivateKeyJwt, keystore).credential().await;
    let damaged = matches!(
        credential,
        Step::Fails(NoCredential::Keystore(KeystoreError::Damaged))
    );
    assert!(damaged, "{credential:?}");
}

/// Holds one key, which signs with rubbish.
struct Rubbish(HeldKey);

impl HeldKeys for Rubbish {
    fn create(&self, _request: KeyRequest) -> KeystoreAnswer<'_, CreatedKey> {
        Box::pin(std::future::pending())
    }

    fn list(&self, scope: KeyScope) -> KeystoreAnswer<'_, Vec<HeldKey>> {
        let keys = match scope {
            KeyScope::Machine => vec![self.0.clone()],
            KeyScope::User => Vec::new(),
        };
        Box::pin(std::future::ready(Ok(keys)))
    }

    fn remove(&self, _key: &HeldKey) -> KeystoreAnswer<'_, bool> {
        Box::pin(std::future::pending())
    }

    fn in_use(&self) -> KeystoreAnswer<'_, Option<InUse>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn set_in_use(&self, _in_use: &InUse) -> KeystoreAnswer<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn sign(
        &self,
        _key: &HeldKey,
        _alg: AssertionAlg,
        _message: &[u8],
    ) -> KeystoreAnswer<'_, Vec<u8>> {
        Box::pin(std::future::ready(Ok(b"rubbish".to_vec())))
    }
}

/// A keystore as Windows has it, with that key.
struct Holding(Rubbish);

impl Keystore for Holding {
    fn load<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn store<'a>(&'a self, _entry: &'a Entry, _secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        Box::pin(std::future::pending())
    }

    fn remove<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        Box::pin(std::future::pending())
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn held_keys(&self) -> Option<&dyn HeldKeys> {
        Some(&self.0)
    }

    fn workstation_keys(&self) -> Option<&dyn HeldKeys> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn the_key_that_would_sign_for_a_login_is_tried() {
    let public = made().public_key().clone();
    for client_auth in [ClientAuth::PrivateKeyJwt, ClientAuth::Broker] {
        let key = HeldKey {
            scope: KeyScope::Machine,
            holder: Holder::Software,
            number: 1,
            kind: KeyKind::P256,
            public: public.clone(),
            created_at: None,
        };
        let examination = with(client_auth, Arc::new(Holding(Rubbish(key))));
        let wrong = examination.credential().await;
        let is_named = matches!(
            &wrong,
            Step::Fails(NoCredential::WrongSignature { kid }) if *kid == public.kid()
        );
        assert!(is_named, "{wrong:?}");
    }
}

fn made() -> PrivateKey {
    let pkcs8 = PrivateKey::generate(KeyKind::P256).unwrap();
    PrivateKey::from_pkcs8(KeyKind::P256, &pkcs8).unwrap()
}

/// A key whose signatures are another's, or none.
struct Odd {
    public: PublicKey,
    signs: Option<PrivateKey>,
}

impl Signer for Odd {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign<'a>(&'a self, alg: AssertionAlg, message: &'a [u8]) -> crate::keystore::SignAnswer<'a> {
        let signed = match &self.signs {
            Some(key) => key.sign_now(alg, message),
            None => Err(SignError::Failed),
        };
        Box::pin(std::future::ready(signed))
    }
}

#[tokio::test]
async fn a_key_counts_only_when_it_signs_and_its_public_half_verifies_that() {
    let key = made();
    let public = key.public_key().clone();
    let odd = |signs| Odd {
        public: public.clone(),
        signs,
    };
    let alg = AssertionAlg::Es256;
    let tried = async |odd: Odd| super::super::credential::try_out(&odd, alg).await;
    assert!(tried(odd(Some(key))).await.is_ok());
    let none = tried(odd(None)).await;
    assert!(
        matches!(none, Err(NoCredential::NotSigned { .. })),
        "{none:?}"
    );
    let wrong = tried(odd(Some(made()))).await;
    let wrong_signature = matches!(
        &wrong,
        Err(NoCredential::WrongSignature { kid }) if *kid == public.kid()
    );
    assert!(wrong_signature, "{wrong:?}");
}
