//! The settings as they are written: nothing is there that was not said.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::error::{SettingError, SettingsError};
use super::{
    ClientAuth, Limits, LogLevel, Proof, ProviderSettings, Settings, TlsFiles, Verifier,
    WorkstationSettings, is_public_address, is_redirect_address,
};
use crate::address::is_usable_address;

const PREFIX: &str = "CARDEA_BROKER_";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    listen: Option<String>,
    public_url: Option<String>,
    log: Option<String>,
    provider: RawProvider,
    tls: RawTls,
    workstations: RawWorkstations,
    limits: RawLimits,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawProvider {
    issuer: Option<String>,
    client_id: Option<String>,
    client_auth: Option<String>,
    assertion_alg: Option<String>,
    credential: Option<String>,
    kid: Option<String>,
    redirect_uris: Option<Vec<String>>,
    pkce: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTls {
    certificate: Option<String>,
    key: Option<String>,
    client_ca: Option<String>,
    client_crl: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawWorkstations {
    proof: Option<String>,
    approved: Option<String>,
    rate_per_minute: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLimits {
    connections: Option<usize>,
    requests: Option<usize>,
    assertions: Option<usize>,
}

impl Raw {
    pub(super) fn read(file: &Path) -> Result<Self, SettingsError> {
        let failed = |why: String| {
            let key = file.display().to_string();
            SettingsError(vec![SettingError::new(key, why)])
        };
        let text = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        toml::from_str(&text).map_err(|error| failed(error.to_string()))
    }

    /// What the environment has goes before what the file has.
    pub(super) fn overlay(
        &mut self,
        environment: impl Iterator<Item = (String, String)>,
        errors: &mut Vec<SettingError>,
    ) {
        for (variable, value) in environment {
            let Some(name) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            if let Err(why) = self.set(name, value) {
                errors.push(SettingError::new(variable, why));
            }
        }
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), &'static str> {
        let Self {
            provider,
            tls,
            workstations,
            limits,
            ..
        } = self;
        match name {
            "LISTEN" => self.listen = Some(value),
            "PUBLIC_URL" => self.public_url = Some(value),
            "LOG" => self.log = Some(value),
            "PROVIDER_ISSUER" => provider.issuer = Some(value),
            "PROVIDER_CLIENT_ID" => provider.client_id = Some(value),
            "PROVIDER_CLIENT_AUTH" => provider.client_auth = Some(value),
            "PROVIDER_ASSERTION_ALG" => provider.assertion_alg = Some(value),
            "PROVIDER_CREDENTIAL" => provider.credential = Some(value),
            "PROVIDER_KID" => provider.kid = Some(value),
            "PROVIDER_REDIRECT_URIS" => {
                let list = value.split_whitespace().map(str::to_owned);
                provider.redirect_uris = Some(list.collect());
            }
            "PROVIDER_PKCE" => provider.pkce = Some(value),
            "TLS_CERTIFICATE" => tls.certificate = Some(value),
            "TLS_KEY" => tls.key = Some(value),
            "TLS_CLIENT_CA" => tls.client_ca = Some(value),
            "TLS_CLIENT_CRL" => tls.client_crl = Some(value),
            "WORKSTATIONS_PROOF" => workstations.proof = Some(value),
            "WORKSTATIONS_APPROVED" => workstations.approved = Some(value),
            "WORKSTATIONS_RATE_PER_MINUTE" => workstations.rate_per_minute = Some(number(&value)?),
            "LIMITS_CONNECTIONS" => limits.connections = Some(number(&value)?),
            "LIMITS_REQUESTS" => limits.requests = Some(number(&value)?),
            "LIMITS_ASSERTIONS" => limits.assertions = Some(number(&value)?),
            _ => return Err("there is no such setting"),
        }
        Ok(())
    }

    /// The settings; none when something without a default is missing.
    pub(super) fn checked(self, errors: &mut Vec<SettingError>) -> Option<Settings> {
        let mut check = Check { errors };
        let listen = self.listen.as_deref().unwrap_or("0.0.0.0:8443");
        let listen = check.parsed("listen", listen, "an address and a port, as 0.0.0.0:8443");
        let public_url = check.text("public_url", self.public_url, is_public_address, HTTPS);
        let log = check.choice("log", self.log, LEVELS, LogLevel::Info);
        let provider = self.provider.checked(&mut check);
        let certificate = check.path("tls.certificate", self.tls.certificate);
        let key = check.path("tls.key", self.tls.key);
        let workstations = self.workstations.checked(&mut check);
        let client_ca = file(self.tls.client_ca);
        if workstations.proof.by_certificate() && client_ca.is_none() {
            check.wrong("tls.client_ca", "workstations.proof needs one");
        }
        let client_crl = file(self.tls.client_crl);
        if client_crl.is_some() && client_ca.is_none() {
            check.wrong("tls.client_crl", "it needs a tls.client_ca");
        }
        Some(Settings {
            listen: listen?,
            public_url: public_url?.trim_end_matches('/').to_owned(),
            log,
            provider: provider?,
            tls: TlsFiles {
                certificate: certificate?,
                key: key?,
                client_ca,
                client_crl,
            },
            workstations,
            limits: Limits {
                connections: check.at_least_one("limits.connections", self.limits.connections, 512),
                requests: check.at_least_one("limits.requests", self.limits.requests, 64),
                assertions: check.at_least_one(
                    "limits.assertions",
                    self.limits.assertions,
                    100_000,
                ),
            },
        })
    }
}

impl RawProvider {
    fn checked(self, check: &mut Check<'_>) -> Option<ProviderSettings> {
        let issuer = check.text("provider.issuer", self.issuer, is_usable_address, ISSUER);
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_graphic());
        let client_id = check.text("provider.client_id", self.client_id, is_id, CLIENT_ID);
        let credential = check.path("provider.credential", self.credential);
        let redirect_uris = self.redirect_uris.unwrap_or_default();
        if redirect_uris.is_empty() {
            check.wrong("provider.redirect_uris", "at least one is needed");
        }
        for uri in &redirect_uris {
            if !is_redirect_address(uri) {
                check.wrong("provider.redirect_uris", REDIRECT);
            }
        }
        let auth = ClientAuth::PrivateKeyJwt;
        Some(ProviderSettings {
            client_auth: check.choice("provider.client_auth", self.client_auth, AUTHS, auth),
            assertion_alg: check.choice(
                "provider.assertion_alg",
                self.assertion_alg,
                ALGORITHMS,
                Algorithm::RS512,
            ),
            verifier: check.choice("provider.pkce", self.pkce, PKCE, Verifier::Required),
            kid: self.kid.filter(|kid| !kid.is_empty()),
            issuer: issuer?,
            client_id: client_id?,
            credential: credential?,
            redirect_uris,
        })
    }
}

impl RawWorkstations {
    fn checked(self, check: &mut Check<'_>) -> WorkstationSettings {
        let proof = check.choice("workstations.proof", self.proof, PROOFS, Proof::Key);
        let approved = file(self.approved);
        if proof.by_key() && approved.is_none() {
            check.wrong(
                "workstations.approved",
                "the approval list's file is needed",
            );
        }
        let rate_per_minute = self.rate_per_minute;
        WorkstationSettings {
            proof,
            approved,
            rate_per_minute: check.at_least_one(
                "workstations.rate_per_minute",
                rate_per_minute,
                30,
            ),
        }
    }
}

const HTTPS: &str = "an https address without query, fragment, name and password";
const ISSUER: &str = "the provider's https address, byte for byte (http on loopback only)";
const CLIENT_ID: &str = "the client id at the provider, printable and without spaces";
const REDIRECT: &str =
    "http://localhost:PORT/…, or 127.0.0.1 or [::1], as registered; port 0 stands for any";

type Choices<T> = &'static [(&'static str, T)];

