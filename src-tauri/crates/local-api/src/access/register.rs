//! The programs that may call, and their replacement while the agent runs.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderValue;
use subtle::ConstantTimeEq;

use super::Grant;
use crate::App;

/// How many lost tokens are remembered, to tell their programs apart from strangers.
const MAX_RETIRED: usize = 256;
/// 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

/// The programs that may call; clones are the same list.
#[derive(Clone, Debug)]
pub struct Apps(Arc<RwLock<Arc<Register>>>);

impl Apps {
    pub(crate) fn new(apps: Vec<App>) -> Self {
        let register = Register {
            grants: apps
                .into_iter()
                .map(|app| Arc::new(Grant::new(app)))
                .collect(),
            own_programs: Arc::new(Grant::own_programs()),
            retired: VecDeque::new(),
        };
        Self(Arc::new(RwLock::new(Arc::new(register))))
    }

    /// Puts `apps` in place of all there were. The open streams of programs that lost a scope, an
    /// origin or their place on the list are cut at once.
    pub fn replace(&self, apps: Vec<App>) {
        let mut register = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *register = Arc::new(register.replaced(apps));
    }

    pub(crate) fn now(&self) -> Arc<Register> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The programs that may call, as of one moment.
#[derive(Debug)]
pub(crate) struct Register {
    grants: Vec<Arc<Grant>>,
    own_programs: Arc<Grant>,
    retired: VecDeque<[u8; 32]>,
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
    fn replaced(&self, apps: Vec<App>) -> Self {
        let grants: Vec<Arc<Grant>> = apps
            .into_iter()
            .map(|app| {
                let before = self.grants.iter().find(|grant| grant.id == app.id);
                let grant = Grant::new(app);
                Arc::new(match before {
                    Some(before) => grant.succeed(before),
                    None => grant,
                })
            })
            .collect();
        for before in &self.grants {
            if !grants.iter().any(|grant| grant.shares_places_with(before)) {
                before.revoke();
            }
        }
        let is_current = |hash: &[u8; 32]| {
            let current = |grant: &Arc<Grant>| grant.app.is_some_and(|(_, now)| now == *hash);
            grants.iter().any(current)
        };
        let lost = self.grants.iter().filter_map(|grant| Some(grant.app?.1));
        let mut retired: VecDeque<[u8; 32]> = self.retired.iter().copied().chain(lost).collect();
        retired.retain(|hash| !is_current(hash));
        retired.drain(..retired.len().saturating_sub(MAX_RETIRED));
        Self {
            grants,
            own_programs: Arc::clone(&self.own_programs),
            retired,
        }
    }

    /// Finds whose token it is, in a time that says nothing about the tokens.
    pub(crate) fn by_token(&self, token: &[u8]) -> Found {
        if token.len() != TOKEN_LENGTH {
            return Found::Nobody;
        }
        let hash = digest(&SHA256, token);
        let mut found = None;
        for grant in &self.grants {
            let Some((_, token_sha256)) = &grant.app else {
                continue;
            };
            if bool::from(token_sha256.as_slice().ct_eq(hash.as_ref())) {
                found = Some(grant);
            }
        }
        match found {
            Some(grant) => Found::Program(Arc::clone(grant)),
            None if self.is_retired(hash.as_ref()) => Found::Retired,
            None => Found::Nobody,
        }
    }

    fn is_retired(&self, hash: &[u8]) -> bool {
        let mut retired = false;
        for known in &self.retired {
            retired |= bool::from(known.as_slice().ct_eq(hash));
        }
        retired
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Arc<Grant>> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    pub(crate) fn own_programs(&self) -> Arc<Grant> {
        Arc::clone(&self.own_programs)
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
