//! Carries out logins and keeps the tokens they bring: in memory, here, and nowhere else.

mod ended;
mod kept;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cardea_local_api::ReleasedTokens;
use cardea_login::{
    AttemptAddress, AttemptRequest, BrowserAnswer, Finished, Language, Logout, RelyingParty,
    Secret, Stop,
};
use cardea_session::{
    AttemptId, Failure, FailureCode, LoginMode, LoginReport, LoginUpdate, PriorSession, SessionId,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub(crate) use ended::Ended;
use kept::{CleanUps, Kept};

/// Stopped attempts may still wait for an answer of the provider. More than these at once means
/// that something is wrong, and further logins fail until some are done.
const MOST_ATTEMPTS: usize = 8;
/// Reports of attempts that the controller has not read yet.
const REPORTS: usize = 32;

/// What the attempts did.
pub(crate) enum Progress {
    /// One goes on.
    Report(LoginReport),
    /// One is over; see [`Logins::settle`].
    Finished(Box<Ended>),
    /// A task was lost, which ends the agent.
    Lost,
}

/// Owns every attempt, every clean-up and every token.
pub(crate) struct Logins {
    party: Option<Arc<RelyingParty>>,
    language: Language,
    running: HashMap<AttemptId, Running>,
    attempts: JoinSet<Ended>,
    report: mpsc::Sender<LoginReport>,
    reports: mpsc::Receiver<LoginReport>,
    granted: HashMap<AttemptId, (Kept, BrowserAnswer)>,
    session: Option<(SessionId, Kept)>,
    clean_ups: CleanUps,
    /// The first connection to the provider, made before somebody waits for it.
    warming: JoinSet<()>,
}

struct Running {
    stop: Stop,
    address: AttemptAddress,
}

impl Logins {
    pub(crate) fn new() -> Self {
        let (report, reports) = mpsc::channel(REPORTS);
        Self {
            party: None,
            language: Language::English,
            running: HashMap::new(),
            attempts: JoinSet::new(),
            report,
            reports,
            granted: HashMap::new(),
            session: None,
            clean_ups: CleanUps::default(),
            warming: JoinSet::new(),
        }
    }

    /// The relying party from the next login on, and the language of its result page; none when
    /// nobody can sign in.
    pub(crate) fn use_party(&mut self, party: Option<(Arc<RelyingParty>, Language)>) {
        let before = self.party.take();
        self.party = party.map(|(party, language)| {
            self.language = language;
            party
        });
        let is_as_before = match (&before, &self.party) {
            (Some(before), Some(party)) => Arc::ptr_eq(before, party),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_as_before {
            self.warm_up();
        }
    }

    fn warm_up(&mut self) {
        self.warming.abort_all();
        if let Some(party) = self.party.clone() {
            self.warming.spawn(async move { party.warm_up().await });
        }
    }

    /// Starts an attempt.
    ///
    /// # Errors
    /// What to report as the attempt's failure when it cannot even start.
    pub(crate) fn start(
        &mut self,
        attempt: AttemptId,
        mode: LoginMode,
        prior: Option<PriorSession>,
    ) -> Result<(), Failure> {
        let Some(party) = self.party.clone() else {
            return Err(FailureCode::ConfigInvalid.into());
        };
        if self.attempts.len() >= MOST_ATTEMPTS {
            return Err(FailureCode::ProviderUnreachable.into());
        }
        let running = Running {
            stop: Stop::default(),
            address: AttemptAddress::default(),
        };
        let request = AttemptRequest {
            mode,
            prior,
            language: self.language,
            address: running.address.clone(),
        };
        let stop = running.stop.clone();
        self.running.insert(attempt.clone(), running);
        let report = self.report.clone();
        self.attempts.spawn(async move {
            let follow = |update: LoginUpdate| {
                let report_of = LoginReport {
                    attempt: attempt.clone(),
                    update,
                };
                // A controller that does not read has lost nothing but what it waits for.
                if report.try_send(report_of).is_err() {
                    tracing::warn!("a report of a login attempt was left out");
                }
            };
            let finished = party.attempt(request, &follow, stop).await;
            Ended {
                attempt,
                party,
                finished,
            }
        });
        Ok(())
    }

    /// Tells an attempt to stop, because of `why`. Tokens that it has or still gets come with its
    /// end.
    pub(crate) fn stop(&self, attempt: &AttemptId, why: FailureCode) {
        if let Some(running) = self.running.get(attempt) {
            running.stop.because(why);
        }
    }

    /// The address of the attempt under way, for a browser that did not open.
    pub(crate) fn address(&self, attempt: &AttemptId) -> Option<Secret> {
        self.running.get(attempt)?.address.current()
    }

    /// Waits for the next thing an attempt does. Safe to drop and call again.
    pub(crate) async fn progress(&mut self) -> Progress {
        loop {
            tokio::select! {
                Some(report) = self.reports.recv() => return Progress::Report(report),
                Some(ended) = self.attempts.join_next() => return match ended {
                    Ok(ended) => Progress::Finished(Box::new(ended)),
                    Err(_panicked) => Progress::Lost,
                },
                Some(done) = self.clean_ups.done() => {
                    if done.is_err() {
                        return Progress::Lost;
                    }
                }
                Some(done) = self.warming.join_next() => {
                    if done.is_err_and(|error| error.is_panic()) {
                        return Progress::Lost;
                    }
                }
                else => std::future::pending().await,
            }
        }
    }

    /// Takes an attempt's tokens into keeping and says how it ended.
    pub(crate) fn settle(&mut self, ended: Ended) -> LoginReport {
        let Ended {
            attempt,
            party,
            finished,
        } = ended;
        self.running.remove(&attempt);
        let update = match finished {
            Finished::Granted {
                identity,
                tokens,
                answer,
            } => {
                self.granted
                    .insert(attempt.clone(), (Kept { tokens, party }, answer));
                LoginUpdate::Succeeded(Box::new(identity))
            }
            Finished::Failed { failure, tokens } => {
                if let Some(tokens) = tokens {
                    self.clean_ups.start(Kept { tokens, party });
                }
                LoginUpdate::Failed(failure)
            }
        };
        LoginReport { attempt, update }
    }

    /// The tokens of this attempt are the session's from now on. Those it had are wiped; ending
    /// them at the provider would end what was just renewed.
    pub(crate) fn adopt(&mut self, attempt: &AttemptId, session: SessionId) {
        if let Some((kept, answer)) = self.granted.remove(attempt) {
            self.session = Some((session, kept));
            answer.signed_in();
        }
    }

    /// The tokens of this attempt are unwanted, because of `code`.
    pub(crate) fn discard(&mut self, attempt: &AttemptId, code: FailureCode) {
        if let Some((kept, answer)) = self.granted.remove(attempt) {
            answer.refused(code);
            self.clean_ups.start(kept);
        }
    }

    /// The session is over: its tokens are cleaned up at the provider and wiped.
    pub(crate) fn end_session(&mut self, session: &SessionId) {
        if let Some((_, kept)) = self.session.take_if(|(kept, _)| kept == session) {
            self.clean_ups.start(kept);
        }
    }

    /// The tokens of this session for a program that may have them: the access token where the
    /// settings let it out when it came, and do so still.
    pub(crate) fn release(&self, session: &SessionId) -> Option<ReleasedTokens> {
        let (running, kept) = self.session.as_ref()?;
        let party = self.party.as_ref();
        let with_access_token = party.is_some_and(|party| party.settings().keep_access_token);
        (running == session).then(|| kept.release(session, with_access_token))?
    }

    /// Whose provider may end the session: who signed it in, and who signs in from now on.
    pub(crate) fn parties(&self) -> Vec<Arc<RelyingParty>> {
        let signed_in = self.session.as_ref().map(|(_, kept)| &kept.party);
        let mut parties: Vec<_> = signed_in.into_iter().chain(&self.party).cloned().collect();
        parties.dedup_by(|one, other| Arc::ptr_eq(one, other));
        parties
    }

    /// The session that the provider ended, if it is the one here.
    pub(crate) fn ended_by(&self, logout: &Logout) -> Option<SessionId> {
        let (session, kept) = self.session.as_ref()?;
        let is_it = logout.is_from(kept.party.settings()) && kept.tokens.are_ended_by(logout);
        is_it.then(|| session.clone())
    }

    /// Waits until everything that is under way is done, at the most this long.
    pub(crate) async fn finish(&mut self, limit: Duration) -> Completion {
        for running in self.running.values() {
            running.stop.because(FailureCode::LoginCancelled);
        }
        self.warming.abort_all();
        let everything = async {
            while let Some(ended) = self.attempts.join_next().await {
                if let Ok(ended) = ended {
                    let attempt = self.settle(ended).attempt;
                    self.discard(&attempt, FailureCode::LoginCancelled);
                }
            }
            while self.clean_ups.done().await.is_some() {}
        };
        match tokio::time::timeout(limit, everything).await {
            Ok(()) => Completion::Done,
            Err(_) => Completion::CutShort,
        }
    }
}

/// Whether everything was done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    Done,
    CutShort,
}
