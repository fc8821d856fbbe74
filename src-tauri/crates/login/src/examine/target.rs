//! The server that is to be reached, and the ways there.

use std::sync::atomic::AtomicBool;

use rustls::pki_types::ServerName;
use tokio::sync::OnceCell;
use url::{Host, Url};

use crate::proxy::Ways;
use crate::wire::Reach;

/// A server that is to be reached.
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) reach: Reach,
    /// Asked until there is an answer.
    pub(super) ways: OnceCell<Ways>,
    /// Whether there was none once; the steps of the way do not wait for it again.
    pub(super) is_unanswered: AtomicBool,
}

impl Target {
    /// None when there is no such server.
    pub(super) fn at(address: &str, reach: Reach) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let is_usable = match reach {
            Reach::Https => url.scheme() == "https",
            Reach::Loopback => matches!(url.scheme(), "http" | "https"),
        };
        (is_usable && url.has_host()).then(|| Self {
            url,
            reach,
            ways: OnceCell::new(),
            is_unanswered: AtomicBool::new(false),
        })
    }

    /// The host as it is looked up; none for an address.
    pub(super) fn name(&self) -> Option<&str> {
        name_in(&self.url)
    }

    /// For whom the certificate has to be.
    pub(super) fn server_name(&self) -> Option<ServerName<'static>> {
        Some(match self.url.host()? {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).ok()?,
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(address)),
        })
    }

    pub(super) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }
}

/// The host as it is looked up; none for an address.
pub(super) fn name_in(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}
