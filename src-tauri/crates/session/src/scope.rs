//! What a program may do with the local API.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One permission of a program. The names are public (contract, section 4.2).
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// See the session and its events, without who is signed in.
    #[cfg_attr(feature = "schema", schema(rename = "session:read"))]
    SessionRead,
    /// See who is signed in.
    #[cfg_attr(feature = "schema", schema(rename = "identity:read"))]
    IdentityRead,
    /// Sign in and out.
    #[cfg_attr(feature = "schema", schema(rename = "session:control"))]
    SessionControl,
    /// Say that the user is busy.
    #[cfg_attr(feature = "schema", schema(rename = "session:activity"))]
    SessionActivity,
    /// Take the ID token. Granted by policy or the machine file only.
    #[cfg_attr(feature = "schema", schema(rename = "tokens:read"))]
    TokensRead,
    /// See readers, settings and latencies.
    #[cfg_attr(feature = "schema", schema(rename = "diagnostics:read"))]
    DiagnosticsRead,
}

/// A scope name that no agent of this version grants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}; allowed are session:read, identity:read, session:control, \
     session:activity, tokens:read, diagnostics:read"
)]
pub struct UnknownScope(pub String);

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 6] = [
        Self::SessionRead,
        Self::IdentityRead,
        Self::SessionControl,
        Self::SessionActivity,
        Self::TokensRead,
        Self::DiagnosticsRead,
    ];

    /// The public name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionRead => "session:read",
            Self::IdentityRead => "identity:read",
            Self::SessionControl => "session:control",
            Self::SessionActivity => "session:activity",
            Self::TokensRead => "tokens:read",
            Self::DiagnosticsRead => "diagnostics:read",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}

/// The permissions of one program.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Whether `scope` is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// All of them, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}
