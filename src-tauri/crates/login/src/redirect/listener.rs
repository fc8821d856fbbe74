//! The server behind the redirect address.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use cardea_session::FailureCode;
use futures_util::future::select_all;
use http::Request;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::page::{self, Page};
use super::visit::{Awaited, Callback, Visit};
use super::{BrowserAnswer, Language, Outcome, Redirect};
use crate::Stop;

/// Connections at once; a browser needs two or three.
const CONNECTIONS: usize = 32;
/// How long a connection may take to say what it wants.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);
/// How long the browser waits for the result before it is sent on.
const RESULT_LIMIT: Duration = Duration::from_secs(15);
/// How long the result page is to be had once there is a result.
const LINGER: Duration = Duration::from_secs(5);
/// How long the last answers may take to go out.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// How long to wait when the computer has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The longest request head; codes can be long.
const HEAD_LIMIT: usize = 32 * 1024;

/// The redirect address while it answers. Dropped, it falls silent at once.
#[derive(Debug)]
pub(crate) struct Listener {
    server: Server,
    callbacks: mpsc::Receiver<Callback>,
    outcome: watch::Sender<Option<Outcome>>,
}

/// What is left of a listener when the attempt is over: it shows the result page for some seconds
/// and ends by itself. Dropped, it ends at once.
#[derive(Debug)]
pub(crate) struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Ends it now; when this returns its port is free.
    pub(crate) async fn end(mut self) {
        self.0.abort();
        let _aborted = (&mut self.0).await;
    }
}

struct Door {
    awaited: Awaited,
    language: Language,
    callbacks: mpsc::Sender<Callback>,
    outcome: watch::Receiver<Option<Outcome>>,
    page_shown: Notify,
}

impl Door {
    async fn answer(&self, request: &Parts) -> Page {
        match self.awaited.visit(request) {
            Visit::Stray(why) => {
                tracing::debug!(why, "stray request to the redirect address");
                page::stray(self.language)
            }
            Visit::ResultPage => {
                let outcome = *self.outcome.borrow();
                if outcome.is_some() {
                    self.page_shown.notify_one();
                }
                page::result(self.language, outcome)
            }
            Visit::Callback(callback) => {
                if self.callbacks.try_send(callback).is_err() {
                    tracing::debug!("the redirect address was visited again");
                }
                let mut outcome = self.outcome.clone();
                let result = outcome.wait_for(Option::is_some);
                if timeout(RESULT_LIMIT, result).await.is_err() {
                    tracing::debug!("the browser goes on without the result");
                }
                page::onward(&self.awaited.result_path())
            }
        }
    }

    /// Ends when nobody needs the redirect address any more.
    async fn over(&self) {
        let mut outcome = self.outcome.clone();
        let known = outcome.wait_for(Option::is_some).await.is_ok();
        if known && timeout(LINGER, self.page_shown.notified()).await.is_err() {
            tracing::debug!("the browser did not ask for the result page");
        }
    }
}

impl Listener {
    /// Answers on the bound sockets from now on.
    pub(crate) fn start(redirect: Redirect, awaited: Awaited, language: Language) -> Self {
        // Room for one: the first callback with the right state is the one that counts.
        let (callback, callbacks) = mpsc::channel(1);
        let (outcome, outcomes) = watch::channel(None);
        let door = Arc::new(Door {
            awaited,
            language,
            callbacks: callback,
            outcome: outcomes,
            page_shown: Notify::new(),
        });
        Self {
            server: Server(tokio::spawn(serve(redirect.sockets, door))),
            callbacks,
            outcome,
        }
    }

    /// The first callback with the right state; none when the server is gone.
    pub(crate) async fn callback(&mut self) -> Option<Callback> {
        self.callbacks.recv().await
    }

    /// The result is known.
    pub(crate) fn refuse(self, code: FailureCode) -> Server {
        BrowserAnswer::new(self.outcome, Stop::default()).refused(code);
        self.server
    }

    /// The result is somebody else's to say, unless `stop` says it first.
    pub(crate) fn hand_over(self, stop: Stop) -> (Server, BrowserAnswer) {
        (self.server, BrowserAnswer::new(self.outcome, stop))
    }
}

async fn serve(sockets: Vec<TcpListener>, door: Arc<Door>) {
    let mut connections = JoinSet::new();
    let mut oldest_first: VecDeque<AbortHandle> = VecDeque::new();
    let over = door.over();
    tokio::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => break,
            stream = accept(&sockets) => {
                // When there are too many the oldest has to go, so that nobody who only sits there
                // keeps the browser out.
                oldest_first.retain(|connection| !connection.is_finished());
                if oldest_first.len() >= CONNECTIONS
                    && let Some(oldest) = oldest_first.pop_front()
                {
                    oldest.abort();
                }
                oldest_first.push_back(connections.spawn(answer(stream, Arc::clone(&door))));
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(sockets);
    let drain = async { while connections.join_next().await.is_some() {} };
    if timeout(DRAIN_LIMIT, drain).await.is_err() {
        tracing::debug!("a browser did not take the result page");
    }
}

async fn accept(sockets: &[TcpListener]) -> TcpStream {
    loop {
        let any = sockets.iter().map(|socket| Box::pin(socket.accept()));
        match select_all(any).await.0 {
            Ok((stream, _)) => return stream,
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, door: Arc<Door>) {
    let service = service_fn(|request: Request<Incoming>| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.answer(&request.into_parts().0).await) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_LIMIT)
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    if connection.await.is_err() {
        tracing::debug!("a connection to the redirect address broke off");
    }
}

/// Answers one connection to the redirect address of an attempt whose result is known.
#[cfg(feature = "fuzzing")]
pub(crate) async fn answer_one(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    awaited: Awaited,
) -> Option<Callback> {
    let (callback, mut callbacks) = mpsc::channel(1);
    let (_known, outcome) = watch::channel(Some(Outcome::SignedIn));
    let door = Door {
        awaited,
        language: Language::English,
        callbacks: callback,
        outcome,
        page_shown: Notify::new(),
    };
    answer(stream, Arc::new(door)).await;
    callbacks.try_recv().ok()
}

#[cfg(test)]
mod tests;
