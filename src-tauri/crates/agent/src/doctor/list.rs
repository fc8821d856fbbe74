//! Every check there is, in the order in which they run: what others need comes first.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::checks::{
    agent, api, autostart, browser, browser_policy, card_software, cards, endpoint, files,
    removals, settings, version,
};
use super::finding::Finding;
use super::workstation::Workstation;

pub(super) type Looking = Pin<Box<dyn Future<Output = Finding> + Send>>;

/// A check.
pub(super) struct Check {
    /// Its public name.
    pub(super) id: &'static str,
    /// What is checked, in a few words.
    pub(super) title: &'static str,
    /// Which others must not have failed.
    pub(super) after: &'static [&'static str],
    /// How long it may take.
    pub(super) limit: Duration,
    pub(super) look: fn(Arc<Workstation>) -> Looking,
}

/// For what only looks at this computer.
const USUAL: Duration = Duration::from_secs(8);

impl Check {
    const fn new(
        id: &'static str,
        title: &'static str,
        look: fn(Arc<Workstation>) -> Looking,
    ) -> Self {
        Self {
            id,
            title,
            after: &[],
            limit: USUAL,
            look,
        }
    }

    const fn after(mut self, others: &'static [&'static str]) -> Self {
        self.after = others;
        self
    }
}

/// A look as the list holds it.
macro_rules! by {
    ($look:path) => {
        |workstation| Box::pin(async move { $look(&workstation).await })
    };
}

/// The checks.
pub(super) const CHECKS: &[Check] = &[
    Check::new("version", "Versions", by!(version::look)),
    Check::new("settings", "Settings", by!(settings::look)),
    Check::new("file_trust", "Files others could change", by!(files::look)),
    Check::new("agent", "The agent", by!(agent::look)),
    Check::new("endpoint_file", "The endpoint file", by!(endpoint::look)),
    Check::new("api", "The local API", by!(api::look)),
    Check::new("autostart", "Start at log-on", by!(autostart::look)),
    Check::new("card_service", "The smartcard service", by!(cards::service)),
    Check::new("readers", "Card readers", by!(cards::readers)).after(&["card_service"]),
    Check::new("card", "The card", by!(cards::card)).after(&["card_service"]),
    Check::new(
        "card_software",
        "Other card software",
        by!(card_software::look),
    ),
    Check::new("browser", "The browser", by!(browser::look)),
    Check::new(
        "browser_policy",
        "Browser policies",
        by!(browser_policy::look),
    ),
    Check::new("removals", "The last removals", by!(removals::look)),
];
