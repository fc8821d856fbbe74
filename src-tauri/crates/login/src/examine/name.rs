//! Names and their addresses.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use url::{Host, Url};

use super::target::name_in;
use super::{Examination, NotApplicable, Step, limits};
use crate::blocking::{BlockingThread, NotAnswered};
use crate::proxy::Route;

/// The addresses of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(pub Vec<IpAddr>);

/// Why there is no address.
#[derive(Debug, thiserror::Error)]
pub enum NameProblem {
    /// Nobody knows the name, or who knows it cannot be asked: what the system says.
    #[error("the name has no address")]
    NotFound(#[source] io::Error),
    /// The servers for names do not answer.
    #[error("the name was not looked up in time")]
    TimedOut,
    /// Too many names are being looked up.
    #[error("the name cannot be looked up")]
    NotAsked,
    /// Before anything is looked up.
    #[error("the thread that looks names up cannot be started")]
    Thread(#[source] io::Error),
}

impl Addresses {
    /// How many are of IPv4.
    #[must_use]
    pub fn v4(&self) -> usize {
        self.0.iter().filter(|address| address.is_ipv4()).count()
    }

    /// How many are of IPv6.
    #[must_use]
    pub fn v6(&self) -> usize {
        self.0.len() - self.v4()
    }
}

impl Examination {
    /// The addresses of the provider's name. Within [`limits::NAME`], after
    /// [`proxies`](Self::proxies) when that was not asked before.
    pub async fn name(&self) -> Step<Addresses, NameProblem> {
        let Some(target) = &self.provider else {
            return Step::NotApplicable(NotApplicable::AddressNotAllowed);
        };
        if target.name().is_none() {
            return Step::NotApplicable(NotApplicable::NoName);
        }
        let (routes, _) = self.routes(target).await;
        if !routes.contains(&Route::Direct) {
            return Step::NotApplicable(NotApplicable::ProxyResolves);
        }
        let addresses = self.look_up(&target.url).await;
        let addresses = addresses.map(|found| found.iter().map(SocketAddr::ip).collect());
        addresses.map(Addresses).into()
    }

    /// Where the host of this address is.
    pub(super) async fn look_up(&self, url: &Url) -> Result<Vec<SocketAddr>, NameProblem> {
        let port = url.port_or_known_default().unwrap_or(0);
        let Some(name) = name_in(url) else {
            let address = match url.host() {
                Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
                Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
                Some(Host::Domain(_)) | None => None,
            };
            let address = address.map(|address| SocketAddr::new(address, port));
            return Ok(address.into_iter().collect());
        };
        let start = || async { BlockingThread::start("doctor-names") };
        let names = self.names.get_or_try_init(start).await;
        let names = names.map_err(NameProblem::Thread)?;
        let asked = (name.to_owned(), port);
        let answer = names.submit(limits::NAME, move || asked.to_socket_addrs());
        match answer.await {
            Ok(Ok(addresses)) => Ok(addresses.collect()),
            Ok(Err(error)) => Err(NameProblem::NotFound(error)),
            Err(NotAnswered::TimedOut) => Err(NameProblem::TimedOut),
            Err(NotAnswered::Busy | NotAnswered::Ended) => Err(NameProblem::NotAsked),
        }
    }
}
