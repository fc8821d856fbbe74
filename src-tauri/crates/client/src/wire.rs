//! Answers of the local API as they are written.

use std::fmt;

use cardea_session::{AttemptId, Boot, ScopeSet, SessionId, Snapshot, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The answer of `GET /v1/health`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// This run of the agent; only with a proof.
    #[serde(default)]
    pub boot: Option<Boot>,
    /// See [`crate::Client`]; checked before the token is sent.
    #[serde(default)]
    pub(crate) proof: Option<String>,
}

/// What the agent knows of the calling program: `GET /v1/app`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInfo {
    /// Its id.
    pub id: String,
    /// Its name as the user knows it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The agent's version.
    #[serde(default)]
    pub version: Option<String>,
    /// What this agent can do beyond the first version of the API.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A program in the list of those that may call the local API: `GET /v1/apps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppListing {
    /// Its id.
    pub id: String,
    /// Its name as the user knows it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The web origins it calls from; none for a program that is not a web page.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where it was allowed: `policy`, `installation`, `file`, `paired` or `added`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The file that it ran when it was paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// When it was let in; none for those of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_at: Option<Time>,
    /// When it last called with its token; none when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Time>,
}

/// A program that asks to be let in: `GET /v1/pairings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingListing {
    /// Names the pairing.
    pub id: String,
    /// What the program says it is called, which says nothing about who it is.
    pub name: String,
    /// What it wants to do.
    pub scopes: ScopeSet,
    /// Who asks, as the agent sees it.
    pub from: Applicant,
    /// How long the user still has, in seconds.
    pub seconds_left: u64,
}

/// Who asks to be let in, as the agent sees it and not as the program says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The web origin of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The file that the program runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Who signed that file (Windows only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

/// One line of the audit, ids and codes only: `GET /v1/activity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// When.
    pub at: Time,
    /// What, for instance `session_ended`.
    pub action: String,
    /// The program concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The session concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Why: an end reason or the code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A program to be let in by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewApp {
    /// 1 to 64 letters, digits or any of `-._`.
    pub id: String,
    /// What a person calls it; its id when none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it may do; never `tokens:read`.
    pub scopes: ScopeSet,
    /// The web origins it calls from; none for a program that is no web page.
    pub origins: Vec<String>,
}

/// The tokens of a session, for programs with `tokens:read`: `GET /v1/session/tokens`. Wiped when
/// dropped; whoever has the ID token can show it as their own until it expires.
#[derive(Clone, Deserialize)]
pub struct SessionTokens {
    /// Whose they are.
    pub session_id: SessionId,
    /// The ID token as CIS2 signed it.
    pub id_token: Zeroizing<String>,
    /// Its `exp`, in seconds since 1970-01-01T00:00:00Z.
    pub exp: i64,
    /// CIS2's name for its own session.
    #[serde(default)]
    pub sid: Option<String>,
    /// The ID token's `aud`.
    pub client_id: String,
    /// The ID token's `iss`.
    pub issuer: String,
    /// The access token, where the settings give it out.
    #[serde(default)]
    pub access_token: Option<Zeroizing<String>>,
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionTokens([redacted])")
    }
}

/// What the agent says of itself to the help desk: `GET /v1/diagnostics`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// The agent's version.
    pub version: String,
    /// This run of it.
    pub boot: Boot,
    /// How long it has been running, in seconds.
    pub uptime_s: u64,
    /// The last removals, the oldest first.
    #[serde(default)]
    pub removals: Vec<Removal>,
    /// Calls that were refused because the operating system did not say whose they were.
    #[serde(default)]
    pub unknown_callers: u64,
    /// Everything else that it says.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// A card that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// When.
    pub at: Time,
    /// The reader's name.
    pub reader: String,
    /// From the card source's report until programs could hear of it, in microseconds.
    pub published_after_us: u64,
}

#[derive(Deserialize)]
pub(crate) struct ActivityLog {
    pub(crate) entries: Vec<ActivityEntry>,
}

#[derive(Deserialize)]
pub(crate) struct PairingListings {
    pub(crate) pairings: Vec<PairingListing>,
}

#[derive(Deserialize)]
pub(crate) struct AddedApp {
    pub(crate) token: Zeroizing<String>,
}

#[derive(Deserialize)]
pub(crate) struct AppListings {
    pub(crate) apps: Vec<AppListing>,
}

#[derive(Deserialize)]
pub(crate) struct LoginStarted {
    pub(crate) attempt: AttemptId,
}

#[derive(Deserialize)]
pub(crate) struct LoginAddress {
    #[serde(default)]
    pub(crate) address: Option<String>,
}

/// The `ETag` of a snapshot; opaque, only ever sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub(crate) http::HeaderValue);

/// A snapshot with the tag to ask for the next one by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Its tag.
    pub tag: Tag,
}
