//! Whether a server can be connected to, and by which way.

use std::io;

use futures_util::future::select_ok;
use http::HeaderValue;
use tokio::net::TcpStream;
use url::Url;

use super::step::within;
use super::target::Target;
use super::{Examination, NameProblem, NotApplicable, Step, Way, limits, tunnel};
use crate::proxy::Route;

/// Addresses of one name that are tried at once.
const ADDRESSES: usize = 4;

/// A connection that came about.
#[derive(Debug)]
pub struct Connection {
    /// By which way.
    pub way: Way,
    /// The ways before it, by which none came about. A login takes them first, too, and waits for
    /// each.
    pub failed: Vec<FailedWay>,
}

/// None came about.
#[derive(Debug, thiserror::Error)]
#[error("no connection comes about")]
pub struct NoConnection {
    /// By none of these; there is one at least.
    pub failed: Vec<FailedWay>,
}

/// A way by which no connection came about.
#[derive(Debug)]
pub struct FailedWay {
    /// The way.
    pub way: Way,
    /// Why not.
    pub problem: ConnectionProblem,
}

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionProblem {
    /// Of the proxy, where the way leads through one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Nobody listens there, or a firewall says so.
    #[error("the connection is refused")]
    Refused,
    /// A firewall that says nothing, for instance. From a proxy: no answer.
    #[error("nothing comes back in time")]
    TimedOut,
    /// What the system says.
    #[error("there is no way there")]
    Unreachable(#[source] io::Error),
    /// The connection ended before a proxy had answered.
    #[error("the proxy breaks the connection off")]
    BrokenOff(#[source] io::Error),
    /// Status 407.
    #[error("the proxy asks who is there")]
    ProxyAuthentication,
    /// Its status.
    #[error("the proxy refuses (status {0})")]
    ProxyRefuses(u16),
    /// It does not answer as one.
    #[error("what answers at the proxy's address is no proxy")]
    NoProxy,
    /// One that is spoken to by TLS or SOCKS. A login may well get through.
    #[error("a proxy of this kind is not examined")]
    ProxyKind,
}

impl Examination {
    /// Whether the provider can be connected to. Within [`limits::WAY`] for each way, after
    /// [`proxies`](Self::proxies) when that was not asked before.
    pub async fn connection(&self) -> Step<Connection, NoConnection> {
        let Some(target) = &self.provider else {
            return Step::NotApplicable(NotApplicable::AddressNotAllowed);
        };
        let connected = self.connect(target).await;
        connected.map(|(_, connection)| connection).into()
    }

    /// Connects, by the first way that leads there.
    pub(super) async fn connect(
        &self,
        target: &Target,
    ) -> Result<(TcpStream, Connection), NoConnection> {
        let (routes, authorization) = self.routes(target).await;
        let mut failed = Vec::new();
        for route in routes {
            let way = Way::from(route);
            let going = self.go(target, route, authorization);
            match within(limits::WAY, ConnectionProblem::TimedOut, going).await {
                Ok(stream) => return Ok((stream, Connection { way, failed })),
                Err(problem) => failed.push(FailedWay { way, problem }),
            }
        }
        Err(NoConnection { failed })
    }

    async fn go(
        &self,
        target: &Target,
        route: &Route,
        authorization: Option<&HeaderValue>,
    ) -> Result<TcpStream, ConnectionProblem> {
        match route {
            Route::Direct => self.reach(&target.url).await,
            Route::Through(proxy) if proxy.scheme() == "http" => {
                let mut stream = self.reach(proxy).await?;
                tunnel::open(&mut stream, &target.url, authorization).await?;
                Ok(stream)
            }
            Route::Through(_) => Err(ConnectionProblem::ProxyKind),
        }
    }

    async fn reach(&self, url: &Url) -> Result<TcpStream, ConnectionProblem> {
        let addresses = self.look_up(url).await?;
        let addresses = addresses.into_iter().take(ADDRESSES);
        let connecting: Vec<_> = addresses
            .map(|address| Box::pin(TcpStream::connect(address)))
            .collect();
        if connecting.is_empty() {
            return Err(NameProblem::NotFound(io::ErrorKind::NotFound.into()).into());
        }
        match select_ok(connecting).await {
            Ok((stream, _)) => Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Err(ConnectionProblem::Refused)
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(ConnectionProblem::TimedOut)
            }
            Err(error) => Err(ConnectionProblem::Unreachable(error)),
        }
    }
}
