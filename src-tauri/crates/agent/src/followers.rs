//! The parts of the agent that follow the settings while it runs.

use std::sync::Arc;

use cardea_local_api::{Apps, Noted, SettingView};
use cardea_login::{Browser, Keystore, Language, ProgramBrowser, RelyingParty};
use cardea_readers::{CardSource, Diagnostics};
use cardea_session::{Failure, FailureCode, ProviderEnvironment, Rules};

use crate::logs::Logs;
use crate::settings::{Effective, Language as LanguageSetting, Loaded, Row};

/// What a login needs beside the settings.
pub(crate) struct LoginParts {
    pub(crate) keystore: Arc<dyn Keystore>,
    pub(crate) browser: Arc<dyn Browser>,
    /// Shown in place of the setting: the simulator's.
    pub(crate) environment: Option<ProviderEnvironment>,
}

impl LoginParts {
    /// What opens the login: what the settings name, else what the agent was made with.
    fn browser(&self, settings: &Effective) -> Arc<dyn Browser> {
        match settings.desktop.chosen_browser() {
            Some(program) => Arc::new(ProgramBrowser(program)),
            None => Arc::clone(&self.browser),
        }
    }

    /// What the session machine obeys.
    pub(crate) fn rules(&self, settings: &Effective) -> Rules {
        let mut rules = settings.rules();
        if let Some(environment) = self.environment {
            rules.provider.environment = environment;
        }
        rules
    }
}

/// Settings as the session machine and the logins need them.
pub(crate) enum Resolved {
    /// They can be used.
    Usable {
        rules: Box<Rules>,
        party: Arc<RelyingParty>,
        language: Language,
    },
    /// They cannot.
    Unusable(Failure),
}

/// Owns what the settings steer.
pub(crate) struct Followers {
    login: LoginParts,
    party: Option<Arc<RelyingParty>>,
    /// `[desktop] browser` as the party has it.
    chosen_browser: String,
    cards: Box<dyn CardSource>,
    apps: Apps,
    logs: Logs,
    settings: Vec<SettingView>,
}

impl Followers {
    pub(crate) fn new(
        login: LoginParts,
        cards: Box<dyn CardSource>,
        apps: Apps,
        logs: Logs,
    ) -> Self {
        Self {
            login,
            party: None,
            chosen_browser: String::new(),
            cards,
            apps,
            logs,
            settings: Vec::new(),
        }
    }

    /// Lets every part follow `loaded`. While it is wrong the programs stay as they were: nobody
    /// can be signed in, and they can be told why. Tells which programs came and which are gone.
    pub(crate) fn follow(&mut self, loaded: &Loaded) -> Vec<Noted> {
        self.cards.apply(loaded.settings.cards());
        self.logs.set_level(loaded.settings.log.level);
        if loaded.errors.is_empty() {
            self.apps.follow(&loaded.settings.local_api())
        } else {
            Vec::new()
        }
    }

    /// What `loaded` means for the session machine and the logins; says in the log what is wrong.
    pub(crate) fn resolve(&mut self, loaded: &Loaded) -> Resolved {
        say_what_is_wrong(loaded);
        self.settings = loaded.settings.show().iter().map(Row::view).collect();
        if let Some(failure) = loaded.failure() {
            return Resolved::Unusable(failure);
        }
        let Some(settings) = loaded.settings.login() else {
            return Resolved::Unusable(FailureCode::ConfigInvalid.into());
        };
        let party = match self.party.take() {
            Some(party)
                if *party.settings() == settings
                    && self.chosen_browser == loaded.settings.desktop.browser =>
            {
                party
            }
            Some(_) | None => Arc::new(RelyingParty::new(
                settings,
                Arc::clone(&self.login.keystore),
                self.login.browser(&loaded.settings),
            )),
        };
        self.party = Some(Arc::clone(&party));
        self.chosen_browser
            .clone_from(&loaded.settings.desktop.browser);
        Resolved::Usable {
            rules: Box::new(self.login.rules(&loaded.settings)),
            party,
            language: language(&loaded.settings),
        }
    }

    /// What the card source knows about its connection and readers.
    pub(crate) fn card_diagnostics(&self) -> Diagnostics {
        self.cards.diagnostics()
    }

    /// The settings as they are followed.
    pub(crate) fn show_settings(&self) -> Vec<SettingView> {
        self.settings.clone()
    }

    /// Gives up the parts that must end in an order: the card source and the logs.
    pub(crate) fn into_parts(self) -> (Box<dyn CardSource>, Logs) {
        (self.cards, self.logs)
    }
}

/// The language of the pages that the agent itself shows.
fn language(settings: &Effective) -> Language {
    match settings.desktop.language {
        LanguageSetting::English => Language::English,
        LanguageSetting::Welsh => Language::Welsh,
        LanguageSetting::System => crate::locale::language(),
    }
}

fn say_what_is_wrong(loaded: &Loaded) {
    for error in &loaded.errors {
        tracing::error!(setting = error.brief(), "a setting cannot be used");
    }
    for warning in &loaded.warnings {
        tracing::warn!(setting = warning.brief(), "a setting has no effect");
    }
}
