use super::*;
use crate::MemoryKeystore;
use crate::keystore::cng::CngKeys;
use crate::keystore::cng::fake::{FakeCng, FakeTpm};
use crate::keystore::{KeyHome, WithHeldKeys};

pub(in crate::keystore) fn with_held_keys(tpm: FakeTpm) -> Credentials {
    Credentials::new(Arc::new(WithHeldKeys {
        secrets: MemoryKeystore::default(),
        keys: Arc::new(CngKeys::new(FakeCng::with_tpm(tpm).kept()).unwrap()),
        workstation_keys: None,
    }))
}

pub(in crate::keystore) fn request(alg: AssertionAlg, kind: KeyKind) -> KeyRequest {
    KeyRequest {
        alg,
        kind: Some(kind),
        scope: KeyScope::User,
        home: WantedHome::Safest,
    }
}

/// Makes a key, as at that time.
pub(in crate::keystore) async fn made(
    credentials: &Credentials,
    kind: KeyKind,
    seconds: i64,
) -> KeyDescription {
    let alg = match kind {
        KeyKind::Rsa2048 | KeyKind::Rsa4096 => AssertionAlg::Rs256,
        KeyKind::P256 => AssertionAlg::Es256,
    };
    let made = credentials.create_key(request(alg, kind), at(seconds));
    made.await.unwrap().0
}

pub(in crate::keystore) fn credentials() -> Credentials {
    Credentials::new(Arc::new(MemoryKeystore::default()))
}

pub(in crate::keystore) fn at(seconds: i64) -> Time {
    Time::from_unix(seconds).unwrap()
}

#[tokio::test]
async fn the_client_secret_is_kept_replaced_and_removed() {
    let credentials = credentials();
    assert!(credentials.client_secret().await.unwrap().is_none());
    for text in ["first", "second"] {
        let secret = Secret::new(text.to_owned());
        credentials.store_client_secret(&secret).await.unwrap();
        assert!(credentials.client_secret().await.unwrap().unwrap().is(text));
    }
    assert!(credentials.remove_client_secret().await.unwrap());
    assert!(!credentials.remove_client_secret().await.unwrap());
}

#[tokio::test]
async fn the_oldest_key_that_fits_signs_until_it_is_removed() {
    let credentials = credentials();
    let other = made(&credentials, KeyKind::Rsa2048, 1).await;
    let new = made(&credentials, KeyKind::P256, 3).await;
    let old = made(&credentials, KeyKind::P256, 2).await;
    let signing = async || {
        let key = credentials.signing_key(AssertionAlg::Es256).await.unwrap();
        key.map(|key| key.public_key().kid())
    };
    let user = KeyScope::User;
    assert_eq!(signing().await.as_ref(), Some(&old.kid));
    assert!(credentials.remove_for_good(user, &old.kid).await.unwrap());
    assert!(!credentials.remove_for_good(user, &old.kid).await.unwrap());
    assert_eq!(signing().await.as_ref(), Some(&new.kid));
    assert_eq!(credentials.keys(user).await.unwrap(), [other, new]);
}

#[tokio::test]
async fn all_public_halves_are_exported() {
    let credentials = credentials();
    let one = made(&credentials, KeyKind::P256, 1).await;
    let two = made(&credentials, KeyKind::P256, 2).await;
    let jwks = credentials
        .public_jwks(KeyScope::User, AssertionAlg::Es256)
        .await
        .unwrap();
    let kids: Vec<_> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kid"])
        .collect();
    assert_eq!(kids, [&one.kid, &two.kid]);
    assert!(!jwks.to_string().contains("\"d\""));
}

/// Which key signs ES256.
pub(in crate::keystore) async fn signing(credentials: &Credentials) -> Option<String> {
    let key = credentials.signing_key(AssertionAlg::Es256).await.unwrap();
    key.map(|key| key.public_key().kid())
}

#[tokio::test]
async fn the_computers_key_signs_before_the_users_and_a_held_one_before_an_exportable_one() {
    let credentials = with_held_keys(FakeTpm::Complete).with_exportable_keys();
    let asked = |scope, home| KeyRequest {
        scope,
        home,
        ..request(AssertionAlg::Es256, KeyKind::P256)
    };
    let mut kids = Vec::new();
    for (request, home) in [
        (
            asked(KeyScope::User, WantedHome::Exportable),
            KeyHome::Keystore,
        ),
        (asked(KeyScope::User, WantedHome::Safest), KeyHome::Tpm),
        (asked(KeyScope::Machine, WantedHome::Safest), KeyHome::Tpm),
    ] {
        let (key, _) = credentials.create_key(request, at(1)).await.unwrap();
        assert_eq!((key.home, key.scope), (home, request.scope));
        assert_eq!(signing(&credentials).await.as_ref(), Some(&key.kid));
        kids.push((request.scope, key.kid));
    }
    let users = credentials.keys(KeyScope::User).await.unwrap();
    assert_eq!([&users[0].kid, &users[1].kid], [&kids[1].1, &kids[0].1]);
    for (scope, kid) in kids.iter().rev() {
        assert_eq!(signing(&credentials).await.as_ref(), Some(kid));
        let jwks = credentials.public_jwks(*scope, AssertionAlg::Es256).await;
        assert!(jwks.unwrap().to_string().contains(kid));
        assert!(credentials.remove_for_good(*scope, kid).await.unwrap());
    }
    assert_eq!(signing(&credentials).await, None);
}

#[tokio::test]
async fn without_leave_no_exportable_key_is_made_or_used() {
    let allowed = with_held_keys(FakeTpm::Complete).with_exportable_keys();
    let exportable = KeyRequest {
        home: WantedHome::Exportable,
        ..request(AssertionAlg::Es256, KeyKind::P256)
    };
    allowed.create_key(exportable, at(1)).await.unwrap();
    assert!(signing(&allowed).await.is_some());

    let refusing = Credentials {
        exportable: ExportableKeys::Refused,
        ..allowed
    };
    assert_eq!(signing(&refusing).await, None);
    let refused = refusing.create_key(exportable, at(2)).await;
    assert!(matches!(refused, Err(KeystoreError::ExportableNotAllowed)));
}

#[tokio::test]
async fn a_tpm_that_fails_is_not_replaced_by_an_exportable_key() {
    let credentials = with_held_keys(FakeTpm::Broken).with_exportable_keys();
    let exportable = KeyRequest {
        home: WantedHome::Exportable,
        ..request(AssertionAlg::Es256, KeyKind::P256)
    };
    credentials.create_key(exportable, at(1)).await.unwrap();
    let failed = credentials.signing_key(AssertionAlg::Es256).await;
    assert!(matches!(failed.err(), Some(KeystoreError::Holder { .. })));
}

#[tokio::test]
async fn a_keystore_of_users_has_nothing_of_the_computers() {
    let credentials = credentials();
    let machine = KeyRequest {
        scope: KeyScope::Machine,
        ..request(AssertionAlg::Es256, KeyKind::P256)
    };
    let refused = credentials.create_key(machine, at(1)).await;
    assert!(matches!(refused, Err(KeystoreError::NoMachineKeystore)));
    let refused = credentials.keys(KeyScope::Machine).await;
    assert!(matches!(refused, Err(KeystoreError::NoMachineKeystore)));
}

#[tokio::test]
async fn a_key_signs_only_what_it_fits() {
    let other = request(AssertionAlg::Es256, KeyKind::Rsa2048);
    let refused = credentials().create_key(other, at(1)).await;
    assert!(matches!(refused, Err(KeystoreError::Refused(_))));
}
