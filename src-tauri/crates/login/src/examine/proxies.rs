//! Which proxies the environment or the system names.

use std::fmt;
use std::io;
use std::sync::atomic::Ordering;

use http::HeaderValue;
use url::Url;

use super::step::within;
use super::target::Target;
use super::{Examination, NotApplicable, Step, limits};
use crate::blocking::NotAnswered;
use crate::proxy::not_understood;
use crate::proxy::{Proxies, ROUTES, Route, SaidBy, Ways};
use crate::wire::Reach;

/// How a server is reached, as the environment or the system says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxiesNamed {
    /// Who says it.
    pub said_by: SaidBy,
    /// In the order in which a call tries them; never empty, and three at most.
    pub ways: Vec<Way>,
}

/// One way to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Without a proxy.
    Direct,
    /// Through this proxy. User and password, where the settings have them, are not in it.
    Proxy {
        /// `http`; `https` when the proxy itself is spoken to by TLS.
        scheme: String,
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
    },
}

/// Why it is not known how a server is reached.
#[derive(Debug, thiserror::Error)]
pub enum ProxyProblem {
    /// A script that does not come or does not end, for instance.
    #[error("the system did not say in time which proxy to take")]
    TimedOut,
    /// It is being asked too much.
    #[error("the system cannot be asked which proxy to take")]
    NotAsked,
    /// The variable of the environment; what it says may have a password in it.
    #[error("what {0} says cannot be understood")]
    NotUnderstood(&'static str),
    /// Before anything is asked.
    #[error("the thread that asks for proxies cannot be started")]
    Thread(#[source] io::Error),
}

impl Examination {
    /// Which proxies the environment or the system names for the provider. Within
    /// [`limits::PROXIES`].
    pub async fn proxies(&self) -> Step<ProxiesNamed, ProxyProblem> {
        let Some(target) = &self.provider else {
            return Step::NotApplicable(NotApplicable::AddressNotAllowed);
        };
        if target.reach == Reach::Loopback {
            return Step::NotApplicable(NotApplicable::OnThisComputer);
        }
        let named = self.ways(target).await.map(|ways| ProxiesNamed {
            said_by: ways.said_by,
            ways: ways.routes.iter().map(Way::from).collect(),
        });
        named.into()
    }

    /// The ways to a server, as the calls of a login take them.
    pub(super) async fn ways<'a>(&self, target: &'a Target) -> Result<&'a Ways, ProxyProblem> {
        let ask = || async {
            if let Some(variable) = not_understood() {
                return Err(ProxyProblem::NotUnderstood(variable));
            }
            let proxies = self.proxies.get_or_try_init(|| async { Proxies::new() });
            let proxies = proxies.await.map_err(ProxyProblem::Thread)?;
            let mut ways = proxies.ways(&target.url).await.map_err(|why| match why {
                NotAnswered::TimedOut => ProxyProblem::TimedOut,
                NotAnswered::Busy | NotAnswered::Ended => ProxyProblem::NotAsked,
            })?;
            ways.routes.truncate(ROUTES);
            Ok(ways)
        };
        let asked = async {
            match target.reach {
                Reach::Https => target.ways.get_or_try_init(ask).await,
                Reach::Loopback => {
                    let direct = || async { Ways::direct() };
                    Ok(target.ways.get_or_init(direct).await)
                }
            }
        };
        let answer = within(limits::PROXIES, ProxyProblem::TimedOut, asked).await;
        target
            .is_unanswered
            .store(answer.is_err(), Ordering::Relaxed);
        answer
    }

    /// The routes that a call would take, which goes directly when there is no answer.
    pub(super) async fn routes<'a>(
        &self,
        target: &'a Target,
    ) -> (&'a [Route], Option<&'a HeaderValue>) {
        if target.is_unanswered.load(Ordering::Relaxed) {
            return (&[Route::Direct], None);
        }
        match self.ways(target).await {
            Ok(ways) => (&ways.routes, ways.authorization.as_ref()),
            Err(_) => (&[Route::Direct], None),
        }
    }
}

impl From<&Route> for Way {
    fn from(route: &Route) -> Self {
        match route {
            Route::Direct => Self::Direct,
            Route::Through(proxy) => Self::through(proxy),
        }
    }
}

impl Way {
    fn through(proxy: &Url) -> Self {
        Self::Proxy {
            scheme: proxy.scheme().to_owned(),
            host: proxy.host_str().unwrap_or_default().to_owned(),
            port: proxy.port_or_known_default().unwrap_or(0),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("without a proxy"),
            Self::Proxy { host, port, .. } => write!(f, "through {host}:{port}"),
        }
    }
}
