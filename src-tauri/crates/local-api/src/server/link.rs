//! What is known of one connection.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

use super::web_socket::WebSocket;
use crate::access::{Grant, Permit};
use crate::limits::Stranger;
use crate::os;
use crate::pairing::Applicant;
use crate::problem::Problem;
use crate::program_stream::ProgramStream;

/// How long a stranger may take to show a token.
const STRANGER_LIMIT: Duration = Duration::from_secs(5);
/// How long a program may leave its connection unused.
const IDLE_LIMIT: Duration = Duration::from_secs(75);

/// How a caller came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the port on loopback.
    Port,
    /// By the local socket.
    Socket {
        /// Whether it is one of Cardea's own programs.
        own_program: bool,
    },
}

/// The program at the other end, before anybody has looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// By the two ends of its connection on loopback: its own, and ours.
    Connection {
        /// Its own.
        theirs: SocketAddr,
        /// Ours.
        ours: SocketAddr,
    },
    /// By its process.
    Process(u32),
    /// The operating system does not say.
    Unknown,
}

impl Peer {
    pub(super) fn of_stream(stream: &TcpStream) -> Self {
        match (stream.peer_addr(), stream.local_addr()) {
            (Ok(theirs), Ok(ours)) => Self::Connection { theirs, ours },
            (Err(_), _) | (_, Err(_)) => Self::Unknown,
        }
    }

    /// What it is; nothing where the operating system does not say. Takes its time.
    fn applicant(self) -> io::Result<Applicant> {
        let process = match self {
            Self::Connection { theirs, ours } => os::process_of_peer(theirs, ours)?,
            Self::Process(process) => Some(process),
            Self::Unknown => None,
        };
        let program = process.map(os::program_of).transpose()?;
        let signer = program.as_deref().and_then(os::signer_of);
        Ok(Applicant::program(program.as_deref(), signer))
    }
}

/// One connection: who is at the other end, whose place it takes up, and since when it is unused.
#[derive(Debug)]
pub(crate) struct Link {
    way: Way,
    is_of_same_user: bool,
    peer: Peer,
    seat: Mutex<Seat>,
    /// What the connection becomes when HTTP is over.
    web_socket: Mutex<Option<WebSocket>>,
    usage: Mutex<Usage>,
}

#[derive(Debug)]
struct Usage {
    /// Requests and streams; a stream begins before its request has been answered.
    under_way: usize,
    /// When the last one ended.
    unused_since: Instant,
}

#[derive(Debug)]
enum Seat {
    Stranger(#[expect(dead_code, reason = "holds the place until dropped")] Stranger),
    Program(
        Arc<Grant>,
        #[expect(dead_code, reason = "holds the place until dropped")] Permit,
    ),
}

impl Link {
    pub(crate) fn new(way: Way, is_of_same_user: bool, peer: Peer, stranger: Stranger) -> Self {
        Self {
            way,
            is_of_same_user,
            peer,
            seat: Mutex::new(Seat::Stranger(stranger)),
            web_socket: Mutex::new(None),
            usage: Mutex::new(Usage {
                under_way: 0,
                unused_since: Instant::now(),
            }),
        }
    }

    pub(crate) fn way(&self) -> Way {
        self.way
    }

    pub(crate) fn is_of_same_user(&self) -> bool {
        self.is_of_same_user
    }

    /// Which program it is, for who asks to be let in.
    pub(crate) async fn applicant(&self) -> Applicant {
        let peer = self.peer;
        let look = move || peer.applicant();
        match tokio::task::spawn_blocking(look)
            .await
            .map_err(io::Error::from)
            .flatten()
        {
            Ok(applicant) => applicant,
            Err(error) => {
                tracing::warn!(%error, "which program asks to be let in cannot be told");
                Applicant::default()
            }
        }
    }

    /// Counts the connection among those of this program from now on.
    pub(crate) fn belongs_to(&self, grant: &Arc<Grant>) -> Result<(), Problem> {
        let mut seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner);
        if let Seat::Program(holder, _) = &*seat
            && holder.shares_places_with(grant)
        {
            return Ok(());
        }
        let permit = grant.connection()?;
        *seat = Seat::Program(Arc::clone(grant), permit);
        Ok(())
    }

    /// Has the connection go on as a WebSocket, which brings what `stream` does, after the answer.
    pub(crate) fn becomes_web_socket(&self, upgrade: OnUpgrade, stream: ProgramStream) {
        let web_socket = WebSocket { upgrade, stream };
        *self
            .web_socket
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(web_socket);
    }

    /// What the connection becomes, if anything.
    pub(super) fn take_web_socket(&self) -> Option<WebSocket> {
        let mut web_socket = self
            .web_socket
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        web_socket.take()
    }

    /// Marks the connection as used until the mark is dropped.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.usage().under_way += 1;
        Busy(Arc::clone(self))
    }

    /// Waits until the connection was unused for too long.
    pub(super) async fn overstayed(&self) {
        loop {
            let limit = self.limit();
            let now = Instant::now();
            let until = match *self.usage() {
                Usage {
                    under_way: 0,
                    unused_since,
                } => unused_since + limit,
                Usage { .. } => now + limit,
            };
            if until <= now {
                return;
            }
            sleep_until(until).await;
        }
    }

    /// Whether a program showed its token here.
    pub(super) fn is_of_program(&self) -> bool {
        let seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*seat, Seat::Program(..))
    }

    fn limit(&self) -> Duration {
        match *self.seat.lock().unwrap_or_else(PoisonError::into_inner) {
            Seat::Stranger(_) => STRANGER_LIMIT,
            Seat::Program(..) => IDLE_LIMIT,
        }
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request or stream under way.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Link>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut usage = self.0.usage();
        usage.under_way -= 1;
        usage.unused_since = Instant::now();
    }
}

/// The values of `Host` that mean this agent.
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(super) fn of(port: Option<u16>) -> Self {
        let names = ["127.0.0.1", "localhost", "[::1]"].into_iter();
        Self(port.map_or_else(Vec::new, |port| {
            names.map(|name| format!("{name}:{port}")).collect()
        }))
    }

    pub(crate) fn has(&self, host: &[u8]) -> bool {
        self.0.iter().any(|ours| ours.as_bytes() == host)
    }
}
