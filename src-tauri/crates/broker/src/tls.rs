//! TLS as the broker serves it: rustls, its own certificate, and where the settings say so the
//! certificates of workstations.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};

use crate::settings::TlsFiles;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or no PEM.
    #[error("tls.{0} cannot be read")]
    File(&'static str, #[source] PemError),
    /// A file has nothing of what it should have.
    #[error("tls.{0} has no certificate in it")]
    Empty(&'static str),
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

pub(crate) fn config(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = certificates(&files.certificate, "certificate")?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| TlsError::File("key", e))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(authorities, "client_ca")? {
                roots.add(certificate).map_err(TlsError::NotAnAuthority)?;
            }
            let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .with_crls(revocations(files.client_crl.as_deref())?)
                // The routes for workstations ask for one; health and metrics do not.
                .allow_unauthenticated()
                .build()?;
            builder.with_client_cert_verifier(clients)
        }
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(
    file: &Path,
    setting: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found =
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.map_err(|error| TlsError::File(setting, error))?;
    if found.is_empty() {
        return Err(TlsError::Empty(setting));
    }
    Ok(found)
}

fn revocations(
    file: Option<&Path>,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    CertificateRevocationListDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| TlsError::File("client_crl", error))
}
