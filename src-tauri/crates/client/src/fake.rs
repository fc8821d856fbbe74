//! An agent's server for tests: answers what the test says, and shows what it was asked.

use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ClientError;
use crate::route::Route;

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What the server answers.
pub(crate) enum Reply {
    Text(Response<String>),
    /// An event stream, handed to the test by [`Fake::stream`].
    Stream,
    /// Nothing, ever.
    Silence,
}

/// An answer with a JSON body.
pub(crate) fn reply(status: u16, body: &Value) -> Reply {
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    Reply::Text(Response::builder().status(status).body(text).unwrap())
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

pub(crate) struct Fake {
    shared: Arc<Shared>,
    streams: mpsc::UnboundedReceiver<OpenStream>,
    _server: JoinSet<()>,
}

struct Shared {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    connections: Mutex<usize>,
    streams: mpsc::UnboundedSender<OpenStream>,
}

impl Fake {
    fn new(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let (sender, streams) = mpsc::unbounded_channel();
        let shared = Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            connections: Mutex::default(),
            streams: sender,
        };
        Self {
            shared: Arc::new(shared),
            streams,
            _server: JoinSet::new(),
        }
    }

    /// In memory: works with a paused clock.
    pub(crate) fn on_pipe(
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> (Self, Pipe, Route) {
        let mut fake = Self::new(script);
        let (sender, mut accepted) = mpsc::unbounded_channel();
        let shared = Arc::clone(&fake.shared);
        fake._server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Some(stream) = accepted.recv().await {
                connections.spawn(serve::<DuplexStream>(stream, Arc::clone(&shared)));
            }
        });
        let pipe = Pipe {
            sender,
            down: Arc::default(),
        };
        (fake, pipe.clone(), Route::Pipe(pipe))
    }

    pub(crate) fn on_tcp(
        listener: tokio::net::TcpListener,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let mut fake = Self::new(script);
        let shared = Arc::clone(&fake.shared);
        fake._server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        fake
    }

    /// On a local socket of its own, and where that is.
    #[cfg(unix)]
    pub(crate) fn on_socket(
        folder: &std::path::Path,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> (Self, PathBuf) {
        let path = folder.join("agent.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let mut fake = Self::new(script);
        let shared = Arc::clone(&fake.shared);
        fake._server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        (fake, path)
    }

    /// On a local socket of its own, and where that is: a pipe named like the folder.
    #[cfg(windows)]
    pub(crate) fn on_socket(
        folder: &std::path::Path,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> (Self, PathBuf) {
        use tokio::net::windows::named_pipe::ServerOptions;
        let name = folder.file_name().unwrap().to_string_lossy();
        let path = PathBuf::from(format!(r"\\.\pipe\cardea-test-{name}"));
        let mut next = ServerOptions::new().create(&path).unwrap();
        let mut fake = Self::new(script);
        let shared = Arc::clone(&fake.shared);
        let place = path.clone();
        fake._server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                next.connect().await.unwrap();
                let stream =
                    std::mem::replace(&mut next, ServerOptions::new().create(&place).unwrap());
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        (fake, path)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }

    /// How many connections came.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// The next event stream that a client opens.
    pub(crate) async fn stream(&mut self) -> OpenStream {
        let limit = Duration::from_secs(60);
        timeout(limit, self.streams.recv()).await.unwrap().unwrap()
    }
}

async fn serve<T>(stream: T, shared: Arc<Shared>)
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
{
    *shared.connections.lock().unwrap() += 1;
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<FakeBody>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let seen = Seen {
        line: format!("{} {}", head.method, head.uri),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    shared.seen.lock().unwrap().push(seen.clone());
    match (shared.script)(&seen) {
        Reply::Text(response) => Ok(response.map(|text| FakeBody::Text(Some(text.into())))),
        Reply::Silence => std::future::pending().await,
        Reply::Stream => {
            let (sender, receiver) = mpsc::unbounded_channel();
            let stream = OpenStream {
                request: seen,
                sender,
            };
            shared.streams.send(stream).unwrap();
            Ok(Response::new(FakeBody::Stream(receiver)))
        }
    }
}

/// The server's end of an event stream; dropping it closes the stream.
#[derive(Debug)]
pub(crate) struct OpenStream {
    pub(crate) request: Seen,
    sender: mpsc::UnboundedSender<Bytes>,
}

impl OpenStream {
    /// Sends bytes as they are.
    pub(crate) fn raw(&self, text: &str) {
        self.sender.send(text.to_owned().into()).unwrap();
    }

    /// Sends a message with an id.
    pub(crate) fn say(&self, id: &str, message: &Value) {
        let event = message["event"].as_str().unwrap();
        self.raw(&format!("event: {event}\nid: {id}\ndata: {message}\n\n"));
    }

    /// Sends a message without an id.
    pub(crate) fn mention(&self, message: &Value) {
        self.raw(&format!("data: {message}\n\n"));
    }

    /// Waits until the client has closed the stream.
    pub(crate) async fn closed(&self) {
        let limit = Duration::from_secs(60);
        timeout(limit, self.sender.closed()).await.unwrap();
    }
}

/// A way to the fake in memory, which the test can close and open.
#[derive(Clone, Debug)]
pub(crate) struct Pipe {
    sender: mpsc::UnboundedSender<DuplexStream>,
    down: Arc<AtomicBool>,
}

impl Pipe {
    pub(crate) fn connect(&self) -> Result<DuplexStream, ClientError> {
        if self.down.load(Ordering::SeqCst) {
            let refused = std::io::ErrorKind::ConnectionRefused;
            return Err(ClientError::NotRunning(refused.into()));
        }
        let (client, server) = tokio::io::duplex(64 * 1024);
        match self.sender.send(server) {
            Ok(()) => Ok(client),
            Err(_) => Err(ClientError::Closed),
        }
    }

    /// Refuses new connections from now on.
    pub(crate) fn take_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    /// Accepts connections again.
    pub(crate) fn bring_up(&self) {
        self.down.store(false, Ordering::SeqCst);
    }
}

pub(crate) enum FakeBody {
    Text(Option<Bytes>),
    Stream(mpsc::UnboundedReceiver<Bytes>),
}

impl Body for FakeBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.get_mut() {
            Self::Text(text) => Poll::Ready(text.take()),
            Self::Stream(receiver) => receiver.poll_recv(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A message of the stream.
pub(crate) fn message(name: &str, boot: &str, revision: u64) -> Value {
    json!({"event": name, "boot": boot, "revision": revision, "at": "2026-01-05T09:00:00.000Z"})
}

/// A snapshot with this session active, or with a card and nobody signed in.
pub(crate) fn snapshot(boot: &str, revision: u64, session: Option<&str>) -> Value {
    let at = "2026-01-05T09:00:00.000Z";
    let mut snapshot = json!({
        "boot": boot, "revision": revision, "environment": "simulated",
        "issuer": "https://cis2.example:443/", "since": at, "readers": [],
        "state": if session.is_some() { "active" } else { "card_present" },
    });
    if let Some(id) = session {
        snapshot["session"] = json!({
            "id": id, "started_at": at, "expires_at": at, "idle_expires_at": at,
            "id_token_expires_at": at, "card_bound": true, "readers": [], "auth_time": at,
            "authentication_assurance_level": 3, "id_assurance_level": 3,
        });
    }
    snapshot
}

/// The message with that snapshot.
pub(crate) fn snapshot_message(boot: &str, revision: u64, session: Option<&str>) -> Value {
    let mut message = message("snapshot", boot, revision);
    message["snapshot"] = snapshot(boot, revision, session);
    message
}
