//! The one document that describes everything (contract, section 3.1).

use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, Boot, EndReason, Failure, ProviderEnvironment, ReaderStateView, SessionId, Time,
    User,
};

/// Everything there is to know, as programs see it. Fields that do not apply are absent.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// This run of the agent.
    pub boot: Boot,
    /// Grows by one with each change.
    pub revision: u64,
    /// Which CIS2.
    pub environment: ProviderEnvironment,
    /// The issuer, byte for byte.
    pub issuer: String,
    /// The state, see [`State`].
    pub state: State,
    /// When `state` became what it is.
    pub since: Time,
    /// All readers.
    pub readers: Vec<ReaderView>,
    /// The login under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginView>,
    /// The session, when `state` is [`State::Active`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionView>,
    /// How the last session of this run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_end: Option<LastEnd>,
    /// What is wrong, until its cause ends or the next attempt starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Snapshot {
    /// The same without who is signed in, for programs without `identity:read`.
    #[must_use]
    pub fn without_identity(mut self) -> Self {
        if let Some(session) = &mut self.session {
            session.user = None;
        }
        self
    }
}

/// The furthest of all readers that count, when nobody is signed in.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// PC/SC cannot be reached while readers should be there.
    Unavailable,
    /// No reader that counts.
    NoReader,
    /// A reader, no readable card.
    NoCard,
    /// A card, nobody signed in.
    CardPresent,
    /// A login is under way and nobody is signed in.
    SigningIn,
    /// Signed in.
    Active,
    /// A state that a newer agent reports and this program does not know: not signed in.
    #[serde(other)]
    Unknown,
}

impl State {
    /// The public name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::NoReader => "no_reader",
            Self::NoCard => "no_card",
            Self::CardPresent => "card_present",
            Self::SigningIn => "signing_in",
            Self::Active => "active",
            Self::Unknown => "unknown",
        }
    }
}

/// A reader in the snapshot.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderView {
    /// Its name as it can be shown.
    pub name: String,
    /// What is in it.
    pub state: ReaderStateView,
    /// The card, when `state` is `present`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardView>,
}

/// A card in the snapshot.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// Whether a pattern knows it.
    pub recognised: bool,
    /// What the pattern calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The login under way.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginView {
    /// Which attempt.
    pub attempt: AttemptId,
    /// Since when.
    pub started_at: Time,
    /// What it is waiting for.
    pub waiting: WaitingFor,
}

/// What a login is waiting for.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// A free redirect port: another user of this computer is signing in.
    Port,
    /// The user, in the browser.
    Browser,
    /// CIS2's answers to the agent.
    Provider,
    /// Something that a newer agent waits for and this program does not know.
    #[serde(other)]
    Unknown,
}

/// The session.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it; never reused.
    pub id: SessionId,
    /// When it started.
    pub started_at: Time,
    /// When its lifetime ends.
    pub expires_at: Time,
    /// When it ends if nobody is active, as of when this was written.
    pub idle_expires_at: Time,
    /// When the ID token expires.
    pub id_token_expires_at: Time,
    /// Present and true once the end is near (see the event `session.expiring`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expiring: bool,
    /// Whether it ends when a card leaves.
    pub card_bound: bool,
    /// The readers with the cards it is bound to.
    pub readers: Vec<String>,
    /// Authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods.
    #[serde(default)]
    pub amr: Vec<String>,
    /// When the user authenticated.
    pub auth_time: Time,
    /// AAL.
    pub authentication_assurance_level: u8,
    /// IAL.
    pub id_assurance_level: u8,
    /// Who; absent for programs without `identity:read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// How the last session of this run ended.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastEnd {
    /// Which session.
    pub session_id: SessionId,
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Time,
}
