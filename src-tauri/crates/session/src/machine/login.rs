//! Login attempts: how they start, go on and end.

use std::time::Duration;

use super::session::{Binding, Session};
use super::{Machine, Phase, Step};
use crate::time::Deadline;
use crate::{
    AttemptId, Effect, EndReason, Event, Failure, FailureCode, Identity, LoginMode, LoginReport,
    LoginUpdate, OnRemoval, PriorSession, Provider, Refusal, Requester, Time, WaitingFor,
};

/// Programs and insertions together may start one attempt in this time (contract, section 4.2).
const UNATTENDED_LOGIN_INTERVAL: Duration = Duration::from_secs(10);

/// A login under way.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) id: AttemptId,
    pub(super) started_at: Time,
    pub(super) deadline: Deadline,
    pub(super) waiting: WaitingFor,
    pub(super) browser_failed: bool,
    /// Who is asked: what comes of it is this provider's, whatever the settings say by then.
    provider: Provider,
}

impl Attempt {
    pub(super) fn failure_at_the_limit(&self) -> Failure {
        match self.waiting {
            WaitingFor::Port => FailureCode::RedirectPortBusy.into(),
            WaitingFor::Browser | WaitingFor::Provider | WaitingFor::Unknown => {
                FailureCode::LoginTimedOut.into()
            }
        }
    }
}

impl Machine {
    pub(super) fn log_in(
        &mut self,
        mode: LoginMode,
        by: Requester,
        step: &mut Step,
    ) -> Result<AttemptId, Refusal> {
        // Who is signed in is told so below, also while that is renewed.
        let is_for_nothing = mode == LoginMode::SignIn && self.session().is_some();
        if let Some(running) = self.attempt().filter(|_| !is_for_nothing) {
            return Ok(running.id.clone());
        }
        let prior = self.prior_for(mode)?;
        self.check_sign_in_is_possible()?;
        self.check_rate(by, step.now.monotonic)?;

        let attempt = Attempt {
            id: self.ids.attempt(),
            started_at: step.now.wall,
            deadline: Deadline::after(step.now, self.rules.login_timeout),
            waiting: WaitingFor::Browser,
            browser_failed: false,
            provider: self.rules.provider.clone(),
        };
        self.login_waits = None;
        let id = attempt.id.clone();
        self.phase = match std::mem::replace(&mut self.phase, Phase::SignedOut) {
            Phase::Active(session, _) => Phase::Active(session, Some(attempt)),
            Phase::SignedOut | Phase::SigningIn(_) => Phase::SigningIn(attempt),
        };
        self.troubles.last = None;
        step.events.push(Event::LoginStarted {
            attempt: id.clone(),
        });
        step.effects.push(Effect::StartLogin {
            attempt: id.clone(),
            mode,
            prior,
        });
        Ok(id)
    }

    fn prior_for(&self, mode: LoginMode) -> Result<Option<PriorSession>, Refusal> {
        match (mode, self.session()) {
            (LoginMode::SignIn, None) => Ok(None),
            (LoginMode::SignIn, Some(_)) => Err(Refusal::AlreadySignedIn),
            (LoginMode::Reauthenticate | LoginMode::ChangeRole, None) => Err(Refusal::NoSession),
            (LoginMode::Reauthenticate | LoginMode::ChangeRole, Some(session)) => {
                Ok(Some(PriorSession {
                    subject: session.identity.user.id.clone(),
                    auth_time: session.identity.auth_time,
                }))
            }
        }
    }

    fn check_sign_in_is_possible(&self) -> Result<(), Refusal> {
        if let Some(failure) = &self.troubles.rules {
            return Err(Refusal::CannotSignIn(failure.code));
        }
        if !self.cards.desktop_is_active() {
            return Err(Refusal::DesktopNotActive);
        }
        if self.cards.service_stopped() && self.rules.require_smartcard {
            return Err(Refusal::CannotSignIn(FailureCode::CardServiceStopped));
        }
        if self.cards.only_unaccepted(&self.rules) {
            return Err(Refusal::CannotSignIn(FailureCode::CardNotRecognised));
        }
        Ok(())
    }

    fn check_rate(&mut self, by: Requester, now: Duration) -> Result<(), Refusal> {
        match by {
            Requester::User => return Ok(()),
            Requester::App | Requester::Insertion => {}
        }
        if let Some(last) = self.last_unattended_login {
            let next = last.saturating_add(UNATTENDED_LOGIN_INTERVAL);
            if now < next {
                return Err(Refusal::RateLimited {
                    retry_after: next.saturating_sub(now),
                });
            }
        }
        self.last_unattended_login = Some(now);
        Ok(())
    }

