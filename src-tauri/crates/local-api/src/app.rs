//! The programs that may call.

use std::fmt;

use cardea_session::ScopeSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::TokenHash;

/// A program that may call the API, by its token.
#[derive(Clone)]
pub struct App {
    /// Names it in settings, audit and listings.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The web origins it calls from, byte for byte; empty for a program that is no web page.
    pub origins: Vec<String>,
    /// SHA-256 of its token.
    pub token_sha256: TokenHash,
    /// Where it was allowed.
    pub source: AppSource,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("id", &self.id)
            .field("scopes", &self.scopes)
            .field("origins", &self.origins)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Where a program was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppSource {
    /// By policy.
    Policy,
    /// By the installation.
    Installation,
    /// In a settings file.
    File,
    /// By pairing.
    Paired,
    /// By hand, with `cardea apps add`.
    Added,
}

/// Whether this can name a program: 1 to 64 ASCII letters, digits or any of `-._`, the first a
/// letter or digit.
#[must_use]
pub fn is_app_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}
