//! What is wrong with a certificate, in words of our own: the libraries' may name hosts.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

/// What is wrong with the provider's certificate, when that is what this cause is about.
pub(crate) fn problem(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(rustls::Error::InvalidCertificate(error)) = of_tls(cause) {
        return Some(in_words(error));
    }
    None
}

/// Whether the other side does not accept our certificate, or asks for one that we do not have
/// (RFC 8446, section 6.2).
pub(super) fn is_refusal(cause: &(dyn Error + 'static)) -> bool {
    use AlertDescription as A;
    let Some(rustls::Error::AlertReceived(alert)) = of_tls(cause) else {
        return false;
    };
    [
        A::BadCertificate,
        A::UnsupportedCertificate,
        A::CertificateRevoked,
        A::CertificateExpired,
        A::CertificateUnknown,
        A::UnknownCA,
        A::AccessDenied,
        A::CertificateRequired,
    ]
    .contains(alert)
}

/// What the TLS library says, when that is what this cause is about.
pub(crate) fn of_tls<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut innermost = cause;
    // What an I/O error holds is not what it gives as its source.
    while let Some(error) = innermost.downcast_ref::<io::Error>() {
        innermost = error.get_ref()?;
    }
    innermost.downcast_ref()
}

fn in_words(error: &CertificateError) -> &'static str {
    use CertificateError as E;
    if matches!(error, E::UnknownIssuer) {
        return "this computer does not trust who issued the certificate";
    }
    if matches!(error, E::Expired | E::ExpiredContext { .. }) {
        return "the certificate has expired, or the clock of this computer is fast";
    }
    if matches!(error, E::NotValidYet | E::NotValidYetContext { .. }) {
        return "the certificate is not valid yet, or the clock of this computer is slow";
    }
    if matches!(error, E::NotValidForName | E::NotValidForNameContext { .. }) {
        return "the certificate is for another name";
    }
    if matches!(error, E::BadSignature) {
        return "the certificate is not signed by the issuer of that name that this computer trusts";
    }
    if matches!(error, E::Revoked) {
        return "the certificate was revoked";
    }
    if matches!(
        error,
        E::UnknownRevocationStatus
            | E::ExpiredRevocationList
            | E::ExpiredRevocationListContext { .. }
    ) {
        return "it cannot be found out whether the certificate was revoked";
    }
    "the certificate cannot be used"
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::ServerName;

    use super::*;

    #[test]
    fn a_certificate_problem_is_found_and_named_without_the_names_in_it() {
        let other_name = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("secret.example").unwrap().to_owned(),
            presented: vec!["other.example".to_owned()],
        };
        for (error, says) in [
            (CertificateError::UnknownIssuer, "trust"),
            (CertificateError::Expired, "expired"),
            (CertificateError::NotValidYet, "not valid yet"),
            (CertificateError::BadSignature, "not signed by the issuer"),
            (CertificateError::Revoked, "was revoked"),
            (other_name, "another name"),
            (CertificateError::BadEncoding, "cannot be used"),
        ] {
            let error = rustls::Error::InvalidCertificate(error);
            let inside = io::Error::other(io::Error::other(error.clone()));
            for found in [problem(&error), problem(&inside)] {
                let words = found.unwrap();
                assert!(words.contains(says), "{words}");
                assert!(!words.contains("example"), "{words}");
            }
        }
        assert_eq!(problem(&rustls::Error::HandshakeNotComplete), None);
        let unknown = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
        assert_eq!(problem(&unknown), None);
        assert_eq!(problem(&io::Error::other("no")), None);
    }

    #[test]
    fn an_alert_about_our_certificate_is_told_from_others() {
        let received = |alert| io::Error::other(rustls::Error::AlertReceived(alert));
        for alert in [
            AlertDescription::CertificateRevoked,
            AlertDescription::UnknownCA,
            AlertDescription::CertificateRequired,
        ] {
            assert!(is_refusal(&received(alert)), "{alert:?}");
        }
        assert!(!is_refusal(&received(AlertDescription::InternalError)));
        assert!(!is_refusal(&received(AlertDescription::ProtocolVersion)));
        let expired = rustls::Error::InvalidCertificate(CertificateError::Expired);
        assert!(!is_refusal(&expired));
    }
}
