//! The settings that the machine obeys (contract, section 2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[card] recognise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognise {
    /// Any readable card may be used.
    Any,
    /// Only cards that a pattern knows count.
    Known,
}

/// `[card] on_insert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInsert {
    /// Nothing.
    Off,
    /// Programs are told; the desktop may show it.
    Notify,
    /// A login starts.
    Login,
}

/// `[card] on_removal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnRemoval {
    /// The session ends.
    Logout,
    /// Programs are told; the session goes on and is not card-bound.
    Notify,
}

/// `[session] on_workstation_lock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLock {
    /// A card-bound session goes on.
    Keep,
    /// The session ends.
    Logout,
}

/// Which CIS2 the agent talks to; programs in live use must refuse anything but `live`.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderEnvironment {
    /// CIS2 live.
    Live,
    /// CIS2 integration.
    Int,
    /// An issuer named in the settings.
    Custom,
    /// The simulator of the developer build.
    Simulated,
    /// An environment that a newer agent reports and this program does not know.
    #[serde(other)]
    Unknown,
}

/// The provider as the snapshot names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Which one.
    pub environment: ProviderEnvironment,
    /// The issuer, byte for byte.
    pub issuer: String,
}

/// The settings that the machine obeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The provider, from the next login on.
    pub provider: Provider,
    /// Which cards count.
    pub recognise: Recognise,
    /// What an insertion does.
    pub on_insert: OnInsert,
    /// What a removal does.
    pub on_removal: OnRemoval,
    /// Whether a login without a smartcard is refused.
    pub require_smartcard: bool,
    /// How long an attempt may take.
    pub login_timeout: Duration,
    /// How long nobody may be active.
    pub idle_timeout: Duration,
    /// How long a session may last.
    pub max_lifetime: Lifetime,
    /// What locking the workstation does to a card-bound session.
    pub on_workstation_lock: OnLock,
    /// Whether the workstation is locked when a removed card ends the session.
    pub lock_workstation_on_removal: bool,
}

/// `[session] max_lifetime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// So long.
    Limit(Duration),
    /// No longer than the ID token.
    IdToken,
}
