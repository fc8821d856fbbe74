//! Which picture the tray shows.

use cardea_session::{Snapshot, State};

use crate::{Agent, Known};

/// A picture of the tray; each is told apart by its shape, not only by its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// The agent cannot be heard.
    AgentDown,
    /// The smartcard service cannot be reached.
    NoCardService,
    /// No reader.
    NoReader,
    /// A reader without a card.
    NoCard,
    /// A card, nobody signed in.
    Card,
    /// A login is under way.
    SigningIn,
    /// Somebody is signed in.
    SignedIn,
    /// Nobody is signed in, and something wants the user.
    Attention,
}

impl Icon {
    /// Every picture.
    pub const ALL: [Self; 8] = [
        Self::AgentDown,
        Self::NoCardService,
        Self::NoReader,
        Self::NoCard,
        Self::Card,
        Self::SigningIn,
        Self::SignedIn,
        Self::Attention,
    ];

    /// The picture of what is known. Nothing hides that somebody is signed in, and nothing shows it
    /// when it is not certain.
    #[must_use]
    pub fn of(known: &Known) -> Self {
        match &known.agent {
            Agent::Starting | Agent::Restarting | Agent::Down => Self::AgentDown,
            Agent::Running(snapshot) => Self::of_running(known, snapshot),
        }
    }

    fn of_running(known: &Known, snapshot: &Snapshot) -> Self {
        let wants_the_user = known.failure().is_some() || known.pairings > 0;
        match snapshot.state {
            State::Active if snapshot.session.is_some() => Self::SignedIn,
            State::SigningIn => Self::SigningIn,
            State::Unavailable => Self::NoCardService,
            State::NoReader | State::NoCard | State::CardPresent if wants_the_user => {
                Self::Attention
            }
            State::NoReader => Self::NoReader,
            State::NoCard => Self::NoCard,
            State::CardPresent => Self::Card,
            State::Active | State::Unknown => Self::Attention,
        }
    }

    /// The name of its picture's files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AgentDown => "agent-down",
            Self::NoCardService => "no-card-service",
            Self::NoReader => "no-reader",
            Self::NoCard => "no-card",
            Self::Card => "card",
            Self::SigningIn => "signing-in",
            Self::SignedIn => "signed-in",
            Self::Attention => "attention",
        }
    }
}

#[cfg(test)]
mod tests;
