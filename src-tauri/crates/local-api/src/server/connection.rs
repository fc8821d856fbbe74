//! One connection: who is there, then HTTP until either end has enough.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::accept::Arrival;
use super::patient::Patient;
use super::{Link, Peer, Shared, Way};
use crate::access::{Gate, Grant};
use crate::os::{self, Owner, Visitor};
use crate::routes::{Destination, Routes};

/// Bounds the head of a request and what one connection buffers.
const MAX_BUFFER: usize = 32 * 1024;

/// Serves a connection to its end.
pub(super) async fn serve(arrival: Arrival, shared: Arc<Shared>, routes: Routes) {
    let stranger = shared.strangers.enter();
    let sent_away = stranger.sent_away();
    match arrival {
        Arrival::Port(stream) => {
            let peer = Peer::of_stream(&stream);
            let is_of_same_user = port_peer(&stream, peer, &shared).await;
            let link = Link::new(Way::Port, is_of_same_user, peer, stranger);
            speak(stream, link, sent_away, shared, routes).await;
        }
        Arrival::Socket(visitor) => {
            let Some(way) = socket_peer(&visitor, &shared).await else {
                return;
            };
            let peer = visitor.process().map_or(Peer::Unknown, Peer::Process);
            let link = Link::new(way, true, peer, stranger);
            speak(visitor.into_stream(), link, sent_away, shared, routes).await;
        }
    }
}

/// Whether the program at the other end is of this user; one whose owner is unknown is not.
async fn port_peer(stream: &TcpStream, peer: Peer, shared: &Shared) -> bool {
    match owner(stream, peer).await {
        Ok(Some(owner)) if owner == shared.owner => true,
        Ok(Some(_)) => {
            if let Some(calls) = shared.foreign_calls.count() {
                tracing::warn!(calls, "a program of another user called and was refused");
            }
            false
        }
        Ok(None) => {
            tell_of_ownerless(shared, None);
            false
        }
        Err(error) => {
            tell_of_ownerless(shared, Some(error));
            false
        }
    }
}

async fn owner(stream: &TcpStream, peer: Peer) -> io::Result<Option<Owner>> {
    stream.set_nodelay(true)?;
    match peer {
        Peer::Connection { theirs, ours } => os::owner_of_peer(theirs, ours).await,
        Peer::Process(_) | Peer::Unknown => Ok(None),
    }
}

fn tell_of_ownerless(shared: &Shared, error: Option<io::Error>) {
    if let Some(calls) = shared.ownerless_calls.count() {
        let error = error.as_ref().map(tracing::field::display);
        tracing::warn!(
            calls,
            error,
            "a program whose user cannot be told called and was refused"
        );
    }
}

/// What the program at the other end is; none when it is of another user.
async fn socket_peer(visitor: &Visitor, shared: &Shared) -> Option<Way> {
    if visitor.owner().ok()? != shared.owner {
        if let Some(calls) = shared.foreign_calls.count() {
            tracing::warn!(calls, "a program of another user came to the local socket");
        }
        return None;
    }
    let own_program = visitor.is_own_program().await;
    Some(Way::Socket { own_program })
}

/// Speaks HTTP, and what it leads to. `sent_away` counts for as long as nobody knows who is there.
pub(super) async fn speak<S>(
    stream: S,
    link: Link,
    sent_away: CancellationToken,
    shared: Arc<Shared>,
    routes: Routes,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let link = Arc::new(link);
    let service = service_fn(|request| {
        let answer = answer(
            request,
            Arc::clone(&link),
            Arc::clone(&shared),
            routes.clone(),
        );
        async { Ok::<_, Infallible>(answer.await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .header_read_timeout(None)
            .max_buf_size(MAX_BUFFER)
            .keep_alive(link.is_of_same_user())
            .serve_connection(TokioIo::new(Patient::new(stream)), service)
            .with_upgrades()
    );
    let mut overstayed = pin!(link.overstayed());
    let mut stopping = pin!(shared.stop.cancelled());
    let mut sent_away = pin!(sent_away.cancelled());
    let (mut is_stopping, mut is_known) = (false, false);
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                break;
            }
            () = &mut overstayed => return,
            () = &mut sent_away, if !is_known => {
                // It may have shown its token a moment ago.
                is_known = link.is_of_program();
                if !is_known {
                    return;
                }
            }
            () = &mut stopping, if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
    if let Some(web_socket) = link.take_web_socket() {
        web_socket.serve().await;
    }
}

async fn answer(
    request: Request<Incoming>,
    link: Arc<Link>,
    shared: Arc<Shared>,
    routes: Routes,
) -> Response<Body> {
    let _busy = link.busy();
    let destination = routes.find(&request);
    let (cors, admitted) = {
        let register = shared.apps.now();
        let gate = Gate {
            request: &request,
            access: destination.access(),
            link: &link,
            hosts: &shared.hosts,
            register: &register,
            wrong_tokens: &shared.wrong_tokens,
        };
        (gate.cors(), gate.admit())
    };
    let mut response = match admitted {
        Ok(grant) => pass_on(request, destination, grant, &link, routes).await,
        Err(refused) => refused.into_response(),
    };
    cors.apply(response.headers_mut());
    response
}

async fn pass_on(
    mut request: Request<Incoming>,
    destination: Destination,
    grant: Option<Arc<Grant>>,
    link: &Arc<Link>,
    mut routes: Routes,
) -> Response<Body> {
    if let Some(grant) = grant {
        if let Err(problem) = link.belongs_to(&grant) {
            return problem.into_response();
        }
        grant.was_used(jiff::Timestamp::now().into());
        request.extensions_mut().insert(grant);
    }
    request.extensions_mut().insert(Arc::clone(link));
    routes.call(destination, request).await
}