const LEVELS: Choices<LogLevel> = &[
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
const AUTHS: Choices<ClientAuth> = &[
    ("private_key_jwt", ClientAuth::PrivateKeyJwt),
    ("client_secret_post", ClientAuth::ClientSecretPost),
    ("client_secret_basic", ClientAuth::ClientSecretBasic),
];
const ALGORITHMS: Choices<Algorithm> = &[
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("ES256", Algorithm::ES256),
];
const PKCE: Choices<Verifier> = &[("S256", Verifier::Required), ("off", Verifier::Optional)];
const PROOFS: Choices<Proof> = &[
    ("key", Proof::Key),
    ("certificate", Proof::Certificate),
    ("both", Proof::Both),
];

/// Collects what is wrong.
struct Check<'a> {
    errors: &'a mut Vec<SettingError>,
}

impl Check<'_> {
    fn wrong(&mut self, key: &str, why: &str) {
        self.errors.push(SettingError::new(key, why));
    }

    fn text(
        &mut self,
        key: &str,
        text: Option<String>,
        fits: impl Fn(&str) -> bool,
        allowed: &str,
    ) -> Option<String> {
        let text = text.filter(|text| fits(text));
        if text.is_none() {
            self.wrong(key, allowed);
        }
        text
    }

    fn parsed<T: FromStr>(&mut self, key: &str, text: &str, allowed: &str) -> Option<T> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.wrong(key, allowed);
        }
        parsed
    }

    fn path(&mut self, key: &str, text: Option<String>) -> Option<PathBuf> {
        let path = file(text);
        if path.is_none() {
            self.wrong(key, "a file is needed");
        }
        path
    }

    fn choice<T: Copy>(
        &mut self,
        key: &str,
        text: Option<String>,
        choices: Choices<T>,
        usual: T,
    ) -> T {
        let Some(text) = text else {
            return usual;
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
            return *choice;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        self.wrong(key, &names.join(" | "));
        usual
    }

    fn at_least_one<T: Default + PartialEq>(
        &mut self,
        key: &str,
        number: Option<T>,
        usual: T,
    ) -> T {
        if number == Some(T::default()) {
            self.wrong(key, "at least 1");
        }
        number.unwrap_or(usual)
    }
}

fn file(text: Option<String>) -> Option<PathBuf> {
    text.filter(|text| !text.is_empty()).map(PathBuf::from)
}

fn number<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "a whole number")
}
