//! What the agent takes while two hundred programs poll ten times a second each, beside the same
//! axum that checks nothing and, if wanted, a peer, in alternating blocks.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};

use crate::harness::agent::App;
use crate::harness::workstation::Workstation;
use crate::pace::{Answers, Connections, Pace};
use crate::peer_status::PeerStatus;
use crate::process::cpu_us;
use crate::report::Report;
use crate::statistics::percentile;

/// Programs that poll.
pub const PROGRAMS: usize = 200;
/// Requests of each program in one block: five seconds.
const ROUNDS: usize = 50;
const BLOCKS: usize = 5;

/// What one server took.
#[derive(Default)]
struct Taken {
    /// Milliseconds, of every request.
    times: Vec<f64>,
    skipped: usize,
    cpu_us: f64,
}

impl Taken {
    fn block(&mut self, pace: &Pace, pid: u32) -> Result<()> {
        let before = cpu_us(pid)?;
        let Answers { times, skipped } = pace.run(ROUNDS)?;
        self.cpu_us += cpu_us(pid)? - before;
        self.times.extend(times);
        self.skipped += skipped;
        Ok(())
    }

    /// Of one core: a block of [`ROUNDS`] takes a tenth of a second for each.
    fn cpu_percent(&self) -> f64 {
        let seconds = (BLOCKS * ROUNDS) as f64 / 10.0;
        self.cpu_us / 1e6 / seconds * 100.0
    }
}

/// Measures, and adds what was found to `report`. The bare server is told by its address and
/// process.
pub fn run(
    workstation: &Workstation,
    programs: &[App],
    tag: &str,
    (floor, floor_pid): (SocketAddr, u32),
    peer: Option<&PeerStatus>,
    report: Report,
) -> Result<Report> {
    let pid = workstation.agent.pid();
    let host = workstation.agent.url.strip_prefix("http://");
    let server: SocketAddr = host.context("not http")?.parse()?;
    let request = |server: SocketAddr, app: &App| {
        format!(
            "GET /v1/session HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {}\r\n\
             if-none-match: {tag}\r\n\r\n",
            app.token
        )
        .into_bytes()
    };
    let pace = |server, answer| Pace {
        server,
        requests: programs.iter().map(|app| request(server, app)).collect(),
        answer,
        connections: Connections::Kept,
    };
    let ours = pace(server, b"HTTP/1.1 304");
    let floor = pace(floor, b"HTTP/1.1 200");
    let peer = peer.map(|peer| {
        let pace = Pace {
            server: peer.address(),
            requests: vec![peer.request(); programs.len()],
            answer: b"HTTP/1.0 200",
            connections: Connections::ForOne,
        };
        (peer, pace)
    });
    let (mut us, mut them, mut bare) = (Taken::default(), Taken::default(), Taken::default());
    for _ in 0..BLOCKS {
        us.block(&ours, pid)?;
        bare.block(&floor, floor_pid)?;
        if let Some((peer, pace)) = &peer {
            them.block(pace, peer.pid())?;
        }
    }
    ensure!(!us.times.is_empty(), "nothing was asked");
    let report = report
        .with("programs", programs.len())
        .with("requests", us.times.len())
        .with("skipped", us.skipped)
        .with_number("cpu_percent", us.cpu_percent())
        .with_number("p50_ms", percentile(&us.times, 50.0))
        .with_number("p99_ms", percentile(&us.times, 99.0))
        .with_number("floor_cpu_percent", bare.cpu_percent())
        .with_number("floor_p50_ms", percentile(&bare.times, 50.0))
        .with_number("floor_p99_ms", percentile(&bare.times, 99.0));
    Ok(match peer {
        Some((peer, _)) => report
            .with("peer_requests", them.times.len())
            .with("peer_skipped", them.skipped)
            .with_number("peer_cpu_percent", them.cpu_percent())
            .with_number("peer_p50_ms", percentile(&them.times, 50.0))
            .with_number("peer_p99_ms", percentile(&them.times, 99.0))
            .with("peer_version", peer.version()),
        None => report,
    })
}
