//! Through which proxy an address is reached: the one place that decides it.
//!
//! Proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) count before all others, and
//! the HTTP client reads them itself. Without them the operating system is asked, where it has
//! proxies of its own.

use std::env;
use std::io;

use reqwest::{ClientBuilder, Proxy};
use url::Url;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod lists;
pub(crate) mod system;
mod table;
#[cfg(windows)]
pub(crate) mod windows;
#[cfg(target_os = "linux")]
use linux as os;
#[cfg(windows)]
use windows as os;

use system::{ProxySource, SystemProxies};
pub(crate) use table::Choice;

/// What may name proxies for https in the environment.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// One way to an address.
#[cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "only Windows has proxies of its own")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Without a proxy.
    Direct,
    /// Through the proxy at this address.
    Through(Url),
}

/// Who decides.
#[derive(Debug)]
pub(crate) enum Proxies {
    /// The environment, which the HTTP client has read.
    Environment,
    /// The operating system.
    System(SystemProxies),
}

impl Proxies {
    /// Those of this program.
    ///
    /// # Errors
    /// When the thread that asks the operating system cannot be started.
    pub(crate) fn new() -> io::Result<Self> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if VARIABLES.into_iter().any(is_set) {
            return Ok(Self::Environment);
        }
        match os::source() {
            Some(source) => Self::by(source),
            None => Ok(Self::Environment),
        }
    }

    /// Those that `source` says.
    pub(crate) fn by(source: Box<dyn ProxySource>) -> io::Result<Self> {
        Ok(Self::System(SystemProxies::start(source)?))
    }

    /// The client that goes through them.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Environment => builder,
            Self::System(proxies) => {
                let table = proxies.table();
                builder.proxy(Proxy::custom(move |url| table.through(url)))
            }
        }
    }

    /// Finds out how `address` is reached, before it is called.
    pub(crate) async fn prepare(&self, address: &str) -> Choice {
        match (self, Url::parse(address)) {
            (Self::System(proxies), Ok(url)) => proxies.prepare(&url).await,
            (Self::Environment, _) | (Self::System(_), Err(_)) => Choice::default(),
        }
    }

    /// No connection came about that way: another to try, when there is one.
    pub(crate) fn after(&self, choice: Choice, address: &str) -> Option<Choice> {
        match (self, Url::parse(address)) {
            (Self::System(proxies), Ok(url)) => proxies.table().after(choice, &url),
            (Self::Environment, _) | (Self::System(_), Err(_)) => None,
        }
    }
}
