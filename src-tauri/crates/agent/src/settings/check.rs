//! Rules that concern more than one setting.

use std::collections::HashMap;

use cardea_session::Scope;

use super::Effective;
use super::error::{Problem, SettingError};
use super::origin::{Origin, Place};
use super::source::{Build, Standing};
use super::text::is_program;
use super::words::{ClientAuth, Environment};

/// What does not go together.
#[derive(Default)]
pub(super) struct Conflicts {
    /// Nobody can sign in with these.
    pub(super) errors: Vec<SettingError>,
    /// These have no effect.
    pub(super) warnings: Vec<SettingError>,
}

/// Looks for what does not go together. `file` is who could have written the settings of the
/// place [`Place::File`].
pub(super) fn check(settings: &Effective, file: Standing, build: Build) -> Conflicts {
    let mut conflicts = Conflicts::default();
    conflicts.issuer(settings);
    conflicts.client_auth(settings);
    conflicts.login(settings);
    conflicts.port(settings);
    conflicts.hooks(settings);
    conflicts.token_hashes(settings);
    if file == Standing::User && build == Build::Release {
        conflicts.tokens_from_own_file(settings);
    }
    conflicts
}

impl Conflicts {
    fn issuer(&mut self, settings: &Effective) {
        let custom = settings.cis2.environment == Environment::Custom;
        match &settings.cis2.issuer {
            None if custom => {
                let why = "environment \"custom\" needs an issuer";
                self.missing(settings, "cis2.issuer", "cis2.environment", why);
            }
            Some(_) if !custom => {
                let why = "this has no effect: it counts with environment \"custom\" only";
                self.warning(settings, "cis2.issuer", why);
            }
            Some(_) | None => {}
        }
    }

    fn client_auth(&mut self, settings: &Effective) {
        let broker = settings.cis2.client_auth == ClientAuth::Broker;
        match &settings.cis2.broker_url {
            None if broker => {
                let why = "client_auth \"broker\" needs a broker_url";
                self.missing(settings, "cis2.broker_url", "cis2.client_auth", why);
            }
            Some(_) if !broker => {
                let why = "this has no effect: it counts with client_auth \"broker\" only";
                self.warning(settings, "cis2.broker_url", why);
            }
            Some(_) | None => {}
        }
        self.broker_certificate(settings, broker);
    }

    /// Whoever sets one relies on this computer being known by it.
    fn broker_certificate(&mut self, settings: &Effective, broker: bool) {
        let (certificate, key) = ("cis2.broker_certificate", "cis2.broker_certificate_key");
        let cis2 = &settings.cis2;
        match (&cis2.broker_certificate, &cis2.broker_certificate_key) {
            (None, None) => {}
            (Some(_), None) => {
                let why = "broker_certificate needs a broker_certificate_key";
                self.missing(settings, key, certificate, why);
            }
            (None, Some(_)) => {
                let why = "broker_certificate_key needs a broker_certificate";
                self.missing(settings, certificate, key, why);
            }
            (Some(_), Some(_)) if !broker => {
                let why = "it is shown to a broker, and client_auth is not \"broker\"";
                self.error(settings, certificate, why);
            }
            (Some(_), Some(_)) => {}
        }
    }

    fn login(&mut self, settings: &Effective) {
        let cis2 = &settings.cis2;
        if !cis2.scopes.iter().any(|scope| scope == "openid") {
            self.error(
                settings,
                "cis2.scopes",
                "\"openid\" must be among the scopes",
            );
        }
        if cis2.require_smartcard && cis2.smartcard_evidence.is_empty() {
            let why = "require_smartcard needs at least one pattern";
            self.error(settings, "cis2.smartcard_evidence", why);
        }
        if cis2.require_smartcard && cis2.smartcard_evidence_in.is_empty() {
            let why = "require_smartcard needs at least one claim to look in";
            self.error(settings, "cis2.smartcard_evidence_in", why);
        }
    }

    fn port(&mut self, settings: &Effective) {
        let others = settings.api.when_port_taken.others();
        if settings.api.port.checked_add(others).is_none() {
            let why = "when_port_taken \"next\" needs a port of at most 65516";
            self.error(settings, "api.port", why);
        }
    }

    fn hooks(&mut self, settings: &Effective) {
        let program = settings.hooks.on_session_end.first();
        if program.is_some_and(|program| !is_program(program)) {
            let why = "the first element must be the full path of a program";
            self.error(settings, "hooks.on_session_end", why);
        }
    }

    fn token_hashes(&mut self, settings: &Effective) {
        let mut owners = HashMap::new();
        for app in &settings.api.apps {
            if let Some(other) = owners.insert(app.token_sha256.bytes(), &app.id) {
                let why = format!("it has the token of {other:?}; each program needs its own");
                self.error(settings, &format!("api.apps.{}", app.id), why);
            }
        }
    }

    fn tokens_from_own_file(&mut self, settings: &Effective) {
        for app in &settings.api.apps {
            let key = format!("api.apps.{}", app.id);
            let origin = settings.origin(&key);
            let own = origin.is_some_and(|origin| origin.place == Place::File);
            if own && app.scopes.has(Scope::TokensRead) {
                let why = "tokens:read counts only from what administrators alone can write";
                self.error(settings, &key, why);
            }
        }
    }

    /// `key` is not set, which `because` makes wrong: that is where to look.
    fn missing(&mut self, settings: &Effective, key: &str, because: &str, why: &str) {
        let mut error = conflict(settings, key, why.to_owned());
        error.origin = settings.origin(because).cloned().unwrap_or(Origin::DEFAULT);
        self.errors.push(error);
    }

    fn error(&mut self, settings: &Effective, key: &str, why: impl Into<String>) {
        self.errors.push(conflict(settings, key, why.into()));
    }

    fn warning(&mut self, settings: &Effective, key: &str, why: &str) {
        self.warnings.push(conflict(settings, key, why.to_owned()));
    }
}

fn conflict(settings: &Effective, key: &str, why: String) -> SettingError {
    let written = key
        .split_once('.')
        .map(|(table, key)| format!("[{table}] {key}"));
    SettingError {
        origin: settings.origin(key).cloned().unwrap_or(Origin::DEFAULT),
        key: Some(written.unwrap_or_else(|| key.to_owned())),
        problem: Problem::Conflict(why),
    }
}
