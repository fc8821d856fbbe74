//! The server: where it listens, and its life from `bind` to the stop.

mod accept;
mod connection;
mod holder;
mod link;
mod patient;
mod port;
mod probe;
mod vacancy;
mod web_socket;

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cardea_session::FailureCode;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use holder::Holder;
pub(crate) use link::{Busy, Hosts, Link, Peer, Way};
use port::Ports;
pub use probe::{Answers, ask_for_proof};
pub use vacancy::Vacancy;

use crate::endpoint::EndpointFile;
use crate::limits::{Seldom, Strangers, WrongTokens};
use crate::os::{LocalSocket, Owner};
use crate::reception::Reception;
use crate::routes::{self, Api, Routes};
use crate::socket_error::SocketError;
use crate::{App, Apps, Endpoint, Feed, Request};

/// How often it is written down who called when.
const LAST_USES_KEPT: Duration = Duration::from_secs(600);

/// `[api]`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on loopback; 0 for any free one.
    pub port: u16,
    /// What to do when it is taken.
    pub when_port_taken: WhenPortTaken,
    /// Whether programs may ask the user to let them in.
    pub pairing: bool,
    /// The programs that may call.
    pub apps: Vec<App>,
}

/// `[api] when_port_taken`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenPortTaken {
    /// Take the first free one of the port and the nineteen after it.
    Next,
    /// Do without.
    Fail,
}

impl WhenPortTaken {
    /// How many ports after the first one are tried at the most.
    #[must_use]
    pub fn others(self) -> u16 {
        match self {
            Self::Next => 19,
            Self::Fail => 0,
        }
    }

    /// The ports that are tried one after the other, when `first` is one.
    #[must_use]
    pub fn ports(self, first: u16) -> RangeInclusive<u16> {
        first..=first.saturating_add(self.others())
    }
}

