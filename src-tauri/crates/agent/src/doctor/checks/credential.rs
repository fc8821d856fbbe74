//! Whether this computer can prove to be the client, or to be itself to a broker.

use cardea_login::examine::{CredentialFound, KeyFound, NoCredential, Step};
use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::not_yet;
use super::way::{not_applicable, with_cause};

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.credential().await {
        Step::Works(found) => Finding::ok(describe(&found)),
        Step::Fails(problem) => judge(&problem),
        Step::NotApplicable(why) => not_applicable(why),
    }
}

fn describe(found: &CredentialFound) -> String {
    match found {
        CredentialFound::Key(key) => {
            format!("{}, and has just signed.", of_key("The client's key", key))
        }
        CredentialFound::Secret => {
            "The client secret is there; only CIS2 knows whether it is the right one.".to_owned()
        }
        CredentialFound::OfWorkstation { key, certificate } => {
            let key = key.as_ref().map(|key| {
                format!(
                    "{}, and has just signed",
                    of_key("This computer's key for the broker", key)
                )
            });
            let certificate =
                certificate.then(|| "The certificate for the broker can be shown".to_owned());
            let parts: Vec<_> = key.into_iter().chain(certificate).collect();
            format!("{}.", parts.join(". "))
        }
    }
}

fn of_key(whose: &str, key: &KeyFound) -> String {
    let KeyFound {
        kid,
        scope,
        since,
        alg,
    } = key;
    let since = since.map_or(String::new(), |since| format!(" since {since}"));
    format!(
        "{whose} {kid} ({}, {}) is in use{since}",
        scope.as_str(),
        alg.as_str()
    )
}

fn judge(problem: &NoCredential) -> Finding {
    let why = format!("Nobody can sign in: {}.", with_cause(problem));
    match problem {
        NoCredential::Missing | NoCredential::Certificate(_) => {
            Finding::failure(FailureCode::ClientCredentialMissing, why)
        }
        NoCredential::Keystore(error) => {
            Finding::failure(FailureCode::KeystoreUnavailable, why).remedy(error.remedy())
        }
        NoCredential::NotSigned { .. } | NoCredential::WrongSignature { .. } => {
            Finding::failure(FailureCode::KeystoreUnavailable, why).remedy(
                "Have another key sign (\"cardea keys use KID\"), or make one (\"cardea keys create\") and register it with CIS2.",
            )
        }
        NoCredential::TimedOut => Finding::failure(FailureCode::KeystoreUnavailable, why),
    }
}
