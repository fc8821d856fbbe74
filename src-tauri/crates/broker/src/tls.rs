//! TLS as the broker serves it: rustls, its own certificate, and where the settings say so the
//! certificates of workstations. All of it is read again when its files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};

use crate::problem::Problem;
use crate::reread::{Reread, WhenWrong};
use crate::settings::TlsFiles;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or no PEM.
    #[error("tls.{0} cannot be read")]
    File(&'static str, #[source] PemError),
    /// A file has nothing of what it should have.
    #[error("tls.{0} has no {1} in it (PEM)")]
    Empty(&'static str, &'static str),
    /// A file has something that is not to be trusted.
    #[error("tls.client_ca has something in it that is no certificate authority")]
    NotAnAuthority(#[source] rustls::Error),
    /// The authorities or lists do not work together.
    #[error("tls.client_ca or tls.client_crl cannot be used")]
    Clients(#[from] VerifierBuilderError),
    /// Certificate and key do not belong together, or are of no use.
    #[error("tls.certificate and tls.key cannot be used")]
    Unusable(#[from] rustls::Error),
}

/// What connections are accepted by.
pub(crate) struct Tls {
    server: Reread<CertifiedKey>,
    clients: Option<Reread<Clients>>,
    last: Mutex<Option<Served>>,
}

/// Who may issue certificates to workstations, and which of these they took back.
pub(crate) enum Clients {
    Known(Arc<dyn ClientCertVerifier>),
    /// The files cannot say; nobody is let in by a certificate.
    NotKnown,
}

/// A configuration, and what it was made of.
struct Served {
    server: Arc<CertifiedKey>,
    clients: Option<Arc<Clients>>,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one of them is of no use.
    pub(crate) fn open(files: &TlsFiles) -> Result<Self, TlsError> {
        let (certificate, key) = (files.certificate.clone(), files.key.clone());
        // A certificate is renewed file by file: in between, the two do not belong together.
        let server = Reread::open(
            "certificate",
            vec![certificate.clone(), key.clone()],
            WhenWrong::KeepLast,
            move || certified_key(&certificate, &key),
        )?;
        let clients = files.client_ca.clone().map(|authorities| {
            let lists = files.client_crl.clone();
            Reread::open(
                "client_ca",
                [&authorities].into_iter().chain(&lists).cloned().collect(),
                WhenWrong::Instead(|| Clients::NotKnown),
                move || clients(&authorities, lists.as_ref()).map(Clients::Known),
            )
        });
        let tls = Self {
            server,
            clients: clients.transpose()?,
            last: Mutex::default(),
        };
        tls.config()?;
        Ok(tls)
    }

    /// How the next connection is accepted.
    ///
    /// # Errors
    /// When rustls takes it back, which it does not do for what it has taken once.
    pub(crate) fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let server = self.server.current();
        let clients = self.clients.as_ref().map(Reread::current);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref()
            && last.is_made_of(&server, clients.as_ref())
        {
            return Ok(Arc::clone(&last.config));
        }
        let config = Arc::new(config(&server, clients.as_deref())?);
        *last = Some(Served {
            server,
            clients,
            config: Arc::clone(&config),
        });
        Ok(config)
    }

    /// The workstation's own certificate of those that its connection showed, when it counts.
    /// Looked at for each request: it may have been taken back since the connection was made.
    pub(crate) fn check<'a>(
        &self,
        shown: Option<&'a [CertificateDer<'static>]>,
    ) -> Result<&'a CertificateDer<'static>, Problem> {
        let clients = self.clients.as_ref().map(Reread::current);
        let Some(Clients::Known(clients)) = clients.as_deref() else {
            return Err(Problem::CertificatesUnchecked);
        };
        let (own, chain) = shown
            .and_then(<[_]>::split_first)
            .ok_or(Problem::CertificateMissing)?;
        let checked = clients.verify_client_cert(own, chain, UnixTime::now());
        checked.map_err(|_| Problem::CertificateRefused)?;
        Ok(own)
    }

    /// Which files are of no use now, by name.
    pub(crate) fn are_wrong(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let clients = self.clients.as_ref().map(Reread::is_wrong);
        [self.server.is_wrong()].into_iter().chain(clients)
    }
}

impl Served {
    fn is_made_of(&self, server: &Arc<CertifiedKey>, clients: Option<&Arc<Clients>>) -> bool {
        let same_clients = match (&self.clients, clients) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_clients && Arc::ptr_eq(&self.server, server)
    }
}

fn config(
    server: &Arc<CertifiedKey>,
    clients: Option<&Clients>,
) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    let builder = match clients {
        Some(Clients::Known(clients)) => builder.with_client_cert_verifier(Arc::clone(clients)),
        // Health and metrics are still answered; the routes for workstations say why they do not.
        Some(Clients::NotKnown) | None => builder.with_no_client_auth(),
    };
    let server = SingleCertAndKey::from(Arc::clone(server));
    let mut config = builder.with_cert_resolver(Arc::new(server));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certified_key(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = all_in(certificate, "certificate", "certificate")?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|e| TlsError::File("key", e))?;
    let provider = aws_lc_rs::default_provider();
    Ok(CertifiedKey::from_der(chain, key, &provider)?)
}

fn clients(
    authorities: &Path,
    lists: Option<&PathBuf>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in all_in(authorities, "client_ca", "certificate")? {
        roots.add(certificate).map_err(TlsError::NotAnAuthority)?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        // The routes for workstations ask for one; health and metrics do not.
        .allow_unauthenticated();
    if let Some(lists) = lists {
        clients = clients
            // Without any list in it, everything that was ever issued would count.
            .with_crls(all_in(lists, "client_crl", "revocation list")?)
            // An old list says nothing of what was taken back since.
            .enforce_revocation_expiration();
    }
    Ok(clients.build()?)
}

/// Everything of a kind in a file of `setting`.
fn all_in<T: PemObject>(
    file: &Path,
    setting: &'static str,
    kind: &'static str,
) -> Result<Vec<T>, TlsError> {
    let found = T::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.map_err(|error| TlsError::File(setting, error))?;
    if found.is_empty() {
        return Err(TlsError::Empty(setting, kind));
    }
    Ok(found)
}
