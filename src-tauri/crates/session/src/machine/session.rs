//! The session: what it is bound to, how it ages, how it ends.

use std::time::Duration;

use super::cards::Cards;
use super::{Machine, Phase, Step};
use crate::time::Deadline;
use crate::{
    Card, Effect, EndReason, Event, FailureCode, Identity, Insertion, LastEnd, Lifetime, Now,
    OnLock, OnRemoval, Provider, ReaderName, Refusal, Reply, Requester, Rules, SessionId, Time,
};

/// How long before its end a session is said to be expiring; half of limits under two minutes.
const EXPIRING_LEAD: Duration = Duration::from_secs(60);
/// How long before its `exp` an ID token is said to be expiring.
const TOKENS_LEAD: Duration = Duration::from_secs(300);
/// Activity counts once in this time (contract, section 4.2).
const ACTIVITY_INTERVAL: Duration = Duration::from_secs(30);
/// The longest idle time of a session that no card guards (contract, section 3.3 rule 6).
const UNBOUND_IDLE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Which insertions a session stands and falls with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// All of these; the first and the rest, so that there is always one.
    Cards(Bound, Vec<Bound>),
    /// None: card and service events do not end it.
    None,
}

/// One insertion of a card-bound session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    reader: ReaderName,
    insertion: Insertion,
}

impl Binding {
    pub(super) fn to<'a>(cards: impl Iterator<Item = (&'a ReaderName, &'a Card)>) -> Self {
        let mut bound = cards.map(|(reader, card)| Bound {
            reader: reader.clone(),
            insertion: card.insertion,
        });
        match bound.next() {
            Some(first) => Self::Cards(first, bound.collect()),
            None => Self::None,
        }
    }

    pub(super) fn is_bound(&self) -> bool {
        matches!(self, Self::Cards(..))
    }

    pub(super) fn includes(&self, insertion: Insertion) -> bool {
        self.iter().any(|bound| bound.insertion == insertion)
    }

    pub(super) fn readers(&self) -> impl Iterator<Item = &ReaderName> {
        self.iter().map(|bound| &bound.reader)
    }

    fn iter(&self) -> impl Iterator<Item = &Bound> {
        let (first, rest) = match self {
            Self::Cards(first, rest) => (Some(first), rest.as_slice()),
            Self::None => (None, [].as_slice()),
        };
        first.into_iter().chain(rest)
    }
}

/// Somebody is signed in.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) identity: Identity,
    pub(super) binding: Binding,
    pub(super) provider: Provider,
    pub(super) expiring: Option<EndReason>,
    started: Now,
    renewed: Now,
    active: Now,
    tokens_expiring: bool,
}

impl Session {
    pub(super) fn start(
        id: SessionId,
        identity: Identity,
        binding: Binding,
        provider: Provider,
        now: Now,
    ) -> Self {
        Self {
            id,
            identity,
            binding,
            provider,
            expiring: None,
            started: now,
            renewed: now,
            active: now,
            tokens_expiring: false,
        }
    }

    /// Whether this is whose session it is: a user is one only for their provider (OpenID Connect
    /// Core, section 5.7).
    pub(super) fn is_of(&self, identity: &Identity, provider: &Provider) -> bool {
        self.identity.user.id == identity.user.id && self.provider == *provider
    }

    /// The same user re-authenticated or changed role: the session goes on, its lifetime too.
    pub(super) fn renew(&mut self, identity: Identity, binding: Binding, now: Now) {
        self.identity = identity;
        self.binding = binding;
        self.renewed = now;
        self.active = now;
        self.tokens_expiring = false;
    }

    pub(super) fn started_at(&self) -> Time {
        self.started.wall
    }

    pub(super) fn lifetime_deadline(&self, rules: &Rules) -> Deadline {
        match rules.max_lifetime {
            Lifetime::Limit(limit) => Deadline::after(self.started, limit),
            Lifetime::IdToken => self.tokens_end(),
        }
    }

    pub(super) fn idle_deadline(&self, rules: &Rules) -> Deadline {
        Deadline::after(self.active, self.idle_limit(rules))
    }

    fn idle_limit(&self, rules: &Rules) -> Duration {
        match self.binding {
            Binding::Cards(..) => rules.idle_timeout,
            Binding::None => rules.idle_timeout.min(UNBOUND_IDLE_LIMIT),
        }
    }

    fn tokens_end(&self) -> Deadline {
        Deadline::at(self.renewed, self.identity.id_token_expires_at)
    }

    fn tokens_warning(&self) -> Deadline {
        self.tokens_end().earlier(TOKENS_LEAD)
    }

    /// What will end it unless something else does, and when.
    fn expected_end(&self, rules: &Rules, now: Now) -> (EndReason, Deadline, Duration) {
        let idle = self.idle_deadline(rules);
        let lifetime = self.lifetime_deadline(rules);
        if idle.remaining(now) <= lifetime.remaining(now) {
            (
                EndReason::IdleTimeout,
                idle,
                lead_for(self.idle_limit(rules)),
            )
        } else {
            let whole = lifetime.wall.since(self.started.wall);
            (EndReason::LifetimeExceeded, lifetime, lead_for(whole))
        }
    }

    pub(super) fn next_deadline(&self, rules: &Rules, now: Now) -> Duration {
        let (_, end, lead) = self.expected_end(rules, now);
        let end = match self.expiring {
            None => end.earlier(lead),
            Some(_) => end,
        };
        let tokens = (!self.tokens_expiring).then(|| self.tokens_warning().remaining(now));
        tokens.into_iter().fold(end.remaining(now), Duration::min)
    }

