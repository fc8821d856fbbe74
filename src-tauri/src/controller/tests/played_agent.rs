//! An agent's local socket, played: says what the test says, and tells what it was asked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::within;

const AT: &str = "2026-01-05T09:00:00.000Z";

pub(super) struct PlayedAgent {
    shared: Arc<Shared>,
    asked: mpsc::UnboundedReceiver<String>,
    _server: JoinSet<()>,
}

struct Shared {
    is_well: AtomicBool,
    snapshot: watch::Sender<Value>,
    asked: mpsc::UnboundedSender<String>,
}

impl PlayedAgent {
    /// Listens from now on, with an empty reader.
    pub(super) fn listen(socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let (sender, asked) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            is_well: AtomicBool::new(true),
            snapshot: watch::Sender::new(snapshot("no_card")),
            asked: sender,
        });
        let mut server = JoinSet::new();
        let serving = Arc::clone(&shared);
        server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(BufReader::new(stream), Arc::clone(&serving)));
            }
        });
        Self {
            shared,
            asked,
            _server: server,
        }
    }

    /// Says that it is not well when it is asked, or that it is.
    pub(super) fn set_well(&self, is_well: bool) {
        self.shared.is_well.store(is_well, Ordering::SeqCst);
    }

    /// Says this from now on.
    pub(super) fn say(&self, mut snapshot: Value) {
        self.shared.snapshot.send_modify(|last| {
            snapshot["revision"] = json!(last["revision"].as_u64().unwrap() + 1);
            *last = snapshot;
        });
    }

    /// Waits until it is asked for this, for instance `POST /v1/session/logout`.
    pub(super) async fn until_asked(&mut self, line: &str) {
        let asked = async { while self.asked.recv().await.unwrap() != line {} };
        within(asked).await;
    }
}

/// A snapshot in this state; `active` is a session.
pub(super) fn snapshot(state: &str) -> Value {
    let mut snapshot = json!({
        "boot": "A", "revision": 1, "environment": "live", "issuer": "https://cis2.example:443/",
        "state": state, "since": AT, "readers": [],
    });
    if state == "active" {
        snapshot["session"] = json!({
            "id": "A.s1", "started_at": AT, "expires_at": AT, "idle_expires_at": AT,
            "id_token_expires_at": AT, "card_bound": true, "readers": [], "auth_time": AT,
            "authentication_assurance_level": 3, "id_assurance_level": 3,
        });
    }
    snapshot
}

async fn serve(mut stream: BufReader<UnixStream>, shared: Arc<Shared>) -> Option<()> {
    loop {
        let line = request(&mut stream).await?;
        // A test that has ended listens no more.
        let _ = shared.asked.send(line.clone());
        let (status, body) = match line.as_str() {
            "GET /v1/events" => return tell(&mut stream, &shared).await,
            "GET /v1/health" if shared.is_well.load(Ordering::SeqCst) => {
                (200, json!({"status": "ok"}))
            }
            "GET /v1/pairings" => (200, json!({"pairings": []})),
            "POST /v1/session/logout" => (200, json!({})),
            _ => (503, json!({})),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} -\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).await.ok()?;
    }
}

/// Reads a request; gives its method and path.
async fn request(stream: &mut BufReader<UnixStream>) -> Option<String> {
    let mut first = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        match line.trim_end() {
            "" => break,
            line if first.is_empty() => line.clone_into(&mut first),
            _ => {}
        }
    }
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    let (line, _version) = first.rsplit_once(' ')?;
    Some(line.to_owned())
}

/// The event stream: each snapshot as it is said.
async fn tell(stream: &mut BufReader<UnixStream>, shared: &Shared) -> Option<()> {
    let head = "HTTP/1.1 200 -\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut snapshots = shared.snapshot.subscribe();
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        let revision = &snapshot["revision"];
        let message = json!({
            "event": "snapshot", "boot": "A", "revision": revision, "at": AT,
            "snapshot": snapshot,
        });
        let event = format!("event: snapshot\nid: A-{revision}-0\ndata: {message}\n\n");
        stream.write_all(event.as_bytes()).await.ok()?;
        snapshots.changed().await.ok()?;
    }
}
