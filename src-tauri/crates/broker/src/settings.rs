//! The settings: a TOML file, and over it the environment, all of it checked before anything is
//! opened.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jsonwebtoken::Algorithm;

use crate::address::is_usable_address;

mod error;
mod raw;

pub use error::SettingsError;
use raw::Raw;

/// How the broker behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// What workstations call it, without a slash at the end.
    pub(crate) public_url: String,
    /// How much it logs.
    pub log: LogLevel,
    pub(crate) provider: ProviderSettings,
    pub(crate) tls: TlsFiles,
    pub(crate) workstations: WorkstationSettings,
    pub(crate) limits: Limits,
}

/// Who the broker is at the provider.
#[derive(Clone, Debug)]
pub(crate) struct ProviderSettings {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) assertion_alg: Algorithm,
    /// The file of the key or secret.
    pub(crate) credential: PathBuf,
    /// The key's name at the provider, when that is not its thumbprint.
    pub(crate) kid: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) verifier: Verifier,
}

/// How the provider knows the client (OpenID Connect Core, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    PrivateKeyJwt,
    ClientSecretPost,
    ClientSecretBasic,
}

/// Whether a code needs its verifier (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verifier {
    Required,
    Optional,
}

/// PEM files.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: Option<PathBuf>,
    pub(crate) client_crl: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub(crate) struct WorkstationSettings {
    pub(crate) proof: Proof,
    /// The approval list; there whenever keys prove.
    pub(crate) approved: Option<PathBuf>,
    pub(crate) rate_per_minute: u16,
}

/// How a workstation proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Key,
    Certificate,
    Both,
}

impl Proof {
    pub(crate) fn by_key(self) -> bool {
        match self {
            Self::Key | Self::Both => true,
            Self::Certificate => false,
        }
    }

    pub(crate) fn by_certificate(self) -> bool {
        match self {
            Self::Certificate | Self::Both => true,
            Self::Key => false,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) requests: usize,
    pub(crate) assertions: usize,
}

/// `log`: how much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// What needs somebody to look.
    Error,
    /// And what is odd.
    Warn,
    /// And each request.
    Info,
    /// And more of each.
    Debug,
    /// Everything.
    Trace,
}

impl Settings {
    /// Reads the file, if there is one, and what `environment` has under `CARDEA_BROKER_…`.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut errors = Vec::new();
        let mut raw = match file {
            Some(file) => Raw::read(file)?,
            None => Raw::default(),
        };
        raw.overlay(environment, &mut errors);
        let settings = raw.checked(&mut errors);
        match (settings, errors.is_empty()) {
            (Some(settings), true) => Ok(settings),
            (Some(_) | None, _) => Err(SettingsError(errors)),
        }
    }

    /// How many used assertions are remembered at a time.
    #[must_use]
    pub fn assertions(&self) -> usize {
        self.limits.assertions
    }
}

/// An https address without anything that could be read in two ways.
fn is_public_address(text: &str) -> bool {
    text.starts_with("https://") && is_usable_address(text) && !text.contains('?')
}

/// An address of a workstation of its own, as a native application has it (RFC 8252, section 7.3).
fn is_redirect_address(text: &str) -> bool {
    ["http://localhost:", "http://127.0.0.1:", "http://[::1]:"]
        .into_iter()
        .filter_map(|start| text.strip_prefix(start))
        .any(|rest| {
            let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
            let is_path = path
                .bytes()
                .all(|c| c.is_ascii_graphic() && !b"?#%".contains(&c));
            !port.is_empty() && port.parse::<u16>().is_ok() && is_path
        })
}

#[cfg(test)]
mod tests;