/// Where programs find the agent.
#[derive(Clone, Debug)]
pub struct Places {
    /// The local socket.
    pub socket: PathBuf,
    /// The endpoint file.
    pub endpoint: PathBuf,
    /// The programs that were let in by pairing or by hand.
    pub apps: PathBuf,
}

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Every port that the settings allow is taken.
    #[error("{} taken, {first} by {holder}", ports_in_words(*.first, *.last))]
    ApiPortBusy {
        /// The port of the settings.
        first: u16,
        /// The last one that was tried.
        last: u16,
        /// Who has the first one.
        holder: Holder,
        /// What the operating system said of the last one.
        #[source]
        source: io::Error,
    },
    /// One agent per user and session, and there is one.
    #[error("another agent already runs for this user in this session; \"cardea status\" shows it")]
    AgentRuns,
    /// Something that is no agent answers on the local socket.
    #[error("{} is taken by another program", .path.display())]
    SocketBusy {
        /// Where.
        path: PathBuf,
    },
    /// The folder cannot be made, or others than this user can use it.
    #[error(
        "{} cannot be used: it has to be a folder that only this user can write to. Make the folder \
         above it, or remove what is in its place",
        .path.display()
    )]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The port cannot be listened on for another reason than being taken.
    #[error("the port of [api] port cannot be listened on; choose one from 1024 up")]
    Port(#[source] io::Error),
    /// The local socket cannot be made.
    #[error("cannot make {}", .path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Whose programs may call cannot be told.
    #[error("the operating system does not say who runs this program")]
    Owner(#[source] io::Error),
    /// The endpoint file cannot be written.
    #[error("cannot write {}", .path.display())]
    Endpoint {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn ports_in_words(first: u16, last: u16) -> String {
    if first == last {
        format!("port {first} of 127.0.0.1 or ::1 is")
    } else {
        format!("ports {first} to {last} of 127.0.0.1 or ::1 are")
    }
}

impl BindError {
    /// What the user is told.
    #[must_use]
    pub fn failure_code(&self) -> FailureCode {
        match self {
            Self::ApiPortBusy { .. } | Self::Port(_) => FailureCode::ApiPortBusy,
            Self::AgentRuns
            | Self::SocketBusy { .. }
            | Self::Folder { .. }
            | Self::Socket { .. }
            | Self::Owner(_)
            | Self::Endpoint { .. } => FailureCode::SocketBusy,
        }
    }
}

/// The server, listening. Dropped without being run, it takes socket and endpoint file with it.
#[derive(Debug)]
pub struct Server {
    ports: Option<Ports>,
    // Before the socket, whose lock keeps the next agent waiting.
    endpoint_file: EndpointFile,
    socket: LocalSocket,
    shared: Arc<Shared>,
    routes: Routes,
}

/// What every connection needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) apps: Apps,
    pub(crate) reception: Reception,
    pub(crate) hosts: Hosts,
    pub(crate) strangers: Strangers,
    pub(crate) wrong_tokens: WrongTokens,
    /// Calls of other users.
    pub(crate) foreign_calls: Seldom,
    /// Calls whose user is not known.
    pub(crate) ownerless_calls: Seldom,
    pub(crate) stop: CancellationToken,
    /// Whose programs may call.
    pub(crate) owner: Owner,
}

impl Server {
    /// Listens on loopback and on the local socket, and writes the endpoint file. Requests go to
    /// `controller`. To be called inside of a runtime.
    ///
    /// # Errors
    /// [`BindError`]; nothing stays behind.
    pub fn bind(
        settings: Settings,
        places: &Places,
        feed: Feed,
        controller: mpsc::Sender<Request>,
    ) -> Result<Self, BindError> {
        let socket = listen_on_socket(places)?;
        let ports = Ports::bind(settings.port, settings.when_port_taken)?;
        if let Some(holder) = ports.displaced_by() {
            let (wanted, port) = (settings.port, ports.number());
            tracing::warn!(wanted, port, %holder, "the port of the settings is taken");
        }
        Self::new(Some(ports), socket, &settings, places, feed, controller)
    }

    /// Does without a port, for an agent that must say on the local socket why it has none. To be
    /// called inside of a runtime.
    ///
    /// # Errors
    /// [`BindError`]; nothing stays behind.
    pub fn bind_socket_only(
        settings: Settings,
        places: &Places,
        feed: Feed,
        controller: mpsc::Sender<Request>,
    ) -> Result<Self, BindError> {
        let socket = listen_on_socket(places)?;
        Self::new(None, socket, &settings, places, feed, controller)
    }

    fn new(
        ports: Option<Ports>,
        socket: LocalSocket,
        settings: &Settings,
        places: &Places,
        feed: Feed,
        controller: mpsc::Sender<Request>,
    ) -> Result<Self, BindError> {
        crate::os::allow_many_connections();
        let owner = crate::os::this_owner().map_err(BindError::Owner)?;
        let port = ports.as_ref().map(Ports::number);
        let endpoint = Endpoint {
            url: port.map(|port| format!("http://127.0.0.1:{port}")),
            socket: places.socket.clone(),
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            boot: feed.boot().clone(),
            environment: feed.environment(),
        };
        let endpoint_file = EndpointFile::write(&places.endpoint, endpoint).map_err(|source| {
            BindError::Endpoint {
                path: places.endpoint.clone(),
                source,
            }
        })?;
        let apps = Apps::new(settings);
        let reception = Reception::open(places.apps.clone(), apps.clone(), controller.clone());
        let shared = Arc::new(Shared {
            apps,
            reception: reception.clone(),
            hosts: Hosts::of(port),
            strangers: Strangers::default(),
            wrong_tokens: WrongTokens::default(),
            foreign_calls: Seldom::default(),
            ownerless_calls: Seldom::default(),
            stop: CancellationToken::new(),
            owner,
        });
        let api = Api {
            feed,
            controller,
            apps: shared.apps.clone(),
            reception,
            ownerless_calls: shared.ownerless_calls.clone(),
            stop: shared.stop.clone(),
            port,
        };
        Ok(Self {
            ports,
            socket,
            endpoint_file,
            shared,
            routes: routes::table().work_with(api),
        })
    }

    /// Where it is to be found.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.endpoint_file.endpoint()
    }

    /// The programs that may call, to be replaced when the settings change.
    #[must_use]
    pub fn apps(&self) -> Apps {
        self.shared.apps.clone()
    }

    /// Serves until `stop`. Then it takes no more connections, ends the streams after the last
    /// published change, gives requests under way two seconds, and removes socket and endpoint
    /// file.
    ///
    /// # Errors
    /// When the listeners cannot be handed to the runtime.
    pub async fn run(self, stop: CancellationToken) -> io::Result<()> {
        let Self {
            ports,
            socket,
            endpoint_file,
            shared,
            routes,
        } = self;
        let mut listeners = accept::Listeners::new(ports, socket)?;
        tokio::select! {
            () = accept::serve(&mut listeners, &shared, &routes, &stop) => {}
            () = keep_last_uses(&shared.reception) => {}
            () = shared.reception.end_in_time() => {}
        }
        shared.reception.keep_last_uses().await;
        drop(endpoint_file);
        drop(listeners);
        Ok(())
    }
}

/// Writes down who called when, now and then, for as long as it is polled.
async fn keep_last_uses(reception: &Reception) {
    loop {
        tokio::time::sleep(LAST_USES_KEPT).await;
        reception.keep_last_uses().await;
    }
}

/// Both places are this user's alone: a pipe by its own rights, the rest by the folder they are in.
fn listen_on_socket(places: &Places) -> Result<LocalSocket, BindError> {
    let Places {
        socket, endpoint, ..
    } = places;
    let folder = endpoint.parent().unwrap_or(Path::new("/"));
    crate::os::private_folder(folder).map_err(|source| BindError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    bind_socket(socket)
}

fn bind_socket(path: &Path) -> Result<LocalSocket, BindError> {
    LocalSocket::bind(path).map_err(|error| match error {
        SocketError::AgentRuns => BindError::AgentRuns,
        SocketError::Busy => BindError::SocketBusy {
            path: path.to_owned(),
        },
        SocketError::Io(source) => BindError::Socket {
            path: path.to_owned(),
            source,
        },
    })
}

#[cfg(test)]
mod tests;
