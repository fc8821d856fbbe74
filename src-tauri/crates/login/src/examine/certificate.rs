//! What a server shows for a certificate, trusted or not.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use cardea_session::Time;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::step::within;
use super::target::Target;
use super::{Examination, NoConnection, NotApplicable, Step, inspector, limits};
use crate::blocking::BlockingThread;
use crate::wire::certificate::{of_tls, problem};
use crate::x509::{CertificateNames, Validity};

/// What a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The names in each of its certificates, its own first; empty ones for a certificate that
    /// cannot be read. Public authorities are left out by most servers.
    pub chain: Vec<CertificateNames>,
    /// From when on its own certificate is good.
    pub not_before: Option<Time>,
    /// Until when.
    pub not_after: Option<Time>,
    /// What sits between this computer and the server and reads what is said, when a name in the
    /// chain shows it.
    pub inspected_by: Option<&'static str>,
}

/// Why there is no certificate that this computer trusts.
#[derive(Debug, thiserror::Error)]
pub enum CertificateProblem {
    /// There is one, and a login refuses it.
    #[error("{why}")]
    Refused {
        /// In the words of a login's own failure.
        why: &'static str,
        /// What is refused.
        presented: Presented,
    },
    /// There is one, and the system does not come to a conclusion about it.
    #[error("the system did not say in time whether the certificate can be trusted")]
    NotJudged {
        /// What it was asked about.
        presented: Presented,
    },
    /// Not even to show one.
    #[error(transparent)]
    NoConnection(#[from] NoConnection),
    /// What answers says something else.
    #[error("what answers does not speak TLS")]
    NoTls,
    /// As some firewalls do when they see the name of a server that is not allowed.
    #[error("the connection breaks off before a certificate comes")]
    BrokenOff(#[source] io::Error),
    /// An alert (RFC 8446, section 6.2).
    #[error("the other side refuses to speak TLS")]
    HandshakeRefused(#[source] io::Error),
    /// The connection stands, and nothing more comes.
    #[error("no certificate comes in time")]
    TimedOut,
    /// Whom to trust cannot be read from the system.
    #[error("this computer does not say whom it trusts")]
    NoTrust(#[source] Box<dyn Error + Send + Sync>),
    /// Before anything is asked.
    #[error("the thread that asks about certificates cannot be started")]
    Thread(#[source] io::Error),
}

impl Examination {
    /// What the provider's address shows for a certificate, and whether the system trusts it, by the
    /// verifier that a login uses. Within [`limits::HANDSHAKE`] and [`limits::VERIFICATION`], after
    /// [`connection`](Self::connection). The handshake is not finished, and nothing is sent.
    pub async fn certificate(&self) -> Step<Presented, CertificateProblem> {
        match &self.provider {
            None => Step::NotApplicable(NotApplicable::AddressNotAllowed),
            Some(target) if target.is_plain() => Step::NotApplicable(NotApplicable::PlainHttp),
            Some(target) => match self.connect(target).await {
                Ok((stream, _)) => self.certificate_on(stream, target).await.into(),
                Err(none) => Step::Fails(none.into()),
            },
        }
    }

    /// The same on a connection that leads to the target.
    pub(super) async fn certificate_on(
        &self,
        stream: TcpStream,
        target: &Target,
    ) -> Result<Presented, CertificateProblem> {
        let name = target.server_name().ok_or(CertificateProblem::NoTls)?;
        let shaking = shown(stream, name.clone());
        let shown = within(limits::HANDSHAKE, CertificateProblem::TimedOut, shaking).await?;
        let presented = shown.presented();

        let start = || async { BlockingThread::start("doctor-certificates") };
        let verifier = self.verifier.get_or_try_init(start).await;
        let verifier = verifier.map_err(CertificateProblem::Thread)?;
        let judging = verifier.submit(limits::VERIFICATION, move || {
            let verifier = Verifier::new(Arc::new(default_provider()))?;
            Ok::<_, rustls::Error>(shown.judge(&name, &verifier, UnixTime::now()))
        });
        match judging.await {
            Ok(Ok(Ok(()))) => Ok(presented),
            Ok(Ok(Err(why))) => Err(CertificateProblem::Refused { why, presented }),
            Ok(Err(error)) => Err(CertificateProblem::NoTrust(error.into())),
            Err(_) => Err(CertificateProblem::NotJudged { presented }),
        }
    }
}

/// A chain of certificates as a server shows it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    own: CertificateDer<'static>,
    others: Vec<CertificateDer<'static>>,
    /// What the server has of its authority about revocation (RFC 6066, section 8).
    revocation: Vec<u8>,
}

impl Shown {
    /// As the handshake of a login has it judged.
    pub(super) fn judge(
        &self,
        name: &ServerName<'_>,
        verifier: &dyn ServerCertVerifier,
        now: UnixTime,
    ) -> Result<(), &'static str> {
        let (own, others) = (&self.own, &self.others);
        match verifier.verify_server_cert(own, others, name, &self.revocation, now) {
            Ok(_) => Ok(()),
            Err(error) => Err(problem(&error).unwrap_or("the certificate cannot be checked")),
        }
    }

    pub(super) fn presented(&self) -> Presented {
        let all = std::iter::once(&self.own).chain(&self.others);
        let chain: Vec<_> = all
            .map(|certificate| CertificateNames::of(certificate).unwrap_or_default())
            .collect();
        let validity = Validity::of(&self.own);
        let at = |seconds: i64| Time::from_unix(seconds).ok();
        Presented {
            inspected_by: inspector::in_chain(&chain),
            not_before: validity.and_then(|validity| at(validity.not_before)),
            not_after: validity.and_then(|validity| at(validity.not_after)),
            chain,
        }
    }
}

/// Has the server show its certificate, and ends the handshake there.
pub(super) async fn shown(
    stream: TcpStream,
    name: ServerName<'static>,
) -> Result<Shown, CertificateProblem> {
    let provider = Arc::new(default_provider());
    let looker = Arc::new(Looker {
        shown: Mutex::default(),
        schemes: provider
            .signature_verification_algorithms
            .supported_schemes(),
    });
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| CertificateProblem::NoTrust(error.into()))?;
    let config = config
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&looker) as _)
        .with_no_client_auth();
    let ended = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let mut shown = looker.shown.lock().unwrap_or_else(PoisonError::into_inner);
    match (shown.take(), ended) {
        (Some(shown), _) => Ok(shown),
        // There is no handshake without a certificate.
        (None, Ok(_)) => Err(CertificateProblem::NoTls),
        (None, Err(error)) => Err(of_handshake(error)),
    }
}

fn of_handshake(error: io::Error) -> CertificateProblem {
    match of_tls(&error) {
        None => CertificateProblem::BrokenOff(error),
        Some(rustls::Error::AlertReceived(_)) => CertificateProblem::HandshakeRefused(error),
        Some(_) => CertificateProblem::NoTls,
    }
}

/// Remembers what it is shown and accepts nothing: no connection comes about by it.
#[derive(Debug)]
struct Looker {
    shown: Mutex<Option<Shown>>,
    schemes: Vec<SignatureScheme>,
}

const NOTHING: rustls::Error =
    rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);

impl ServerCertVerifier for Looker {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        revocation: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Shown {
            own: own.clone().into_owned(),
            others: others
                .iter()
                .map(|other| other.clone().into_owned())
                .collect(),
            revocation: revocation.to_vec(),
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Err(NOTHING)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _own: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(NOTHING)
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _own: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(NOTHING)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}