    pub(super) fn ends_at_lock(&self, rules: &Rules) -> bool {
        rules.on_workstation_lock == OnLock::Logout || !self.binding.is_bound()
    }

    /// Whether a session that began under the `old` rules is one that `new` ones allow.
    pub(super) fn may_go_on(&self, old: &Rules, new: &Rules, cards: &Cards) -> bool {
        match &self.binding {
            Binding::Cards(..) => {
                let accepted = |bound: &Bound| {
                    cards
                        .that_count(new)
                        .any(|(_, card)| card.insertion == bound.insertion)
                };
                self.binding.iter().all(accepted)
            }
            Binding::None => {
                let needs_binding =
                    old.on_removal == OnRemoval::Notify && new.on_removal == OnRemoval::Logout;
                let needs_smartcard = new.require_smartcard && !self.identity.smartcard;
                !needs_binding && !needs_smartcard
            }
        }
    }
}

fn lead_for(limit: Duration) -> Duration {
    EXPIRING_LEAD.min(limit / 2)
}

impl Machine {
    pub(super) fn log_out(
        &mut self,
        session: Option<&SessionId>,
        by: Requester,
        step: &mut Step,
    ) -> Result<Reply, Refusal> {
        let named_another = |running: &SessionId| session.is_some_and(|named| named != running);
        match &self.phase {
            Phase::Active(running, _) if named_another(&running.id) => {
                return Err(Refusal::SessionMismatch);
            }
            Phase::Active(..) => self.end_session(by.logout_reason(), step),
            Phase::SignedOut | Phase::SigningIn(_) => {
                let ended = self.last_end.as_ref().map(|end| &end.session_id);
                if session.is_some() && session != ended {
                    return Err(Refusal::SessionMismatch);
                }
                // Who names an ended session means that one, not the login that has begun since.
                if session.is_none() {
                    self.fail_attempt(FailureCode::LoginCancelled.into(), step);
                }
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn note_activity(
        &mut self,
        os_idle: Option<Duration>,
        step: &Step,
    ) -> Result<Reply, Refusal> {
        let locked = self.locked;
        let Phase::Active(session, _) = &mut self.phase else {
            return Err(Refusal::NoSession);
        };
        let limit = session.idle_limit(&self.rules);
        let nobody_there = locked || os_idle.is_some_and(|idle| idle >= limit);
        let since_last = step.now.monotonic.saturating_sub(session.active.monotonic);
        if !nobody_there && since_last >= ACTIVITY_INTERVAL {
            session.active = step.now;
        }
        Ok(Reply::Done)
    }

    /// An expired ID token is good for nothing, whatever the wall clock was set to since.
    pub(super) fn give_out_tokens(&self, step: &Step) -> Result<Reply, Refusal> {
        let session = self.session().ok_or(Refusal::NoSession)?;
        if session.tokens_end().has_passed(step.now) {
            return Err(Refusal::TokenExpired);
        }
        Ok(Reply::TokensOf(session.id.clone()))
    }

    /// Takes in how long ago the operating system saw input. Nobody works behind a lock screen, and
    /// what came after the limit came too late.
    pub(super) fn see_input(&mut self, idle: Duration, now: Now) {
        if self.locked {
            return;
        }
        let Phase::Active(session, _) = &mut self.phase else {
            return;
        };
        let Some(monotonic) = now.monotonic.checked_sub(idle) else {
            return;
        };
        let seen = Now {
            wall: now.wall.minus(idle),
            monotonic,
        };
        let in_time = !session.idle_deadline(&self.rules).has_passed(seen);
        if in_time && seen.monotonic > session.active.monotonic {
            session.active = seen;
        }
    }

    /// Ends the session whose time is over; says so beforehand, and takes it back when somebody
    /// was active.
    pub(super) fn age_session(&mut self, step: &mut Step) {
        let Phase::Active(session, _) = &mut self.phase else {
            return;
        };
        let (reason, end, lead) = session.expected_end(&self.rules, step.now);
        if end.has_passed(step.now) {
            self.end_session(reason, step);
            return;
        }
        let near = end.earlier(lead).has_passed(step.now);
        match (session.expiring, near) {
            (Some(told), true) if told == reason => {}
            // Also when another limit has become the first one.
            (None | Some(_), true) => {
                session.expiring = Some(reason);
                step.events.push(Event::SessionExpiring {
                    session: session.id.clone(),
                    expires_at: end.wall,
                    reason,
                });
            }
            (Some(_), false) => {
                session.expiring = None;
                step.events.push(Event::SessionExpiryWithdrawn {
                    session: session.id.clone(),
                });
            }
            (None, false) => {}
        }
        if !session.tokens_expiring && session.tokens_warning().has_passed(step.now) {
            session.tokens_expiring = true;
            step.events.push(Event::TokensExpiring {
                session: session.id.clone(),
                expires_at: session.identity.id_token_expires_at,
            });
        }
    }

    pub(super) fn end_session(&mut self, reason: EndReason, step: &mut Step) {
        if self.session().is_none() {
            return;
        }
        // A re-authentication has nothing left to renew.
        self.fail_attempt(FailureCode::LoginCancelled.into(), step);
        let Phase::Active(session, _) = std::mem::replace(&mut self.phase, Phase::SignedOut) else {
            return;
        };
        self.last_end = Some(LastEnd {
            session_id: session.id.clone(),
            reason,
            at: step.now.wall,
        });
        if reason == EndReason::PolicyChanged {
            self.troubles.last = Some(FailureCode::PolicyChanged.into());
        }
        step.events.push(Event::SessionEnded {
            session: session.id.clone(),
            reason,
        });
        step.effects.push(Effect::EndSession {
            session: session.id,
            reason,
        });
    }
}
