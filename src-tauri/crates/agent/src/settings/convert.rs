//! The settings as each part of the agent takes them.

use std::path::PathBuf;

use cardea_local_api::AppSource;
use cardea_login::CertificateFiles;
use cardea_readers::{CardPattern, CardSettings};
use cardea_session::{Provider, ProviderEnvironment, Rules};

use super::origin::Place;
use super::{App, Cis2, ClientAuth, Desktop, Effective, Environment, Pairing, Pattern};

impl Desktop {
    /// The program that opens the login; none for the user's own choice.
    #[must_use]
    pub fn chosen_browser(&self) -> Option<PathBuf> {
        (self.browser != "system").then(|| PathBuf::from(&self.browser))
    }
}

impl Effective {
    /// What the session machine obeys.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            provider: Provider {
                environment: match self.cis2.environment {
                    Environment::Live => ProviderEnvironment::Live,
                    Environment::Int => ProviderEnvironment::Int,
                    Environment::Custom => ProviderEnvironment::Custom,
                },
                issuer: self.cis2.issuer_in_use().to_owned(),
            },
            recognise: self.card.recognise,
            on_insert: self.card.on_insert,
            on_removal: self.card.on_removal,
            require_smartcard: self.cis2.require_smartcard,
            login_timeout: self.cis2.login_timeout,
            idle_timeout: self.session.idle_timeout,
            max_lifetime: self.session.max_lifetime,
            on_workstation_lock: self.session.on_workstation_lock,
            lock_workstation_on_removal: self.session.lock_workstation_on_removal,
        }
    }

    /// What the relying party works with; none when nobody can sign in with these settings.
    #[must_use]
    pub fn login(&self) -> Option<cardea_login::Settings> {
        self.cis2.client_id.is_some().then(|| self.party())
    }

    /// The same, also without a client id: enough to look how far CIS2 can be reached.
    #[must_use]
    pub fn party(&self) -> cardea_login::Settings {
        let cis2 = self.cis2.clone();
        cardea_login::Settings {
            issuer: cis2.issuer_in_use().to_owned(),
            client_auth: cis2.login_client_auth(),
            broker_certificate: cis2.broker_certificate_files(),
            client_id: cis2.client_id.unwrap_or_default(),
            broker_url: cis2.broker_url.unwrap_or_default(),
            assertion_alg: cis2.assertion_alg,
            allow_exportable_key: cis2.allow_exportable_key,
            redirect_host: cis2.redirect_host,
            redirect_ports: cis2.redirect_ports,
            redirect_path: cis2.redirect_path,
            scopes: cis2.scopes,
            acr_values: cis2.acr_values.unwrap_or_default(),
            prompt: cis2.prompt.unwrap_or_default(),
            max_age: cis2.max_age,
            pkce: cis2.pkce,
            require_smartcard: cis2.require_smartcard,
            smartcard_evidence: cis2.smartcard_evidence,
            smartcard_evidence_in: cis2.smartcard_evidence_in,
            min_authentication_assurance: cis2.min_authentication_assurance,
            min_identity_assurance: cis2.min_identity_assurance,
            login_timeout: cis2.login_timeout,
            clock_skew: cis2.clock_skew,
            allow_loopback_http: cis2.environment == Environment::Custom,
            keep_access_token: self.api.release_access_token,
        }
    }

    /// Which readers count and which cards are known.
    #[must_use]
    pub fn cards(&self) -> CardSettings {
        let patterns = self.card.patterns.iter().map(Pattern::known_card);
        CardSettings {
            ignore_readers: self.card.ignore_readers.clone(),
            patterns: patterns.collect(),
        }
    }

    /// Where the local API listens and who may call it.
    #[must_use]
    pub fn local_api(&self) -> cardea_local_api::Settings {
        cardea_local_api::Settings {
            port: self.api.port,
            when_port_taken: self.api.when_port_taken,
            pairing: self.api.pairing == Pairing::Ask,
            apps: self.api.apps.iter().map(|app| self.caller(app)).collect(),
        }
    }

    fn caller(&self, app: &App) -> cardea_local_api::App {
        let origin = self.origin(&format!("api.apps.{}", app.id));
        let place = origin.map_or(Place::Default, |origin| origin.place);
        cardea_local_api::App {
            id: app.id.clone(),
            name: app.name.clone(),
            scopes: app.scopes.clone(),
            origins: app.origins.clone(),
            token_sha256: app.token_sha256,
            source: match place {
                Place::Policy => AppSource::Policy,
                Place::Installation => AppSource::Installation,
                Place::File | Place::User | Place::Default => AppSource::File,
            },
        }
    }
}

impl Cis2 {
    /// The issuer of the environment, byte for byte; empty with a custom one that names none.
    #[must_use]
    pub fn issuer_in_use(&self) -> &str {
        match self.environment {
            Environment::Live => cardea_login::ISSUER_LIVE,
            Environment::Int => cardea_login::ISSUER_INT,
            Environment::Custom => self.issuer.as_deref().unwrap_or_default(),
        }
    }

    fn broker_certificate_files(&self) -> Option<CertificateFiles> {
        Some(CertificateFiles {
            certificate: self.broker_certificate.as_ref()?.into(),
            key: self.broker_certificate_key.as_ref()?.into(),
        })
    }

    fn login_client_auth(&self) -> cardea_login::ClientAuth {
        match self.client_auth {
            ClientAuth::PrivateKeyJwt => cardea_login::ClientAuth::PrivateKeyJwt,
            ClientAuth::ClientSecretPost => cardea_login::ClientAuth::ClientSecretPost,
            ClientAuth::ClientSecretBasic => cardea_login::ClientAuth::ClientSecretBasic,
            ClientAuth::Broker => cardea_login::ClientAuth::Broker,
        }
    }
}

impl Pattern {
    fn known_card(&self) -> CardPattern {
        let all = || vec![0xff; self.atr.len()];
        CardPattern {
            id: self.id.clone(),
            name: self.name.clone(),
            atr: self.atr.clone(),
            mask: self.mask.clone().unwrap_or_else(all),
        }
    }
}
