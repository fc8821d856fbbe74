//! Answers of the local API as they are written.

use cardea_session::{AttemptId, Boot, ScopeSet, Snapshot};
use serde::{Deserialize, Serialize};

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
    /// Where it was allowed: `policy`, `installation`, `file`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
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
