//! Many programs that listen to events, all read by one thread on plain sockets, so that it is the
//! agent that is measured: a wait for whichever has something, a read, and the time of it.

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::OwnedFd;

use crate::monotonic;

/// How long a round may take; what has not come by then is lost.
const LIMIT: Duration = Duration::from_secs(20);
const BUFFER: usize = 64 * 1024;

/// The listening thread; it ends when the last of its connections has.
pub struct Subscribers {
    round: Arc<Shared>,
    n: usize,
}

#[derive(Default)]
struct Shared {
    round: Mutex<Round>,
    complete: Condvar,
}

/// What is waited for, and what came of it.
#[derive(Default)]
struct Round {
    wanted: Vec<u8>,
    /// When each of them got it.
    times: Vec<i64>,
    /// What the first one got.
    sample: Vec<u8>,
    n: usize,
}

impl Subscribers {
    /// Listens on connections that have been opened.
    pub fn listen(connections: Vec<TcpStream>) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (index, connection) in connections.iter().enumerate() {
            connection.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, connection, data, epoll::EventFlags::IN)?;
        }
        let n = connections.len();
        let shared = Arc::new(Shared::default());
        let round = Arc::clone(&shared);
        let connections = connections.into_iter().map(Connection::new).collect();
        thread::spawn(move || read_all(&epoll, connections, &shared));
        Ok(Self { round, n })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.n
    }

    /// From now on waits for `wanted`.
    pub fn expect(&self, wanted: &[u8]) {
        *self.round.lock() = Round {
            wanted: wanted.to_vec(),
            times: Vec::with_capacity(self.n),
            sample: Vec::new(),
            n: self.n,
        };
    }

    /// When each of them got it, in order; fewer than there are when it was lost.
    pub fn times(&self) -> Vec<i64> {
        let is_incomplete = |round: &mut Round| round.times.len() < round.n;
        let (mut round, _) = self
            .round
            .complete
            .wait_timeout_while(self.round.lock(), LIMIT, is_incomplete)
            .unwrap_or_else(PoisonError::into_inner);
        let mut times = std::mem::take(&mut round.times);
        times.sort_unstable();
        times
    }

    /// What the first one read when it got it.
    pub fn sample(&self) -> Vec<u8> {
        self.round.lock().sample.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Connection {
    stream: TcpStream,
    /// The end of what came before, which may be the start of what is wanted.
    tail: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            tail: Vec::new(),
        }
    }
}

fn read_all(epoll: &OwnedFd, mut connections: Vec<Connection>, shared: &Shared) {
    let mut events = Vec::with_capacity(connections.len());
    let mut buffer = vec![0; BUFFER];
    let mut open = connections.len();
    while open > 0 {
        match epoll::wait(epoll, spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
        for event in events.drain(..) {
            let index = event.data.u64() as usize;
            let Connection { stream, tail } = &mut connections[index];
            let start = tail.len();
            buffer[..start].copy_from_slice(tail);
            match stream.read(&mut buffer[start..]) {
                Ok(read @ 1..) => {
                    let came = monotonic::now();
                    let part = &buffer[..start + read];
                    let keep = shared.lock().note(part, came, &shared.complete);
                    tail.clear();
                    tail.extend_from_slice(&part[part.len().saturating_sub(keep)..]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => {
                    open -= 1;
                    let _gone = epoll::delete(epoll, &*stream);
                }
            }
        }
    }
}

impl Round {
    /// Notes that `part` came; says how much of its end is to be kept.
    fn note(&mut self, part: &[u8], came: i64, complete: &Condvar) -> usize {
        let Some(longest) = self.wanted.len().checked_sub(1) else {
            return 0;
        };
        if !part.windows(longest + 1).any(|some| some == self.wanted) {
            return longest;
        }
        if self.times.is_empty() {
            self.sample = part.to_vec();
        }
        self.times.push(came);
        if self.times.len() == self.n {
            complete.notify_all();
        }
        0
    }
}
