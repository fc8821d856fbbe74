use super::fake::{FakeCng, FakeTpm, FakeUser, broken};
use super::*;
use crate::keystore::WantedHome;

fn request(alg: AssertionAlg) -> KeyRequest {
    KeyRequest {
        alg,
        kind: None,
        scope: KeyScope::Machine,
        home: WantedHome::Safest,
    }
}

fn made(tpm: FakeTpm, request: KeyRequest) -> (Holder, KeyKind, Option<String>) {
    let created = create::create(&FakeCng::with_tpm(tpm), request).unwrap();
    (created.key.holder, created.key.kind, created.why_not_tpm)
}

#[test]
fn the_tpm_is_tried_first_and_only_what_it_cannot_do_is_done_by_windows() {
    use AssertionAlg::{Es256, Ps256, Rs256, Rs512};
    use FakeTpm::{Broken, Complete, Only2048, OnlySha256, Wrong};
    use Holder::{Software, Tpm};
    use KeyKind::{P256, Rsa2048, Rsa4096};

    for (tpm, alg, holder, kind) in [
        (Complete, Rs512, Tpm, Rsa4096),
        (Only2048, Rs512, Tpm, Rsa2048),
        (OnlySha256, Rs512, Software, Rsa4096),
        (OnlySha256, Rs256, Tpm, Rsa4096),
        (OnlySha256, Ps256, Tpm, Rsa4096),
        (OnlySha256, Es256, Tpm, P256),
        (Wrong, Ps256, Software, Rsa4096),
        (Broken, Rs512, Software, Rsa4096),
        (Broken, Es256, Software, P256),
    ] {
        let made = made(tpm, request(alg));
        assert_eq!((made.0, made.1), (holder, kind), "{alg:?}");
        assert_eq!(made.2.is_some(), holder == Software, "{alg:?}");
    }
}

#[test]
fn why_a_key_is_not_in_the_tpm_is_told() {
    let told = |tpm| made(tpm, request(AssertionAlg::Rs512)).2.unwrap();
    assert_eq!(told(FakeTpm::Broken), "the TPM: it does not feel well");
    assert_eq!(
        told(FakeTpm::Wrong),
        "the TPM does not make RS512 signatures that can be verified"
    );
}

#[test]
fn a_size_that_was_asked_for_is_not_replaced() {
    let asked = KeyRequest {
        kind: Some(KeyKind::Rsa4096),
        ..request(AssertionAlg::Rs512)
    };
    let made = made(FakeTpm::Only2048, asked);
    assert_eq!((made.0, made.1), (Holder::Software, KeyKind::Rsa4096));
}

#[test]
fn a_key_that_failed_its_trial_does_not_stay() {
    let cng = FakeCng::with_tpm(FakeTpm::Wrong);
    create::create(&cng, request(AssertionAlg::Es256)).unwrap();
    let place = Place {
        holder: Holder::Software,
        scope: KeyScope::Machine,
        number: 1,
    };
    assert_eq!(cng.places(), [place]);
}

#[test]
fn a_key_that_failed_and_stays_is_an_error() {
    let cng = FakeCng::with_tpm(FakeTpm::WrongForEver);
    let error = create::create(&cng, request(AssertionAlg::Es256)).unwrap_err();
    assert!(matches!(error, KeystoreError::LeftBehind { .. }), "{error}");
}

#[test]
fn only_an_administrator_changes_the_computers_keys() {
    let cng = FakeCng::default();
    let created = create::create(&cng, request(AssertionAlg::Es256)).unwrap();
    let cng = cng.asked_by(FakeUser::Other);
    let refused =
        |answer: Result<(), KeystoreError>| matches!(answer, Err(KeystoreError::NotAdministrator));
    let again = create::create(&cng, request(AssertionAlg::Es256));
    assert!(refused(again.map(drop)));
    assert!(refused(remove(&cng, &created.key).map(drop)));

    let own = KeyRequest {
        scope: KeyScope::User,
        ..request(AssertionAlg::Es256)
    };
    let own = create::create(&cng, own).unwrap();
    assert!(remove(&cng, &own.key).unwrap());
    let keys = found::Found::look(&cng, KeyScope::Machine).into_keys();
    assert_eq!(keys.unwrap(), [created.key]);
}

#[test]
fn keys_are_listed_from_the_oldest_and_get_new_numbers() {
    let cng = FakeCng::with_tpm(FakeTpm::Only2048);
    let asked = |kind| KeyRequest {
        kind: Some(kind),
        ..request(AssertionAlg::Rs256)
    };
    let in_software = create::create(&cng, asked(KeyKind::Rsa4096)).unwrap().key;
    let in_tpm = create::create(&cng, asked(KeyKind::Rsa2048)).unwrap().key;
    let newest = create::create(&cng, request(AssertionAlg::Es256))
        .unwrap()
        .key;
    let listed = |scope| found::Found::look(&cng, scope).into_keys().unwrap();
    let all = [in_software.clone(), in_tpm.clone(), newest.clone()];
    assert_eq!(listed(KeyScope::Machine), all);
    assert_eq!(listed(KeyScope::User), []);
    assert_eq!(in_tpm.created_at.unwrap().unix(), 1_760_000_002);

    assert!(remove(&cng, &in_software).unwrap());
    assert!(!remove(&cng, &in_software).unwrap());
    assert_eq!(listed(KeyScope::Machine), [in_tpm, newest]);
    let next = create::create(&cng, request(AssertionAlg::Es256))
        .unwrap()
        .key;
    assert_eq!(next.number, 4);
}

