//! The pairings under way: bounded in number, in time, and in guesses.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use cardea_session::ScopeSet;
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::secret::{self, NoRandomness};
use super::{Applicant, ClaimedName};
use crate::TokenHash;

/// Pairings that wait for the user, in all.
const MOST_WAITING: usize = 3;
/// How often one caller may ask in [`ASKING_WINDOW`].
const MOST_ASKED: usize = 3;
const ASKING_WINDOW: Duration = Duration::from_secs(600);
/// How long the user has to answer, and then the program to fetch its token.
const LIMIT: Duration = Duration::from_secs(120);
/// Wrong codes that end a pairing.
const MOST_WRONG_CODES: u8 = 5;
/// How long, and how many of, the pairings that are over are remembered, to tell their programs
/// what became of them.
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
const MOST_REMEMBERED: usize = 32;
/// Callers whose asking is counted. More than these in the window means that something is wrong,
/// and nobody may ask until some are forgotten.
const MOST_CALLERS: usize = 256;

/// What a program wants to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) applicant: Applicant,
    pub(crate) name: ClaimedName,
    pub(crate) scopes: ScopeSet,
}

/// What a program is told that asks.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: String,
    /// What the user types.
    pub(crate) code: Zeroizing<String>,
    /// What the program fetches its token by.
    pub(crate) claim_secret: Zeroizing<String>,
    /// The id that the program has when it is let in.
    pub(crate) app_id: String,
}

/// Why a program may not ask now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// Too many pairings wait for the user.
    Waiting,
    /// This caller has one waiting, or asked too often.
    OfThisCaller {
        /// When to ask again.
        retry_after: Duration,
    },
    /// There are no random numbers to be had.
    NoRandomness,
}

impl From<NoRandomness> for TooMany {
    fn from(NoRandomness: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

/// What became of an answer by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It counts.
    Done,
    /// That is not the code; how many more may be wrong.
    WrongCode { left: u8 },
    /// The pairing is over.
    Over,
    /// There is no such pairing.
    Unknown,
}

/// What becomes of a program that wants its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The user has not answered yet.
    Waiting,
    /// It is let in under this id.
    Granted { app_id: String, wanted: Wanted },
    /// The token was fetched before: whoever has it is to lose it.
    Again { app_id: String },
    /// The user said no.
    Declined,
    /// The time is over, or too many codes were wrong.
    Expired,
    /// There is no such pairing, or this is not its program.
    Unknown,
}

/// The pairings under way and those that are just over.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pairings: VecDeque<Pairing>,
    asked: VecDeque<(Instant, Applicant)>,
}

#[derive(Debug)]
struct Pairing {
    id: String,
    app_id: String,
    wanted: Wanted,
    code: Zeroizing<String>,
    claim_secret: TokenHash,
    wrong_codes: u8,
    state: State,
    /// Since when it is in this state.
    since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Approved,
    Claimed,
    Declined,
    Expired,
}

/// A pairing that waits for the user.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    pub(crate) id: &'a str,
    pub(crate) wanted: &'a Wanted,
    /// How long the user still has.
    pub(crate) left: Duration,
}

impl Desk {
    /// Takes up a pairing.
    pub(crate) fn ask(&mut self, wanted: Wanted, now: Instant) -> Result<Asked, TooMany> {
        self.tidy(now);
        self.may_ask(&wanted.applicant, now)?;
        let asked = Asked {
            id: secret::pairing_id()?,
            code: self.unused_code()?,
            claim_secret: secret::claim_secret()?,
            app_id: secret::app_id()?,
        };
        self.asked.push_back((now, wanted.applicant.clone()));
        self.pairings.push_back(Pairing {
            id: asked.id.clone(),
            app_id: asked.app_id.clone(),
            wanted,
            code: asked.code.clone(),
            claim_secret: TokenHash::of(asked.claim_secret.as_bytes()),
            wrong_codes: 0,
            state: State::Waiting,
            since: now,
        });
        Ok(asked)
    }

    fn may_ask(&self, applicant: &Applicant, now: Instant) -> Result<(), TooMany> {
        let waiting = || self.pairings.iter().filter(|pairing| pairing.is_waiting());
        if let Some(own) = waiting().find(|pairing| pairing.wanted.applicant == *applicant) {
            let retry_after = own.left(now);
            return Err(TooMany::OfThisCaller { retry_after });
        }
        let mut own = self.asked.iter().rev().filter(|(_, who)| who == applicant);
        if let Some((first, _)) = own.nth(MOST_ASKED - 1) {
            let retry_after = (*first + ASKING_WINDOW).saturating_duration_since(now);
            return Err(TooMany::OfThisCaller { retry_after });
        }
        if waiting().count() >= MOST_WAITING || self.asked.len() >= MOST_CALLERS {
            return Err(TooMany::Waiting);
        }
        Ok(())
    }

