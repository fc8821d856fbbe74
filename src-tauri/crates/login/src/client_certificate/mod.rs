//! The certificate by which a broker may know this computer (RFC 8446, section 4.4.2): PEM files
//! that IT put there, looked at again for each login, so that a renewed one counts at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use aws_lc_rs::digest::{self, SHA256};
use cardea_session::Time;
use reqwest::Identity;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::settings::CertificateFiles;
use crate::x509::Validity;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux::open;
#[cfg(windows)]
use windows::open;

/// More than any chain or key needs.
const SIZE_LIMIT: u64 = 64 * 1024;

/// The certificate with its chain, and the key that belongs to it.
pub(crate) struct ClientCertificate {
    pub(crate) identity: Identity,
    /// Differs when the files do.
    pub(crate) fingerprint: Fingerprint,
}

/// SHA-256 of both files.
pub(crate) type Fingerprint = [u8; 32];

/// From what a file has to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// Others must not write it.
    FromWriting,
    /// Nor read it.
    FromReading,
}

/// Why there is no certificate that could be shown. Holds nothing of the files.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The setting, and why its file is not used.
    #[error("[cis2] {0} {1}")]
    File(&'static str, #[source] FileProblem),
    /// Its file is there.
    #[error("[cis2] {CERTIFICATE} has no certificate in it (PEM)")]
    NoCertificate,
    /// Its file is there.
    #[error("[cis2] {KEY} has no private key in it (PEM, without a password)")]
    NoKey,
    /// The key is that of another certificate.
    #[error("[cis2] {CERTIFICATE} and {KEY} do not belong together")]
    Mismatch,
    /// By the clock of this computer.
    #[error("the certificate of [cis2] {CERTIFICATE} has expired, or the clock is fast")]
    Expired,
    /// By the clock of this computer.
    #[error("the certificate of [cis2] {CERTIFICATE} is not valid yet, or the clock is slow")]
    NotValidYet,
    /// The TLS library does not take them.
    #[error("[cis2] {CERTIFICATE} and {KEY} are of a kind that cannot be used")]
    Unusable,
    /// They may be on a network.
    #[error("the files of [cis2] {CERTIFICATE} could not be read in time")]
    NotRead,
    /// Before anything is read.
    #[error("the thread that reads the certificate cannot be started")]
    Thread(#[source] io::Error),
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// What the operating system says.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A folder, or on Windows a link.
    #[error("is not a plain file")]
    NotAFile,
    /// It is not read.
    #[error("is larger than {} KiB", SIZE_LIMIT / 1024)]
    TooLarge,
    /// Who owns a file can change who else may.
    #[error("belongs to somebody else than {ADMINISTRATORS} or this user")]
    Owner,
    /// Others could put another in its place.
    #[error("can be written by others than {ADMINISTRATORS} and this user")]
    Writable,
    /// It is a private key.
    #[error("can be read by others than {ADMINISTRATORS} and this user")]
    Readable,
}

const CERTIFICATE: &str = "broker_certificate";
const KEY: &str = "broker_certificate_key";
const ADMINISTRATORS: &str = if cfg!(windows) {
    "Administrators"
} else {
    "root"
};

impl ClientCertificate {
    /// Reads and checks the files. Blocks on the disk.
    pub(crate) fn read(files: &CertificateFiles, now: Time) -> Result<Self, CertificateError> {
        let chain = read(&files.certificate, Kept::FromWriting)
            .map_err(|problem| CertificateError::File(CERTIFICATE, problem))?;
        let key = read(&files.key, Kept::FromReading)
            .map_err(|problem| CertificateError::File(KEY, problem))?;
        check(&chain, &key, now)?;

        // In one piece: a vector that grows leaves copies behind.
        let mut both = Zeroizing::new(Vec::with_capacity(chain.len() + 1 + key.len()));
        both.extend_from_slice(&chain);
        both.push(b'\n');
        both.extend_from_slice(&key);
        let hash = digest::digest(&SHA256, &both);
        let mut fingerprint = Fingerprint::default();
        fingerprint.copy_from_slice(hash.as_ref());
        Ok(Self {
            identity: Identity::from_pem(&both).map_err(|_| CertificateError::Unusable)?,
            fingerprint,
        })
    }
}

fn check(chain: &[u8], key: &[u8], now: Time) -> Result<(), CertificateError> {
    let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| CertificateError::NoCertificate)?;
    let own = chain.first().ok_or(CertificateError::NoCertificate)?;
    let validity = Validity::of(own).ok_or(CertificateError::Unusable)?;
    if now.unix() > validity.not_after {
        return Err(CertificateError::Expired);
    }
    if now.unix() < validity.not_before {
        return Err(CertificateError::NotValidYet);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateError::NoKey)?;
    match CertifiedKey::from_der(chain, key, &default_provider()) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch),
        Err(_) => Err(CertificateError::Unusable),
    }
}

fn read(path: &Path, kept: Kept) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    all_of(open(path, kept)?)
}

fn all_of(mut file: File) -> Result<Zeroizing<Vec<u8>>, FileProblem> {
    let about = file.metadata().map_err(FileProblem::Unreadable)?;
    let size = about.len();
    if size > SIZE_LIMIT {
        return Err(FileProblem::TooLarge);
    }
    let room = usize::try_from(size).map_err(|_| FileProblem::TooLarge)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let mut limited = Read::by_ref(&mut file).take(size);
    let read = limited.read_to_end(&mut bytes);
    read.map_err(FileProblem::Unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
