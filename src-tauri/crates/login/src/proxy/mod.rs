//! Through which proxy an address is reached: the one place that decides it.
//!
//! Proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) count before all others, and
//! the HTTP client reads them itself. Without them the operating system is asked, where it has
//! proxies of its own.

use std::env;
use std::io;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, Proxy};
use url::Url;

use crate::blocking::NotAnswered;
use crate::discovery::is_loopback;

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
pub(crate) use table::{Choice, ROUTES};

/// What may name proxies for https in the environment.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// One way to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Without a proxy.
    Direct,
    /// Through the proxy at this address.
    Through(Url),
}

/// Who says how an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// Nobody names a proxy anywhere.
    Nobody,
    /// The environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    Environment,
    /// The settings of the operating system, which name proxies or none.
    Settings,
    /// A script that these settings name, or that the network does (PAC, WPAD).
    Script,
    /// The other settings: the script that they name cannot be had or run.
    SettingsInPlaceOfScript,
}

/// The ways to one address, in the order in which they are tried.
pub(crate) struct Ways {
    pub(crate) routes: Vec<Route>,
    pub(crate) said_by: SaidBy,
    /// What the environment's proxy is told, in the scheme `Basic`.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Ways {
    /// Without a proxy, which nobody needs to say.
    pub(crate) fn direct() -> Self {
        Self {
            routes: vec![Route::Direct],
            said_by: SaidBy::Nobody,
            authorization: None,
        }
    }
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
        if is_in_environment() {
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

    /// How `address` is reached, for whoever wants to show it.
    pub(crate) async fn ways(&self, address: &Url) -> Result<Ways, NotAnswered> {
        let proxies = match self {
            Self::Environment => return Ok(of_environment(address)),
            // As a call, which does not ask then.
            Self::System(_) if is_loopback(address) => return Ok(Ways::direct()),
            Self::System(proxies) => proxies,
        };
        let (routes, said_by) = proxies.ask(address).await?.with_source();
        Ok(Ways {
            routes,
            said_by,
            authorization: None,
        })
    }
}

fn is_in_environment() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    VARIABLES.into_iter().any(is_set)
}

/// The variable of the environment whose proxy nobody can understand, or everybody in another way: no
/// address, or an `@` where none can be, as in a password that is not encoded.
pub(crate) fn not_understood() -> Option<&'static str> {
    VARIABLES.into_iter().find(|name| {
        let value = env::var_os(name).unwrap_or_default();
        !value.is_empty() && !value.to_str().is_some_and(is_understood)
    })
}

/// As others read it, too: `host:port`, or an address with at most a user and a password before it.
fn is_understood(value: &str) -> bool {
    let address = match value.contains("://") {
        true => value.to_owned(),
        false => format!("http://{value}"),
    };
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let after_host = rest
        .split_once(['/', '?', '#'])
        .map_or("", |(_, rest)| rest);
    let is_plain = value.chars().all(|c| c.is_ascii_graphic()) && !after_host.contains('@');
    is_plain
        && Url::parse(&address).is_ok_and(|url| url.host_str().is_some_and(|host| !host.is_empty()))
}

/// As the HTTP client reads it.
fn of_environment(address: &Url) -> Ways {
    let said_by = match is_in_environment() {
        true => SaidBy::Environment,
        false => SaidBy::Nobody,
    };
    let named = address.as_str().parse::<Uri>().ok();
    let named = named.and_then(|address| Matcher::from_system().intercept(&address));
    let proxy = named.as_ref();
    let proxy = proxy.and_then(|named| Url::parse(&named.uri().to_string()).ok());
    Ways {
        routes: vec![proxy.map_or(Route::Direct, Route::Through)],
        said_by,
        authorization: named.and_then(|named| named.basic_auth().cloned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_understood_when_everybody_reads_it_alike() {
        for plain in [
            "proxy:8080",
            "http://proxy.example:8080/",
            "http://anne:p%40ss@10.0.0.1:3128",
            "socks5://[::1]:1080",
        ] {
            assert!(is_understood(plain), "{plain}");
        }
        for odd in [
            "http://user:p@ss/w0rd?x@127.0.0.1:9",
            "http://u:x@127.0.0.1:99999",
            "http://u:a b@127.0.0.1:9",
            "//u:x@h:9",
            "http://u:x@",
            "http://",
        ] {
            assert!(!is_understood(odd), "{odd}");
        }
    }
}
