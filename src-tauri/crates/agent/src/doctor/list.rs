//! Every check there is, in the order in which they run: what others need comes first.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cardea_login::examine::limits;

use super::checks::{
    agent, api, autostart, broker, browser, browser_policy, card_software, cards, cis2, credential,
    endpoint, files, redirect, removals, settings, version,
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

/// The connection anew, and what the system says about the certificate.
const CERTIFICATE: Duration = limits::CONNECTION
    .saturating_add(limits::HANDSHAKE)
    .saturating_add(limits::VERIFICATION);
/// The way there, the same, and a call.
const BROKER: Duration = CERTIFICATE
    .saturating_add(limits::PROXIES)
    .saturating_add(limits::CALL);
/// For what is done around a step with a limit of its own.
const SPARE: Duration = Duration::from_secs(2);

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

    /// For a step that keeps to a limit of its own.
    const fn within(mut self, limit: Duration) -> Self {
        self.limit = limit.saturating_add(SPARE);
        self
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
    Check::new(
        "redirect_ports",
        "Ports for signing in",
        by!(redirect::look),
    ),
    Check::new("browser", "The browser", by!(browser::look)),
    Check::new(
        "browser_policy",
        "Browser policies",
        by!(browser_policy::look),
    ),
    Check::new(
        "client_credential",
        "The client credential",
        by!(credential::look),
    )
    .within(limits::CREDENTIAL),
    Check::new("broker", "The broker", by!(broker::look)).within(BROKER),
    Check::new("cis2_proxy", "CIS2: the proxy", by!(cis2::proxies)).within(limits::PROXIES),
    Check::new("cis2_name", "CIS2: its name", by!(cis2::name)).within(limits::NAME),
    Check::new(
        "cis2_connection",
        "CIS2: the connection",
        by!(cis2::connection),
    )
    .after(&["cis2_name"])
    .within(limits::CONNECTION),
    Check::new(
        "cis2_certificate",
        "CIS2: its certificate",
        by!(cis2::certificate),
    )
    .after(&["cis2_connection"])
    .within(CERTIFICATE),
    Check::new(
        "cis2_discovery",
        "CIS2: its endpoints",
        by!(cis2::discovery),
    )
    .after(&["cis2_certificate"])
    .within(limits::CALL),
    Check::new("clock", "The clock", by!(cis2::clock))
        .after(&["cis2_certificate"])
        .within(limits::CALL),
    Check::new("cis2_document", "CIS2: what it offers", by!(cis2::document))
        .after(&["cis2_discovery"])
        .within(limits::CALL),
    Check::new("removals", "The last removals", by!(removals::look)),
];
