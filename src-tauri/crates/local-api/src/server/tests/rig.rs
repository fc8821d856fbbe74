//! A server with a publisher and a controller's queue in the test's hands.

use std::path::PathBuf;
use std::sync::Arc;

use cardea_session::{Event, Scope, SessionId};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::{Client, LIMIT, Stream};
use crate::feed::sample;
use crate::os::testing;
use crate::server::{Places, Server, Settings, WhenPortTaken};
use crate::{App, AppSource, Apps, Publisher, Request, TokenHash, feed};

pub(super) const READER: &str = "reader0000000000000000000000000000000000000";
pub(super) const FULL: &str = "full000000000000000000000000000000000000000";
pub(super) const PAGE: &str = "page000000000000000000000000000000000000000";
pub(super) const ORIGIN: &str = "https://clinic.example";

pub(super) struct Rig {
    pub(super) port: u16,
    pub(super) apps: Apps,
    pub(super) publisher: Publisher,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) socket: PathBuf,
    pub(super) endpoint: PathBuf,
    revision: u64,
    stop: CancellationToken,
    running: JoinHandle<std::io::Result<()>>,
    folder: TempDir,
}

pub(super) fn app(id: &str, token: &str, scopes: &[Scope], origins: &[&str]) -> App {
    assert_eq!(token.len(), 43);
    App {
        id: id.to_owned(),
        name: format!("The program {id}"),
        scopes: scopes.iter().copied().collect(),
        origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
        token_sha256: TokenHash::of(token),
        source: AppSource::File,
    }
}

/// `reader` may only read, `full` may do everything, `page` is a web page.
pub(super) fn apps() -> Vec<App> {
    vec![
        app("reader", READER, &[Scope::SessionRead], &[]),
        app("full", FULL, &Scope::ALL, &[]),
        app("page", PAGE, &[Scope::SessionRead], &[ORIGIN]),
    ]
}

/// Any free port, and programs may ask to be let in.
pub(super) fn settings(apps: Vec<App>) -> Settings {
    Settings {
        port: 0,
        when_port_taken: WhenPortTaken::Fail,
        pairing: true,
        apps,
    }
}

/// Places that are this folder's alone, below a folder that is still to be made.
pub(super) fn places_in(folder: &TempDir) -> Places {
    let folder = folder.path().join("cardea");
    Places {
        socket: testing::socket_in(&folder),
        endpoint: folder.join("endpoint.json"),
        apps: folder.join("apps.json"),
    }
}

impl Rig {
    pub(super) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts a server whose insides a test changed first.
    pub(super) fn start_with(change: impl FnOnce(&mut crate::server::Shared)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change)
    }

    /// Stops the server and starts another one in the same places.
    pub(super) async fn restart(&mut self) {
        self.stop().await;
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        *self = Self::start_in(folder, |_| {});
    }

    fn start_in(folder: TempDir, change: impl FnOnce(&mut crate::server::Shared)) -> Self {
        let places = places_in(&folder);
        let (publisher, feed) = feed(&sample::snapshot(1));
        let (controller, requests) = mpsc::channel(8);
        let settings = settings(apps());
        let mut server = Server::bind(settings, &places, feed, controller).unwrap();
        change(Arc::get_mut(&mut server.shared).unwrap());
        let stop = CancellationToken::new();
        Self {
            port: server.ports.as_ref().unwrap().number(),
            apps: server.apps(),
            publisher,
            requests,
            socket: places.socket,
            endpoint: places.endpoint,
            revision: 1,
            running: tokio::spawn(server.run(stop.clone())),
            stop,
            folder,
        }
    }

    pub(super) async fn tcp(&self) -> Client {
        Client::new(TcpStream::connect(("127.0.0.1", self.port)).await.unwrap())
    }

    pub(super) async fn socket(&self) -> Client {
        Client::new(testing::connect(&self.socket).await)
    }

    pub(super) fn host(&self) -> String {
        format!("host: 127.0.0.1:{}", self.port)
    }

    pub(super) async fn stream(&self, token: &str, last: Option<&str>) -> Stream {
        let host = self.host();
        let authorization = bearer(token);
        let last = last.map(|id| format!("last-event-id: {id}"));
        let mut lines = vec!["GET /v1/events HTTP/1.1", &host, &authorization];
        lines.extend(last.as_deref());
        self.tcp().await.stream(&lines).await
    }

    /// Waits until the feed has so many readers: the server itself, and who waits for a change.
    pub(super) async fn until_read_by(&self, readers: usize) {
        let until = async {
            while self.publisher.readers() != readers {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, until).await.unwrap();
    }

    /// Publishes the next change.
    pub(super) fn publish(&mut self, events: Vec<Event>) -> u64 {
        self.revision += 1;
        let change = sample::change(self.revision, events);
        self.publisher
            .publish(&change, &sample::snapshot(self.revision));
        self.revision
    }

    /// Stops the server and waits for its end.
    pub(super) async fn stop(&mut self) {
        self.stop.cancel();
        (&mut self.running).await.unwrap().unwrap();
    }
}

pub(super) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

pub(super) fn ended() -> Event {
    Event::SessionEnded {
        session: SessionId::new("boot.s1"),
        reason: cardea_session::EndReason::CardRemoved,
    }
}
