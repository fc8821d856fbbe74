//! The programs that may call, and their replacement while the agent runs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::http::HeaderValue;
use cardea_session::Time;
use tokio::sync::watch;

use super::{Grant, Lost};
use crate::{App, Noted, Settings, TokenHash};

/// How many lost tokens are remembered, to tell their programs apart from strangers.
const MAX_RETIRED: usize = 256;
/// 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

/// The programs that may call; clones are the same list.
#[derive(Clone, Debug)]
pub struct Apps(watch::Sender<Arc<Register>>);

impl Apps {
    pub(crate) fn new(settings: &Settings) -> Self {
        let register = Register {
            grants: Vec::new(),
            own_programs: Arc::new(Grant::own_programs()),
            retired: VecDeque::new(),
            may_be_paired: settings.pairing,
            sources: Sources::default(),
        };
        let apps = Self(watch::Sender::new(Arc::new(register)));
        apps.follow(settings);
        apps
    }

    /// Follows the settings. The open streams of programs that lost a scope, an origin or their
    /// place on the list are cut at once. Tells which programs came and which are gone.
    pub fn follow(&self, settings: &Settings) -> Vec<Noted> {
        let before = self.now();
        self.change(|sources, may_be_paired| {
            sources.configured.clone_from(&settings.apps);
            *may_be_paired = settings.pairing;
        });
        let after = self.now();
        let gone = before.without(&after).map(Noted::Revocation);
        gone.chain(after.without(&before).map(Noted::Grant))
            .collect()
    }

    /// Puts `apps` in place of those that were let in by pairing or by hand, with the same effect.
    pub(crate) fn set_local(&self, apps: Vec<App>) {
        self.change(|sources, _| sources.local = apps);
    }

    fn change(&self, change: impl FnOnce(&mut Sources, &mut bool)) {
        self.0.send_modify(|register| {
            let mut sources = register.sources.clone();
            let mut may_be_paired = register.may_be_paired;
            change(&mut sources, &mut may_be_paired);
            *register = Arc::new(Register {
                may_be_paired,
                ..register.replaced(sources)
            });
        });
    }

    /// What is known of an earlier run: when each program last called.
    pub(crate) fn set_last_uses(&self, last_uses: &BTreeMap<String, Time>) {
        for grant in self.now().grants() {
            if let Some(at) = last_uses.get(&grant.id) {
                grant.was_used(*at);
            }
        }
    }

    pub(crate) fn now(&self) -> Arc<Register> {
        Arc::clone(&self.0.borrow())
    }

    /// Changes each time the programs, or whether any may be paired, do from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<Arc<Register>> {
        self.0.subscribe()
    }
}

/// The programs that may call, as of one moment.
#[derive(Debug)]
pub(crate) struct Register {
    grants: Vec<Arc<Grant>>,
    own_programs: Arc<Grant>,
    retired: VecDeque<TokenHash>,
    may_be_paired: bool,
    sources: Sources,
}

/// Where programs are allowed.
#[derive(Clone, Debug, Default)]
struct Sources {
    /// In the settings.
    configured: Vec<App>,
    /// Here, by pairing or by hand.
    local: Vec<App>,
}

impl Sources {
    /// Everybody; of two with the same id the one of the settings.
    fn apps(&self) -> impl Iterator<Item = &App> {
        let is_configured = |app: &&App| self.configured.iter().any(|other| other.id == app.id);
        let local = self.local.iter().filter(move |app| !is_configured(app));
        self.configured.iter().chain(local)
    }
}

/// Whose token it is.
#[derive(Debug)]
pub(crate) enum Found {
    /// This program's.
    Program(Arc<Grant>),
    /// One that was taken off the list.
    Retired,
    /// Nobody's.
    Nobody,
}

impl Register {
    /// The ids of all programs.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.grants.iter().map(|grant| grant.id.clone()).collect()
    }

    fn replaced(&self, sources: Sources) -> Self {
        let grants: Vec<Arc<Grant>> = sources
            .apps()
            .map(|app| {
                let before = self.grants.iter().find(|grant| grant.id == app.id);
                let grant = Grant::new(app.clone());
                Arc::new(match before {
                    Some(before) => grant.succeed(before),
                    None => grant,
                })
            })
            .collect();
        for before in &self.grants {
            if grants.iter().any(|grant| grant.shares_places_with(before)) {
                continue;
            }
            let is_listed = grants.iter().any(|grant| grant.has_token_of(before));
            before.revoke(if is_listed {
                Lost::Scope
            } else {
                Lost::Everything
            });
        }
        let is_current = |hash: &TokenHash| {
            let current = |grant: &Arc<Grant>| grant.app.is_some_and(|(_, now)| now == *hash);
            grants.iter().any(current)
        };
        let lost = self.grants.iter().filter_map(|grant| Some(grant.app?.1));
        let mut retired: VecDeque<TokenHash> = self.retired.iter().copied().chain(lost).collect();
        retired.retain(|hash| !is_current(hash));
        retired.drain(..retired.len().saturating_sub(MAX_RETIRED));
        Self {
            grants,
            own_programs: Arc::clone(&self.own_programs),
            retired,
            may_be_paired: self.may_be_paired,
            sources,
        }
    }

    /// Finds whose token it is, in a time that says nothing about the tokens.
    pub(crate) fn by_token(&self, token: &[u8]) -> Found {
        if token.len() != TOKEN_LENGTH {
            return Found::Nobody;
        }
        let hash = TokenHash::of(token);
        let mut found = None;
        for grant in &self.grants {
            if grant
                .app
                .is_some_and(|(_, token_sha256)| token_sha256 == hash)
            {
                found = Some(grant);
            }
        }
        match found {
            Some(grant) => Found::Program(Arc::clone(grant)),
            None if self.is_retired(hash) => Found::Retired,
            None => Found::Nobody,
        }
    }

    fn is_retired(&self, hash: TokenHash) -> bool {
        let mut retired = false;
        for known in &self.retired {
            retired |= *known == hash;
        }
        retired
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Arc<Grant>> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    pub(crate) fn own_programs(&self) -> Arc<Grant> {
        Arc::clone(&self.own_programs)
    }

    /// Whether programs may ask to be let in.
    pub(crate) fn may_be_paired(&self) -> bool {
        self.may_be_paired
    }

    /// When each program last called, of those that ever did.
    pub(crate) fn last_uses(&self) -> BTreeMap<String, Time> {
        let used = |grant: &Arc<Grant>| Some((grant.id.clone(), grant.last_used_at()?));
        self.grants.iter().filter_map(used).collect()
    }

    /// The programs that `other` does not have, or has by another token.
    fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = String> + 'a {
        let is_there = |one: &Arc<Grant>| other.grants.iter().any(|grant| grant.has_token_of(one));
        let absent = self.grants.iter().filter(move |&one| !is_there(one));
        absent.map(|grant| grant.id.clone())
    }

    pub(crate) fn grants(&self) -> &[Arc<Grant>] {
        &self.grants
    }

    /// Whether any program may be called from `origin`.
    pub(crate) fn lists(&self, origin: &HeaderValue) -> bool {
        let listed = |grant: &Arc<Grant>| grant.origins.iter().any(|listed| listed == origin);
        self.grants.iter().any(listed)
    }
}
