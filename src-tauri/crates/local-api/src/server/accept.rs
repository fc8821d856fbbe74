//! Takes connections until the stop, and owns their tasks.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::port::Ports;
use super::{Shared, connection};
use crate::os::{LocalSocket, Visitor};
use crate::routes::Routes;

/// How long requests under way may take after the stop.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// How long to wait when the operating system gives no connection, for instance for want of file
/// descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the runtime listens on.
pub(super) struct Listeners {
    v4: Option<TcpListener>,
    v6: Option<TcpListener>,
    socket: LocalSocket,
}

impl Listeners {
    pub(super) fn new(ports: Option<Ports>, socket: LocalSocket) -> io::Result<Self> {
        let (v4, v6) = match ports {
            Some(Ports { v4, v6, .. }) => (Some(v4), v6),
            None => (None, None),
        };
        Ok(Self {
            v4: v4.map(TcpListener::from_std).transpose()?,
            v6: v6.map(TcpListener::from_std).transpose()?,
            socket,
        })
    }

    async fn accept(&mut self) -> io::Result<Arrival> {
        tokio::select! {
            arrival = accept_tcp(self.v4.as_ref()) => arrival,
            arrival = accept_tcp(self.v6.as_ref()) => arrival,
            arrival = self.socket.accept() => arrival.map(Arrival::Socket),
        }
    }

    /// Takes no more connections, and keeps the next agent away from the local socket.
    fn stop_listening(&mut self) {
        (self.v4, self.v6) = (None, None);
        self.socket.stop_listening();
    }
}

async fn accept_tcp(listener: Option<&TcpListener>) -> io::Result<Arrival> {
    match listener {
        Some(listener) => listener
            .accept()
            .await
            .map(|(stream, _)| Arrival::Port(stream)),
        None => std::future::pending().await,
    }
}

/// A connection that nothing is known of yet.
pub(super) enum Arrival {
    /// On loopback.
    Port(TcpStream),
    /// On the local socket.
    Socket(Visitor),
}

/// Serves connections until `stop`, and then ends them.
pub(super) async fn serve(
    listeners: &mut Listeners,
    shared: &Arc<Shared>,
    routes: &Routes,
    stop: &CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            arrival = listeners.accept() => match arrival {
                Ok(arrival) => {
                    let task = connection::serve(arrival, Arc::clone(shared), routes.clone());
                    connections.spawn(task);
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection failed");
                }
            }
        }
    }
    listeners.stop_listening();
    shared.stop.cancel();
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if timeout(STOP_LIMIT, all_ended).await.is_err() {
        tracing::warn!(left = connections.len(), "connections cut at stop");
    }
    connections.shutdown().await;
}