    /// A code that means one pairing only.
    fn unused_code(&self) -> Result<Zeroizing<String>, NoRandomness> {
        loop {
            let code = secret::code()?;
            if self.pairings.iter().all(|pairing| pairing.code != code) {
                return Ok(code);
            }
        }
    }

    /// Those that wait for the user, the oldest first.
    pub(crate) fn waiting(&mut self, now: Instant) -> impl Iterator<Item = Waiting<'_>> {
        self.tidy(now);
        let waiting = self.pairings.iter().filter(|pairing| pairing.is_waiting());
        waiting.map(move |pairing| Waiting {
            id: &pairing.id,
            wanted: &pairing.wanted,
            left: pairing.left(now),
        })
    }

    /// The user typed a code. Spaces and hyphens in it do not count.
    pub(crate) fn approve(&mut self, id: &str, code: &str, now: Instant) -> Judged {
        let Some(pairing) = self.find(id, now) else {
            return Judged::Unknown;
        };
        if !pairing.is_waiting() {
            return Judged::Over;
        }
        let typed: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|c| !matches!(c, ' ' | '-')).collect());
        if typed.as_bytes().ct_eq(pairing.code.as_bytes()).into() {
            pairing.become_now(State::Approved, now);
            return Judged::Done;
        }
        pairing.wrong_codes += 1;
        let left = MOST_WRONG_CODES.saturating_sub(pairing.wrong_codes);
        if left == 0 {
            pairing.become_now(State::Expired, now);
            return Judged::Over;
        }
        Judged::WrongCode { left }
    }

    /// The user said no.
    pub(crate) fn decline(&mut self, id: &str, now: Instant) -> Judged {
        match self.find(id, now) {
            None => Judged::Unknown,
            Some(pairing) if pairing.is_waiting() => {
                pairing.become_now(State::Declined, now);
                Judged::Done
            }
            Some(_) => Judged::Over,
        }
    }

    /// The program wants its token. Who is told [`Claim::Granted`] has claimed it.
    pub(crate) fn claim(&mut self, id: &str, claim_secret: &str, now: Instant) -> Claim {
        let hash = TokenHash::of(claim_secret);
        let Some(pairing) = self.find(id, now) else {
            return Claim::Unknown;
        };
        if hash != pairing.claim_secret {
            return Claim::Unknown;
        }
        let app_id = pairing.app_id.clone();
        match pairing.state {
            State::Waiting => Claim::Waiting,
            State::Approved => {
                pairing.become_now(State::Claimed, now);
                let wanted = pairing.wanted.clone();
                Claim::Granted { app_id, wanted }
            }
            State::Claimed => Claim::Again { app_id },
            State::Declined => Claim::Declined,
            State::Expired => Claim::Expired,
        }
    }

    /// The program did not get its token after all and may try again.
    pub(crate) fn give_back(&mut self, id: &str, now: Instant) {
        if let Some(pairing) = self.find(id, now)
            && pairing.state == State::Claimed
        {
            pairing.state = State::Approved;
        }
    }

    /// Nobody can be paired any more; what waits is over.
    pub(crate) fn close(&mut self, now: Instant) {
        let open = |pairing: &&mut Pairing| pairing.is_open();
        for pairing in self.pairings.iter_mut().filter(open) {
            pairing.become_now(State::Expired, now);
        }
    }

    fn find(&mut self, id: &str, now: Instant) -> Option<&mut Pairing> {
        self.tidy(now);
        self.pairings.iter_mut().find(|pairing| pairing.id == id)
    }

    /// Ends what was not answered or fetched in time, and forgets what is long over.
    fn tidy(&mut self, now: Instant) {
        for pairing in &mut self.pairings {
            if pairing.is_open() && pairing.left(now).is_zero() {
                pairing.become_now(State::Expired, pairing.since + LIMIT);
            }
        }
        let is_remembered = |pairing: &Pairing| {
            pairing.is_open() || now.saturating_duration_since(pairing.since) < REMEMBERED_FOR
        };
        self.pairings.retain(is_remembered);
        let over = |pairing: &Pairing| !pairing.is_open();
        while self.pairings.iter().filter(|pairing| over(pairing)).count() > MOST_REMEMBERED {
            let Some(oldest) = self.pairings.iter().position(over) else {
                break;
            };
            self.pairings.remove(oldest);
        }
        let in_window = |at: Instant| now.saturating_duration_since(at) < ASKING_WINDOW;
        self.asked.retain(|(at, _)| in_window(*at));
    }
}

impl Pairing {
    fn is_waiting(&self) -> bool {
        self.state == State::Waiting
    }

    /// Whether it can still come to something.
    fn is_open(&self) -> bool {
        matches!(self.state, State::Waiting | State::Approved)
    }

    fn left(&self, now: Instant) -> Duration {
        (self.since + LIMIT).saturating_duration_since(now)
    }

    fn become_now(&mut self, state: State, now: Instant) {
        (self.state, self.since) = (state, now);
    }
}
