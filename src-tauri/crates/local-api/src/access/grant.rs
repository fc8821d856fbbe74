//! What one program may do, and what it holds open.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::http::HeaderValue;
use cardea_session::{Scope, ScopeSet, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::problem::{Code, Problem};
use crate::{App, AppSource, Caller, TokenHash};

/// Connections, and so requests under way, of one program.
const MAX_CONNECTIONS: usize = 128;
/// Event streams of one program.
const MAX_STREAMS: usize = 16;

/// A place that a connection or stream takes up.
pub(crate) type Permit = OwnedSemaphorePermit;

/// What a program lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It may not call any more, or not by this token.
    Everything,
    /// It may still call, but not do or not call from where it did.
    Scope,
}

/// What a program may do.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: ScopeSet,
    pub(crate) origins: Vec<String>,
    /// None for Cardea's own programs, which need no token.
    pub(crate) app: Option<(AppSource, TokenHash)>,
    live: Arc<Live>,
}

/// What outlives a change of the settings that takes nothing away.
#[derive(Debug)]
struct Live {
    revoked: CancellationToken,
    /// What became of the program, once it was revoked.
    lost: OnceLock<Lost>,
    connections: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    /// In seconds since 1970; zero for never.
    last_used: AtomicI64,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            revoked: CancellationToken::new(),
            lost: OnceLock::new(),
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            last_used: AtomicI64::new(0),
        }
    }
}

impl Grant {
    pub(super) fn new(app: App) -> Self {
        Self {
            id: app.id,
            name: app.name,
            scopes: app.scopes,
            origins: app.origins,
            app: Some((app.source, app.token_sha256)),
            live: Arc::default(),
        }
    }

    /// The grant of Cardea's own programs: everything but tokens.
    pub(super) fn own_programs() -> Self {
        let scopes = Scope::ALL.into_iter();
        Self {
            id: "cardea".to_owned(),
            name: "Cardea".to_owned(),
            scopes: scopes.filter(|&scope| scope != Scope::TokensRead).collect(),
            origins: Vec::new(),
            app: None,
            live: Arc::default(),
        }
    }

    /// Whether it is that of Cardea's own programs.
    pub(crate) fn is_own_program(&self) -> bool {
        self.app.is_none()
    }

    /// Goes on where `before` is, when it takes nothing away from it.
    pub(super) fn succeed(self, before: &Self) -> Self {
        let keeps_scopes = before.scopes.iter().all(|scope| self.scopes.has(scope));
        let keeps_origins = before.origins.is_empty() == self.origins.is_empty()
            && before
                .origins
                .iter()
                .all(|origin| self.origins.contains(origin));
        if self.has_token_of(before) && keeps_scopes && keeps_origins {
            Self {
                live: Arc::clone(&before.live),
                ..self
            }
        } else {
            let last_used = before.live.last_used.load(Ordering::Relaxed);
            self.live.last_used.store(last_used, Ordering::Relaxed);
            self
        }
    }

    /// Notes that the program called.
    pub(crate) fn was_used(&self, at: Time) {
        self.live.last_used.fetch_max(at.unix(), Ordering::Relaxed);
    }

    /// When the program last called, in this run or an earlier one.
    pub(crate) fn last_used_at(&self) -> Option<Time> {
        match self.live.last_used.load(Ordering::Relaxed) {
            0 => None,
            seconds => Time::from_unix(seconds).ok(),
        }
    }

    /// Whether both are the same program by the same token.
    pub(super) fn has_token_of(&self, other: &Self) -> bool {
        let token = |grant: &Self| grant.app.map(|(_, token_sha256)| token_sha256);
        self.id == other.id && token(self) == token(other)
    }

    /// Whether `other` holds the same places open.
    pub(crate) fn shares_places_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.live, &other.live)
    }

    /// Takes it back; `lost` says what became of the program.
    pub(super) fn revoke(&self, lost: Lost) {
        self.live.lost.get_or_init(|| lost);
        self.live.revoked.cancel();
    }

    /// What became of the program, if this grant was taken back.
    pub(crate) fn lost(&self) -> Option<Lost> {
        self.live.lost.get().copied()
    }

    /// Fails when the program lost this grant since it was let in.
    pub(crate) fn still_holds(&self) -> Result<(), Problem> {
        match self.lost() {
            None => Ok(()),
            Some(Lost::Everything) => Err(Code::TokenRevoked.into()),
            Some(Lost::Scope) => Err(Code::ScopeMissing.into()),
        }
    }

    /// Waits until this grant is taken back.
    pub(crate) async fn taken_back(&self) -> Lost {
        self.live.revoked.cancelled().await;
        self.lost().unwrap_or(Lost::Everything)
    }

    /// Takes up a connection's place.
    pub(crate) fn connection(&self) -> Result<Permit, Problem> {
        Arc::clone(&self.live.connections)
            .try_acquire_owned()
            .map_err(|_| Code::TooManyConnections.into())
    }

    /// Takes up a stream's place.
    pub(crate) fn stream(&self) -> Result<Permit, Problem> {
        Arc::clone(&self.live.streams)
            .try_acquire_owned()
            .map_err(|_| Problem::from(Code::TooManyConnections).detail("Too many event streams."))
    }

    /// Whether the program may be called from `origin`: one on its list, or none when it has none.
    pub(crate) fn fits(&self, origin: Option<&HeaderValue>) -> bool {
        match origin {
            Some(origin) => self.origins.iter().any(|listed| listed == origin),
            None => self.origins.is_empty(),
        }
    }

    pub(crate) fn caller(&self) -> Caller {
        match self.app {
            Some(_) => Caller::App(self.id.clone()),
            None => Caller::OwnProgram,
        }
    }
}
