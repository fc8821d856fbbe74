//! From the card that leaves to the last of a thousand programs, half of them by Server-Sent
//! Events and half by WebSocket, beside a bare program that writes the same bytes to as many
//! sockets, in alternating blocks.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::apps;
use crate::bare_writer::BareWriter;
use crate::harness::agent::{App, Plan};
use crate::harness::stream::Stream;
use crate::harness::workstation::Workstation;
use crate::monotonic;
use crate::process;
use crate::report::Report;
use crate::statistics::{median, milliseconds, percentile};
use crate::subscribers::Subscribers;

/// Streams that are open while it is measured.
const SUBSCRIBERS: usize = 1_000;
/// The streams that one program may have; the first one is the bench's own.
const STREAMS_PER_PROGRAM: usize = 15;
/// Removals in one block, each of a card with a session.
const BLOCK: usize = 10;
const BLOCKS: usize = 10;

/// In an event of either form.
const STARTED: &[u8] = b"\"event\":\"session.started\"";
const ENDED: &[u8] = b"\"event\":\"session.ended\"";
const OPENING_LIMIT: Duration = Duration::from_secs(20);

struct Bench {
    workstation: Workstation,
    stream: Stream,
    subscribers: Subscribers,
}

/// One entry for each removal, in milliseconds.
#[derive(Default)]
struct Times {
    /// From the command that takes the card out to the first program.
    first: Vec<f64>,
    /// From the same to the last one.
    last: Vec<f64>,
    /// From the first program to the last one.
    spread: Vec<f64>,
    /// The same of the bare program.
    floor: Vec<f64>,
    lost: usize,
}

/// Measures.
pub async fn run() -> Result<Report> {
    process::allow_many_files()?;
    let programs = apps::many(SUBSCRIBERS.div_ceil(STREAMS_PER_PROGRAM));
    let mut workstation = Workstation::with(|plan| programs.iter().fold(plan, Plan::app)).await?;
    let mut stream = workstation.events().await?;
    let pid = workstation.agent.pid();
    // What a session and its end take is no subscriber's.
    sign_in(&mut workstation, &mut stream).await?;
    workstation.reader.remove();
    stream.until("card.removed").await?;
    let without = process::resident_kib(pid)?;
    let subscribers = Subscribers::listen(open_all(&workstation.agent.url, &programs)?)?;
    sign_in(&mut workstation, &mut stream).await?;
    subscribers.expect(ENDED);
    workstation.reader.remove();
    ensure!(
        subscribers.times().len() == SUBSCRIBERS,
        "lost at the start"
    );
    stream.until("card.removed").await?;
    let with = process::resident_kib(pid)?;

    let folder = TempDir::new()?;
    let bytes = folder.path().join("bytes");
    std::fs::write(&bytes, subscribers.sample())?;
    let mut floor = BareWriter::start(SUBSCRIBERS, &bytes)?;
    let mut bench = Bench {
        workstation,
        stream,
        subscribers,
    };
    let mut times = Times::default();
    for _ in 0..BLOCKS {
        for _ in 0..BLOCK {
            bench.one_removal(&mut times).await?;
        }
        for _ in 0..BLOCK {
            let reached = floor.round(ENDED)?;
            ensure!(reached.len() == SUBSCRIBERS, "the bare writer lost some");
            times.floor.push(spread(&reached)?);
        }
    }
    Ok(times.report(with.saturating_sub(without)))
}

impl Bench {
    async fn one_removal(&mut self, times: &mut Times) -> Result<()> {
        let Self {
            workstation,
            stream,
            subscribers,
        } = self;
        stream.raw.clear();
        subscribers.expect(STARTED);
        sign_in(workstation, stream).await?;
        ensure!(
            subscribers.times().len() == subscribers.count(),
            "a start was lost"
        );
        subscribers.expect(ENDED);
        let start = monotonic::now();
        workstation.reader.remove();
        let reached = subscribers.times();
        times.lost += subscribers.count() - reached.len();
        let (first, last) = ends(&reached)?;
        times.first.push(milliseconds(first - start));
        times.last.push(milliseconds(last - start));
        times.spread.push(spread(&reached)?);
        stream.until("card.removed").await.map(drop)
    }
}

async fn sign_in(workstation: &mut Workstation, stream: &mut Stream) -> Result<()> {
    workstation.insert(stream).await?;
    workstation.sign_in_by_tool(stream).await
}

fn ends(times: &[i64]) -> Result<(i64, i64)> {
    Ok((
        *times.first().context("nobody heard of it")?,
        *times.last().context("nobody heard of it")?,
    ))
}

fn spread(times: &[i64]) -> Result<f64> {
    let (first, last) = ends(times)?;
    Ok(milliseconds(last - first))
}

/// Every second one by WebSocket.
fn open_all(url: &str, programs: &[App]) -> Result<Vec<TcpStream>> {
    let host = url.strip_prefix("http://").context("not http")?;
    (0..SUBSCRIBERS)
        .map(|number| {
            let token = &programs[number / STREAMS_PER_PROGRAM].token;
            let request = match number % 2 {
                0 => format!(
                    "GET /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n"
                ),
                _ => format!(
                    "GET /v1/events/ws HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\n\
                     upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                     sec-websocket-protocol: cardea.v1, bearer.{token}\r\n\r\n"
                ),
            };
            open(host, &request)
        })
        .collect()
}

/// Opens a stream, and waits until it has begun.
fn open(host: &str, request: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(OPENING_LIMIT))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !answer.windows(10).any(|part| part == b"\"snapshot\"") {
        let read = stream.read(&mut buffer)?;
        ensure!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&buffer[..read]);
    }
    Ok(stream)
}

impl Times {
    fn report(&self, kib: u64) -> Report {
        Report::new("fanout")
            .with("n", self.spread.len())
            .with("subscribers", SUBSCRIBERS)
            .with("lost", self.lost)
            .with_number("first_p50_ms", median(&self.first))
            .with_number("last_p99_ms", percentile(&self.last, 99.0))
            .with_number("spread_p50_ms", median(&self.spread))
            .with_number("spread_p99_ms", percentile(&self.spread, 99.0))
            .with_number("floor_spread_p50_ms", median(&self.floor))
            .with_number("floor_spread_p99_ms", percentile(&self.floor, 99.0))
            .with_number("ours_of_floor", median(&self.spread) / median(&self.floor))
            .with_number("kib_per_subscriber", kib as f64 / SUBSCRIBERS as f64)
    }
}
