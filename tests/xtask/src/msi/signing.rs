//! Signing by `osslsigncode`, with a key in a file or in a hardware security module.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tool::talking;

/// The name that Windows shows when it asks whether to install.
const NAME: &str = "Cardea";
/// What signatures are looked at with, unless something else is named.
const SYSTEM_TRUST: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What the tool says of a signature whose time stamp is good, in 2.5 as in 2.9.
const STAMPED: &str = "Timestamp Server Signature verification: ok";

/// How to sign.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signing {
    pub(super) key: Key,
    /// The password of the file, or the PIN of the module.
    pub(super) password_file: Option<PathBuf>,
    /// The address of a time-stamping authority (RFC 3161). Without it signatures end with the
    /// certificate.
    pub(super) time_stamp: Option<String>,
    /// The certificates that a good signature leads to.
    pub(super) trusted: Option<PathBuf>,
}

/// Where the key is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// In a PKCS #12 file, with its certificates.
    Pfx(PathBuf),
    /// In a PKCS #11 module.
    Pkcs11 {
        /// Which key.
        uri: String,
        /// Its certificate and those above.
        certificates: PathBuf,
        /// The module's library.
        module: PathBuf,
    },
}

impl Signing {
    /// Signs a program, a library or an MSI in its place.
    pub(super) fn sign(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        Self::sign_by(self.command(), file)
    }

    fn sign_by(mut command: Command, file: &Path) -> Result<(), Box<dyn Error>> {
        let signed = file.with_extension("signed");
        // It writes over nothing.
        if signed.exists() {
            fs::remove_file(&signed)?;
        }
        command.arg("-in").arg(file).arg("-out").arg(&signed);
        run(&mut command, file)?;
        fs::rename(signed, file)?;
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new("osslsigncode");
        command.args(["sign", "-h", "sha256", "-n", NAME]);
        match &self.key {
            Key::Pfx(file) => {
                command.arg("-pkcs12").arg(file);
            }
            Key::Pkcs11 {
                uri,
                certificates,
                module,
            } => {
                // It finds OpenSSL's engine itself, and not by its path.
                command.arg("-pkcs11module").arg(module);
                command.arg("-certs").arg(certificates);
                command.args(["-key", uri]);
            }
        }
        if let Some(file) = &self.password_file {
            command.arg("-readpass").arg(file);
        }
        if let Some(address) = &self.time_stamp {
            command.args(["-ts", address]);
        }
        command
    }

    /// Looks whether the signature of a file is good, and its time stamp where one is wanted.
    pub(super) fn verify(&self, file: &Path) -> Result<(), Box<dyn Error>> {
        let trusted = self.trusted.as_deref().unwrap_or(Path::new(SYSTEM_TRUST));
        let mut command = Command::new("osslsigncode");
        command.arg("verify").arg("-CAfile").arg(trusted);
        command.arg("-TSA-CAfile").arg(trusted).arg("-in").arg(file);
        let said = run(&mut command, file)?;
        // A signature is good to it without a time stamp too.
        if self.time_stamp.is_some() && !said.contains(STAMPED) {
            return Err(format!("{}: no good time stamp: {}", file.display(), said.trim()).into());
        }
        Ok(())
    }
}

/// What the tool said of a file; an error where it failed.
fn run(command: &mut Command, file: &Path) -> Result<String, Box<dyn Error>> {
    talking(command).map_err(|error| format!("{}: {error}", file.display()).into())
}

#[cfg(test)]
mod tests;
