//! Many programs that each ask ten times a second, evenly spread, from one thread on plain sockets,
//! so that it is the server that is measured.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use crate::monotonic;
use crate::statistics::milliseconds;

/// How often each program asks.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long the last answers may take.
const LIMIT: Duration = Duration::from_secs(5);
const TIMER: u64 = u64::MAX;

/// Whether the server keeps connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    /// One for each program.
    Kept,
    /// One for each request.
    ForOne,
}

/// What all of it is about.
pub struct Pace {
    pub server: SocketAddr,
    /// One for each program.
    pub requests: Vec<Vec<u8>>,
    /// How the right answer starts.
    pub answer: &'static [u8],
    pub connections: Connections,
}

/// What came of one block.
#[derive(Default)]
pub struct Answers {
    /// From the request to its answer, in milliseconds; with the connection where it is for one.
    pub times: Vec<f64>,
    /// Not asked, because the answer before had not come yet.
    pub skipped: usize,
}

struct Program {
    request: Vec<u8>,
    connection: Option<TcpStream>,
    asked_at: Option<i64>,
}

struct Run<'a> {
    pace: &'a Pace,
    programs: Vec<Program>,
    epoll: OwnedFd,
    under_way: usize,
    answers: Answers,
}

impl Pace {
    /// Has each program ask `rounds` times.
    pub fn run(&self, rounds: usize) -> Result<Answers> {
        let programs = self.requests.iter().map(|request| Program {
            request: request.clone(),
            connection: None,
            asked_at: None,
        });
        let mut run = Run {
            pace: self,
            programs: programs.collect(),
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            under_way: 0,
            answers: Answers::default(),
        };
        if self.connections == Connections::Kept {
            for index in 0..run.programs.len() {
                run.ask(index)?;
                run.until_answered()?;
            }
            run.answers = Answers::default();
        }
        run.all(rounds)?;
        Ok(run.answers)
    }
}

impl Run<'_> {
    fn all(&mut self, rounds: usize) -> Result<()> {
        let n = self.programs.len();
        let timer = every(INTERVAL / u32::try_from(n)?)?;
        let data = epoll::EventData::new_u64(TIMER);
        epoll::add(&self.epoll, &timer, data, epoll::EventFlags::IN)?;
        let mut asked = 0;
        while asked < n * rounds {
            for index in self.ready(LIMIT)? {
                if index != TIMER {
                    self.hear(index as usize)?;
                    continue;
                }
                let mut expired = [0; 8];
                rustix::io::read(&timer, &mut expired)?;
                for _ in 0..u64::from_ne_bytes(expired) {
                    self.ask(asked % n)?;
                    asked += 1;
                }
            }
        }
        epoll::delete(&self.epoll, &timer)?;
        self.until_answered()
    }

    fn until_answered(&mut self) -> Result<()> {
        while self.under_way > 0 {
            for index in self.ready(LIMIT)? {
                self.hear(index as usize)?;
            }
        }
        Ok(())
    }

    fn ready(&self, limit: Duration) -> Result<Vec<u64>> {
        let mut events = Vec::with_capacity(self.programs.len() + 1);
        let limit = Timespec::try_from(limit)?;
        epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&limit))?;
        ensure!(!events.is_empty(), "the server answers no more");
        Ok(events.iter().map(|event| event.data.u64()).collect())
    }

    fn ask(&mut self, index: usize) -> Result<()> {
        let program = &mut self.programs[index];
        if program.asked_at.is_some() {
            self.answers.skipped += 1;
            return Ok(());
        }
        program.asked_at = Some(monotonic::now());
        let connection = match &mut program.connection {
            Some(connection) => connection,
            none => {
                let connection = TcpStream::connect(self.pace.server)?;
                connection.set_nodelay(true)?;
                connection.set_nonblocking(true)?;
                let data = epoll::EventData::new_u64(index as u64);
                epoll::add(&self.epoll, &connection, data, epoll::EventFlags::IN)?;
                none.insert(connection)
            }
        };
        connection.write_all(&program.request)?;
        self.under_way += 1;
        Ok(())
    }

    /// Reads what came; the first of it is the answer.
    fn hear(&mut self, index: usize) -> Result<()> {
        let program = &mut self.programs[index];
        let Some(connection) = &mut program.connection else {
            return Ok(());
        };
        let mut buffer = [0; 16 * 1024];
        let read = match connection.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error).context("a connection"),
        };
        if read == 0 {
            ensure!(program.asked_at.is_none(), "a connection without an answer");
            ensure!(
                self.pace.connections == Connections::ForOne,
                "the server closes connections"
            );
            program.connection = None;
            return Ok(());
        }
        if let Some(asked_at) = program.asked_at.take() {
            let took = milliseconds(monotonic::now() - asked_at);
            ensure!(
                buffer[..read].starts_with(self.pace.answer),
                "{}",
                String::from_utf8_lossy(&buffer[..read])
            );
            self.answers.times.push(took);
            self.under_way -= 1;
            if self.pace.connections == Connections::ForOne {
                program.connection = None;
            }
        }
        Ok(())
    }
}

fn every(interval: Duration) -> Result<OwnedFd> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let interval = Timespec::try_from(interval)?;
    let times = Itimerspec {
        it_interval: interval,
        it_value: interval,
    };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
    Ok(timer)
}
