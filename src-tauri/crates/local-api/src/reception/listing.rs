//! Programs and pairings as they are listed: never a token, its hash, a code or a secret.

use cardea_session::{ScopeSet, Time};
use serde::Serialize;
use utoipa::ToSchema;

use super::LocalApp;
use crate::AppSource;
use crate::access::Grant;
use crate::pairing::{Applicant, ClaimedName, Waiting};

/// A program that may call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppListing {
    id: String,
    name: String,
    scopes: ScopeSet,
    /// The web origins it calls from; empty for a program that is no web page.
    origins: Vec<String>,
    source: AppSource,
    /// The file that the program ran when it was paired; absent for web pages and where it is not
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<String>,
    /// When it was let in; absent for those of the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    added_at: Option<Time>,
    /// When it last called with its token; absent when it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Time>,
}

impl AppListing {
    /// None for Cardea's own programs.
    pub(super) fn of(grant: &Grant, local: Option<&LocalApp>) -> Option<Self> {
        let (source, _) = grant.app?;
        // A program of the settings may stand in front of one that was paired.
        let local = local.filter(|local| local.source == source);
        Some(Self {
            id: grant.id.clone(),
            name: grant.name.clone(),
            scopes: grant.scopes.clone(),
            origins: grant.origins.clone(),
            source,
            program: local.and_then(|local| local.program.clone()),
            added_at: local.map(|local| local.added_at),
            last_used_at: grant.last_used_at(),
        })
    }
}

/// A pairing that waits for the user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PairingListing {
    id: String,
    /// What the program says it is called, which says nothing about who it is.
    name: ClaimedName,
    scopes: ScopeSet,
    /// Who asks.
    from: Applicant,
    /// How long the user still has, in seconds.
    seconds_left: u64,
}

impl PairingListing {
    pub(super) fn of(waiting: Waiting<'_>) -> Self {
        Self {
            id: waiting.id.to_owned(),
            name: waiting.wanted.name.clone(),
            scopes: waiting.wanted.scopes.clone(),
            from: waiting.wanted.applicant.clone(),
            seconds_left: waiting.left.as_secs(),
        }
    }
}
