//! Connections: accepted while there is room, each on a task of its own, with a limit on the
//! handshake and on the head of every request.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::CertificateError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::broker::Broker;

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Also how long a connection may stay without a request.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// How long the other side may take to read that it is refused.
const ALERT_LIMIT: Duration = Duration::from_secs(1);

const HEAD_SIZE: usize = 16 * 1024;

/// When the system has no room for a connection: waits, so as not to spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the broker is told to stop.
pub(crate) async fn serve(listener: TcpListener, broker: &Arc<Broker>) {
    let accept = async {
        loop {
            let Ok(room) = Arc::clone(&broker.connections).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let served = Arc::clone(broker);
                    broker.tasks.spawn(async move {
                        connection(stream, served).await;
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

async fn accept(stream: TcpStream, broker: &Broker) -> Option<TlsStream<TcpStream>> {
    let config = match broker.tls.config() {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "no connection is accepted");
            return None;
        }
    };
    let handshake = TlsAcceptor::from(config).accept(stream).into_fallible();
    match timeout(HANDSHAKE_LIMIT, handshake).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err((error, stream))) => {
            match refused_certificate(&error) {
                Some(why) => tracing::info!(why, "a client certificate is refused"),
                None => tracing::debug!("a TLS handshake failed"),
            }
            let _ = timeout(ALERT_LIMIT, let_alert_arrive(stream)).await;
            None
        }
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            None
        }
    }
}

/// In words of ours: the library's may have names of a certificate in them.
fn refused_certificate(error: &io::Error) -> Option<&'static str> {
    use CertificateError as E;
    let cause = error.get_ref()?.downcast_ref();
    let Some(rustls::Error::InvalidCertificate(error)) = cause else {
        return None;
    };
    let words = [
        (matches!(error, E::Revoked), "revoked"),
        (
            matches!(error, E::Expired | E::ExpiredContext { .. }),
            "expired",
        ),
        (
            matches!(error, E::UnknownIssuer),
            "not of an authority of tls.client_ca",
        ),
        (
            matches!(
                error,
                E::UnknownRevocationStatus
                    | E::ExpiredRevocationList
                    | E::ExpiredRevocationListContext { .. }
            ),
            "tls.client_crl has no current list of its authority",
        ),
    ];
    let known = words.into_iter().find(|(is_it, _)| *is_it);
    Some(known.map_or("of no use", |(_, words)| words))
}

/// What the other side has sent meanwhile would make the system take the connection back, and the
/// alert, which says what is wrong, with it.
async fn let_alert_arrive(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    let mut left = HEAD_SIZE;
    while left > 0 {
        match stream.read(&mut rest).await? {
            0 => break,
            read => left = left.saturating_sub(read),
        }
    }
    Ok(())
}

async fn connection(stream: TcpStream, broker: Arc<Broker>) {
    let _open = Arc::clone(&broker.open);
    let accepted = tokio::select! {
        () = broker.stop.cancelled() => return,
        accepted = accept(stream, &broker) => accepted,
    };
    let Some(stream) = accepted else {
        broker.metrics.handshake_failed();
        return;
    };
    let certificate = stream.get_ref().1.peer_certificates();
    let certificate = certificate.map(<Arc<[_]>>::from);
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
