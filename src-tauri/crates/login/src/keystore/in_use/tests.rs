use super::*;
use crate::keystore::cng::CngKeys;
use crate::keystore::cng::fake::{FakeCng, FakeTpm, FakeUser};
use crate::keystore::credentials::tests::{
    at, credentials, made, request, signing, with_held_keys,
};
use crate::{KeyKind, KeyRequest, MemoryKeystore, WithHeldKeys};

const ALG: AssertionAlg = AssertionAlg::Es256;
const STAYS: (AssertionAlg, KeyInUse) = (ALG, KeyInUse::Stays);
const MAY_GO: (AssertionAlg, KeyInUse) = (ALG, KeyInUse::MayGo);

fn used(kid: &str, scope: KeyScope, since: i64) -> Option<KeyUsed> {
    Some(KeyUsed {
        kid: kid.to_owned(),
        scope,
        since: Some(at(since)),
    })
}

#[tokio::test]
async fn a_new_key_lies_beside_the_old_one_until_it_is_to_sign() {
    let (credentials, user) = (credentials(), KeyScope::User);
    let old = made(&credentials, KeyKind::P256, 1).await;
    let new = made(&credentials, KeyKind::P256, 2).await;
    let in_use = async || credentials.key_in_use(ALG).await.unwrap();
    assert_eq!(in_use().await, used(&old.kid, user, 1));
    let jwks = credentials.public_jwks(user, ALG).await.unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);

    for (now, since) in [(10, 10), (11, 10)] {
        let is_there = credentials.use_key(user, &new.kid, ALG, at(now)).await;
        assert!(is_there.unwrap());
        assert_eq!(in_use().await, used(&new.kid, user, since));
        assert_eq!(signing(&credentials).await.as_ref(), Some(&new.kid));
    }
    // Back, while the old one is still there.
    credentials
        .use_key(user, &old.kid, ALG, at(12))
        .await
        .unwrap();
    assert_eq!(signing(&credentials).await.as_ref(), Some(&old.kid));
    credentials
        .use_key(user, &new.kid, ALG, at(13))
        .await
        .unwrap();

    let removed = credentials.remove_key(user, &old.kid, STAYS, at(14)).await;
    assert!(removed.unwrap());
    assert_eq!(in_use().await, used(&new.kid, user, 13));
    let absent = credentials.use_key(user, &old.kid, ALG, at(15)).await;
    assert!(!absent.unwrap());
}

#[tokio::test]
async fn the_key_that_signs_is_removed_only_on_purpose_and_followed_by_the_oldest() {
    let (credentials, user) = (credentials(), KeyScope::User);
    let mut keys = Vec::new();
    for seconds in [1, 2, 3] {
        keys.push(made(&credentials, KeyKind::P256, seconds).await.kid);
    }
    credentials
        .use_key(user, &keys[1], ALG, at(10))
        .await
        .unwrap();
    let refused = credentials.remove_key(user, &keys[1], STAYS, at(11)).await;
    assert!(matches!(refused, Err(KeystoreError::InUse)), "{refused:?}");
    assert_eq!(signing(&credentials).await.as_ref(), Some(&keys[1]));

    for (gone, next, now) in [(1, 0, 12), (0, 2, 13)] {
        let removed = credentials.remove_key(user, &keys[gone], MAY_GO, at(now));
        assert!(removed.await.unwrap());
        let in_use = credentials.key_in_use(ALG).await.unwrap();
        assert_eq!(in_use, used(&keys[next], user, now));
    }
    let refused = credentials.remove_key(user, &keys[2], STAYS, at(14)).await;
    assert!(matches!(refused, Err(KeystoreError::InUse)), "the last one");
    assert!(
        credentials
            .remove_key(user, &keys[2], MAY_GO, at(14))
            .await
            .unwrap()
    );
    assert_eq!(credentials.key_in_use(ALG).await.unwrap(), None);
    assert!(
        !credentials
            .remove_key(user, &keys[2], MAY_GO, at(15))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn the_computers_key_is_chosen_by_administrators_and_signs_for_everybody() {
    let cng = FakeCng::with_tpm(FakeTpm::Complete);
    let seen_by = |user| {
        Credentials::new(Arc::new(WithHeldKeys {
            secrets: MemoryKeystore::default(),
            keys: Arc::new(CngKeys::new(cng.clone().asked_by(user).kept()).unwrap()),
            workstation_keys: None,
        }))
    };
    let (administrator, other) = (seen_by(FakeUser::Administrator), seen_by(FakeUser::Other));
    let machine = KeyScope::Machine;
    let wanted = KeyRequest {
        scope: machine,
        ..request(ALG, KeyKind::P256)
    };
    let mut kids = Vec::new();
    for _ in 0..2 {
        let (key, _) = administrator.create_key(wanted, at(1)).await.unwrap();
        kids.push(key.kid);
    }
    assert_eq!(signing(&other).await.as_ref(), Some(&kids[0]));
    let refused = other.use_key(machine, &kids[1], ALG, at(9)).await;
    assert!(matches!(refused, Err(KeystoreError::NotAdministrator)));
    assert!(
        administrator
            .use_key(machine, &kids[1], ALG, at(10))
            .await
            .unwrap()
    );
    let in_use = other.key_in_use(ALG).await.unwrap();
    assert_eq!(in_use, used(&kids[1], machine, 10));
    let refused = administrator
        .remove_key(machine, &kids[1], STAYS, at(11))
        .await;
    assert!(matches!(refused, Err(KeystoreError::InUse)));
}

#[tokio::test]
async fn a_key_of_a_later_place_or_of_another_kind_cannot_be_chosen() {
    let credentials = with_held_keys(FakeTpm::Complete);
    let machine = KeyRequest {
        scope: KeyScope::Machine,
        ..request(ALG, KeyKind::P256)
    };
    let (first, _) = credentials.create_key(machine, at(1)).await.unwrap();
    let later = made(&credentials, KeyKind::P256, 2).await;
    let refused = credentials
        .use_key(KeyScope::User, &later.kid, ALG, at(3))
        .await;
    assert!(matches!(refused, Err(KeystoreError::Refused(_))));
    let rsa = AssertionAlg::Rs256;
    let refused = credentials
        .use_key(KeyScope::Machine, &first.kid, rsa, at(3))
        .await;
    assert!(matches!(refused, Err(KeystoreError::Refused(_))));
    assert_eq!(signing(&credentials).await, Some(first.kid));
}

#[tokio::test]
async fn a_note_that_cannot_be_read_is_no_reason_to_sign_with_another_key() {
    let credentials = credentials();
    made(&credentials, KeyKind::P256, 1).await;
    let damaged = SecretBytes::new(b"not-a-note".to_vec());
    credentials
        .keystore
        .store(&Entry::KeyInUse, damaged)
        .await
        .unwrap();
    let failed = credentials.signing_key(ALG).await;
    assert!(matches!(failed.err(), Some(KeystoreError::Damaged)));
}

#[test]
fn a_note_is_read_as_it_was_written() {
    let note = InUse {
        kid: "a-b_c".to_owned(),
        since: at(1_760_000_000),
    };
    assert_eq!(note.to_string(), "a-b_c 1760000000");
    assert_eq!(InUse::parse(&note.to_string()).unwrap(), note);
    for other in ["", "kid", "kid soon", "kid 1 2"] {
        assert!(InUse::parse(other).is_err(), "{other}");
    }
}