    pub(super) fn follow_login(&mut self, report: LoginReport, step: &mut Step) {
        let LoginReport {
            attempt: id,
            update,
        } = report;
        let Some(attempt) = self.attempt_mut().filter(|attempt| attempt.id == id) else {
            if matches!(update, LoginUpdate::Succeeded(_)) {
                let reason = FailureCode::LoginCancelled;
                step.effects.push(Effect::DiscardTokens {
                    attempt: id,
                    reason,
                });
            }
            return;
        };
        match update {
            LoginUpdate::Waiting(waiting) => attempt.waiting = waiting,
            LoginUpdate::BrowserFailed => attempt.browser_failed = true,
            LoginUpdate::Failed(failure) => self.lose_attempt(failure, step),
            LoginUpdate::Succeeded(identity) => {
                let provider = attempt.provider.clone();
                self.accept(id, provider, *identity, step);
            }
        }
    }

    fn accept(
        &mut self,
        attempt: AttemptId,
        provider: Provider,
        identity: Identity,
        step: &mut Step,
    ) {
        let binding = match self.bind(&identity) {
            Ok(binding) => binding,
            Err(reason) => {
                step.effects.push(Effect::DiscardTokens { attempt, reason });
                self.lose_attempt(reason.into(), step);
                return;
            }
        };
        let session = match std::mem::replace(&mut self.phase, Phase::SignedOut) {
            Phase::Active(mut session, _) if session.is_of(&identity, &provider) => {
                session.renew(identity, binding, step.now);
                step.events.push(Event::SessionChanged {
                    session: session.id.clone(),
                });
                session
            }
            Phase::Active(session, _) => {
                self.phase = Phase::Active(session, None);
                self.end_session(EndReason::Replaced, step);
                self.start_session(identity, binding, provider, step)
            }
            Phase::SignedOut | Phase::SigningIn(_) => {
                self.start_session(identity, binding, provider, step)
            }
        };
        step.effects.push(Effect::AdoptTokens {
            attempt,
            session: session.id.clone(),
        });
        self.phase = Phase::Active(session, None);
        self.troubles.last = None;
    }

    fn start_session(
        &mut self,
        identity: Identity,
        binding: Binding,
        provider: Provider,
        step: &mut Step,
    ) -> Box<Session> {
        let id = self.ids.session();
        step.events.push(Event::SessionStarted {
            session: id.clone(),
        });
        Box::new(Session::start(id, identity, binding, provider, step.now))
    }

    /// A card that came too soon after the last attempt is signed in with when the time is there, as
    /// long as it stays.
    pub(super) fn log_in_with_the_card(&mut self, step: &mut Step) {
        // A refusal has nobody to be told to; the failure in the snapshot says why.
        let answer = self.log_in(LoginMode::SignIn, Requester::Insertion, step);
        self.login_waits = match answer {
            Err(Refusal::RateLimited { retry_after }) => {
                Some(Deadline::after(step.now, retry_after))
            }
            Ok(_) | Err(_) => None,
        };
    }

    /// CIS2 does not say which card was used, so a session is bound to every card that counts
    /// when the login succeeds; and a login without one is refused where a smartcard is required.
    fn bind(&self, identity: &Identity) -> Result<Binding, FailureCode> {
        if self.rules.require_smartcard && !identity.smartcard {
            return Err(FailureCode::SmartcardRequired);
        }
        let cards = Binding::to(self.cards.that_count(&self.rules));
        if cards == Binding::None && self.rules.require_smartcard {
            return Err(FailureCode::CardMissing);
        }
        match self.rules.on_removal {
            OnRemoval::Logout if identity.smartcard => Ok(cards),
            OnRemoval::Logout | OnRemoval::Notify => Ok(Binding::None),
        }
    }

    /// Ends the attempt under way, if any, from our side.
    pub(super) fn fail_attempt(&mut self, failure: Failure, step: &mut Step) {
        if let Some(attempt) = self.attempt() {
            step.effects.push(Effect::StopLogin {
                attempt: attempt.id.clone(),
                reason: failure.code,
            });
            self.lose_attempt(failure, step);
        }
    }

    fn lose_attempt(&mut self, failure: Failure, step: &mut Step) {
        let lost = match std::mem::replace(&mut self.phase, Phase::SignedOut) {
            Phase::SignedOut => None,
            Phase::SigningIn(attempt) => Some(attempt),
            Phase::Active(session, attempt) => {
                self.phase = Phase::Active(session, None);
                attempt
            }
        };
        if let Some(attempt) = lost {
            step.events.push(Event::LoginFailed {
                attempt: attempt.id,
                code: failure.code,
            });
            self.troubles.last = Some(failure);
        }
    }
}
