//! What `cargo xtask msi` can be told.

use std::path::PathBuf;

use super::signing::{Key, Signing};

/// What is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is in it.
    pub(super) contents: Contents,
    /// How it is signed; not at all for none.
    pub(super) signing: Option<Signing>,
    /// Several small ones for the end-to-end tests instead.
    pub(super) for_tests: bool,
}

/// What is in an MSI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Contents {
    /// Agent and desktop.
    #[default]
    WithDesktop,
    /// The agent alone: for servers on which something else starts it.
    AgentOnly,
}

impl Options {
    /// Reads the arguments behind `msi`.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut key = None;
        let (mut certificates, mut module) = (None, None);
        let (mut password_file, mut time_stamp, mut trusted) = (None, None, None);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--without-desktop" => options.contents = Contents::AgentOnly,
                "--for-tests" => options.for_tests = true,
                "--pfx" => key = Some(Given::Pfx(value()?.into())),
                "--pkcs11" => key = Some(Given::Pkcs11(value()?)),
                "--certificates" => certificates = Some(PathBuf::from(value()?)),
                "--pkcs11-module" => module = Some(PathBuf::from(value()?)),
                "--password-file" => password_file = Some(PathBuf::from(value()?)),
                "--time-stamp" => time_stamp = Some(value()?),
                "--trust" => trusted = Some(PathBuf::from(value()?)),
                other => return Err(format!("unknown argument of msi: {other}")),
            }
        }
        let key = match (key, certificates, module) {
            (None, None, None) if password_file.is_none() && time_stamp.is_none() => {
                return Ok(options);
            }
            (Some(Given::Pfx(file)), None, None) => Key::Pfx(file),
            (Some(Given::Pkcs11(uri)), Some(certificates), Some(module)) => Key::Pkcs11 {
                uri,
                certificates,
                module,
            },
            (Some(Given::Pkcs11(_)), _, _) => {
                return Err("--pkcs11 needs --certificates and --pkcs11-module".into());
            }
            _ => return Err("signing needs --pfx, or --pkcs11 with what belongs to it".into()),
        };
        options.signing = Some(Signing {
            key,
            password_file,
            time_stamp,
            trusted,
        });
        Ok(options)
    }
}

/// The key as it was given.
enum Given {
    Pfx(PathBuf),
    Pkcs11(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn both_ways_to_sign_are_read() {
        let by_file = parse("--pfx k.pfx --password-file p --time-stamp http://t.example").unwrap();
        let signing = by_file.signing.unwrap();
        assert_eq!(signing.key, Key::Pfx("k.pfx".into()));
        assert_eq!(signing.time_stamp.as_deref(), Some("http://t.example"));
        let by_token = parse(
            "--without-desktop --pkcs11 pkcs11:object=x --certificates c.pem --pkcs11-module m.so",
        );
        let by_token = by_token.unwrap();
        assert_eq!(by_token.contents, Contents::AgentOnly);
        assert!(matches!(by_token.signing.unwrap().key, Key::Pkcs11 { .. }));
        assert_eq!(parse("").unwrap(), Options::default());
    }

    #[test]
    fn half_of_a_key_is_refused() {
        for line in [
            "--pfx",
            "--pkcs11 pkcs11:object=x",
            "--pkcs11 pkcs11:object=x --certificates c.pem",
            "--certificates c.pem",
            "--time-stamp http://t.example",
            "--password-file p",
            "--pfx k.pfx --certificates c.pem",
            "--sign",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