#[test]
fn another_key_that_has_the_number_meanwhile_is_not_removed() {
    let cng = FakeCng::default();
    let first = create::create(&cng, request(AssertionAlg::Es256))
        .unwrap()
        .key;
    assert!(remove(&cng, &first).unwrap());
    let second = create::create(&cng, request(AssertionAlg::Es256))
        .unwrap()
        .key;
    assert_eq!(first.number, second.number);
    assert!(!remove(&cng, &first).unwrap());
    assert!(remove(&cng, &second).unwrap());
}

#[test]
fn a_key_that_is_not_the_administrators_is_left_out_and_not_in_the_way() {
    let cng = FakeCng::default();
    cng.plant(1);
    cng.plant(32);
    let listed = || found::Found::look(&cng, KeyScope::Machine).into_keys();
    assert_eq!(listed().unwrap(), []);
    let ours = create::create(&cng, request(AssertionAlg::Es256)).unwrap();
    assert_eq!(ours.key.number, 2);
    assert_eq!(listed().unwrap(), [ours.key]);
}

#[test]
fn the_numbers_come_to_an_end() {
    let cng = FakeCng::default();
    for _ in 0..32 {
        create::create(&cng, request(AssertionAlg::Es256)).unwrap();
    }
    let full = create::create(&cng, request(AssertionAlg::Es256));
    assert!(matches!(full, Err(KeystoreError::Refused(_))));
}

#[test]
fn a_tpm_that_fails_is_no_tpm_without_keys() {
    let cng = FakeCng::with_tpm(FakeTpm::Broken);
    let listed = || found::Found::look(&cng, KeyScope::Machine).into_keys();
    assert!(matches!(listed(), Err(KeystoreError::Holder { .. })));
    let key = create::create(&cng, request(AssertionAlg::Es256))
        .unwrap()
        .key;
    assert_eq!(listed().unwrap(), [key]);
}

#[tokio::test]
async fn what_a_held_key_signs_its_public_half_verifies() {
    let keys = CngKeys::new(FakeCng::default().kept()).unwrap();
    for alg in [
        AssertionAlg::Rs256,
        AssertionAlg::Rs384,
        AssertionAlg::Rs512,
        AssertionAlg::Ps256,
        AssertionAlg::Es256,
    ] {
        let key = keys.create(request(alg)).await.unwrap().key;
        let signature = keys.sign(&key, alg, b"message").await.unwrap();
        assert!(key.public.verifies(alg, b"message", &signature), "{alg:?}");
        assert!(!key.public.verifies(alg, b"massage", &signature), "{alg:?}");
        assert!(keys.remove(&key).await.unwrap());
        let gone = keys.sign(&key, alg, b"message").await;
        assert!(matches!(gone, Err(KeystoreError::Refused(_))));
    }
}

#[test]
fn a_signature_in_der_is_not_taken_for_one_of_a_jws() {
    struct Der;
    impl CngKey for Der {
        fn public_blob(&self) -> io::Result<Vec<u8>> {
            Err(broken())
        }
        fn sign(&self, _: AssertionAlg, _: &[u8]) -> io::Result<Vec<u8>> {
            Ok(vec![0x30; 70])
        }
        fn outsider(&self) -> io::Result<Option<&'static str>> {
            Ok(None)
        }

        fn made_at(&self) -> io::Result<i64> {
            Err(broken())
        }
        fn remove(self) -> io::Result<()> {
            Ok(())
        }
    }
    let signed = sign::sign_with(&Der, Holder::Tpm, AssertionAlg::Es256, &[7; 32]);
    assert!(matches!(signed, Err(KeystoreError::WrongSignature { .. })));
}

#[cfg(windows)]
#[tokio::test]
async fn cng_itself_makes_keys_whose_signatures_verify() {
    // Wine keeps no keys and has none of P-256; its TPM is a name.
    let keys = CngKeys::new(Ncrypt::of_client).unwrap();
    for (alg, kind) in [
        (AssertionAlg::Rs256, KeyKind::Rsa2048),
        (AssertionAlg::Rs384, KeyKind::Rsa2048),
        (AssertionAlg::Rs512, KeyKind::Rsa2048),
        (AssertionAlg::Ps256, KeyKind::Rsa2048),
        (AssertionAlg::Rs512, KeyKind::Rsa4096),
    ] {
        let own = KeyRequest {
            kind: Some(kind),
            ..request(alg)
        };
        let created = keys.create(own).await.unwrap();
        assert_eq!((created.key.holder, created.key.kind), (Holder::Tpm, kind));
        assert_eq!(created.why_not_tpm, None);
    }
}
