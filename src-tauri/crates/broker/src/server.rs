//! Connections: accepted while there is room, each on a task of its own, with a limit on the
//! handshake and on the head of every request.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::broker::Broker;

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Also how long a connection may stay without a request.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

const HEAD_SIZE: usize = 16 * 1024;

/// When the system has no room for a connection: waits, so as not to spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the broker is told to stop.
pub(crate) async fn serve(listener: TcpListener, tls: ServerConfig, broker: &Arc<Broker>) {
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let accept = async {
        loop {
            let Ok(room) = Arc::clone(&broker.connections).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (acceptor, served) = (acceptor.clone(), Arc::clone(broker));
                    broker.tasks.spawn(async move {
                        connection(stream, acceptor, served).await;
                        drop(room);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection is accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = broker.stop.cancelled() => {}
        () = accept => {}
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, broker: Arc<Broker>) {
    let _open = Arc::clone(&broker.open);
    let handshake = timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
    let handshake = tokio::select! {
        () = broker.stop.cancelled() => return,
        handshake = handshake => handshake,
    };
    let Ok(Ok(stream)) = handshake else {
        broker.metrics.handshake_failed();
        tracing::debug!("a TLS handshake failed");
        return;
    };
    let certificate = stream.get_ref().1.peer_certificates();
    let certificate = certificate.and_then(<[_]>::first).map(|c| c.to_vec());
    let service = service_fn(|request| {
        let (broker, certificate) = (Arc::clone(&broker), certificate.clone());
        async move {
            let answer = broker.answer(request, certificate.as_deref()).await;
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = broker.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
