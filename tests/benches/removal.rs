//! From the card that leaves to the first byte of `session.ended` at a program, event by event
//! beside bare loops on the same PC/SC service.

use anyhow::{Context, Result};

use crate::bare_loop::BareLoop;
use crate::harness::stream::Stream;
use crate::harness::workstation::Workstation;
use crate::listener::Listener;
use crate::monotonic;
use crate::peer::{self, Peer};
use crate::report::Report;
use crate::statistics::{median, milliseconds, percentile};

/// Sessions that are ended by the card in one run.
const N: usize = 1_000;
/// So many in one block; with a peer its blocks come between.
const BLOCK: usize = 100;

/// Milliseconds, one entry for each removal.
#[derive(Default)]
pub struct Times {
    /// From the command that takes the card out to the bare loop.
    bare: Vec<f64>,
    /// From the same to the program.
    ours: Vec<f64>,
    /// From the bare loop to the program.
    added: Vec<f64>,
    /// Between the two bare loops.
    noise: Vec<f64>,
    /// From the command to the peer's message.
    peer: Vec<f64>,
    peer_version: Option<String>,
}

/// The loops come first, so that they are gone before their service is.
struct Bench {
    bare: BareLoop,
    second: BareLoop,
    listener: Listener,
    stream: Stream,
    workstation: Workstation,
}

/// Measures; with the peer in alternating blocks.
pub async fn run(with_peer: bool) -> Result<Report> {
    let workstation = Workstation::start().await?;
    let socket = workstation.pcscd.socket();
    let reader = workstation.reader.name().to_string();
    let mut bench = Bench {
        stream: workstation.events().await?,
        listener: Listener::start(&workstation.agent.url, &workstation.app.token)?,
        bare: BareLoop::start(&socket, &reader)?,
        second: BareLoop::start(&socket, &reader)?,
        workstation,
    };
    let mut times = Times::default();
    for _ in 0..N / BLOCK {
        for _ in 0..BLOCK {
            bench.one_removal(&mut times).await?;
        }
        if with_peer {
            bench.peers_block(&mut times).await?;
        }
    }
    Ok(times.report())
}

impl Bench {
    async fn one_removal(&mut self, times: &mut Times) -> Result<()> {
        let Self {
            workstation,
            stream,
            ..
        } = self;
        workstation.insert(stream).await?;
        workstation.sign_in_by_tool(stream).await?;
        // The stream must not fill up with what has been read.
        stream.raw.clear();
        let start = monotonic::now();
        workstation.reader.remove();
        let bare = self.bare.removal()?;
        let second = self.second.removal()?;
        let ours = self.listener.ending()?;
        self.stream.until("card.removed").await?;
        let since = |heard: i64| milliseconds(heard - start);
        times.add(since(bare), since(second), since(ours));
        Ok(())
    }

    /// The peer runs only while its own block does: it would talk to the cards of ours.
    async fn peers_block(&mut self, times: &mut Times) -> Result<()> {
        let Workstation { pcscd, reader, .. } = &self.workstation;
        let mut peer = Peer::start(pcscd, reader).await?;
        times.peer.extend(peer.block(reader).await?);
        times.peer_version = Some(peer.version().to_owned());
        // The others heard of it, too.
        for _ in 0..peer::BLOCK {
            self.bare.removal().context("behind the peer")?;
            self.second.removal().context("behind the peer")?;
            self.stream.until("card.removed").await?;
        }
        Ok(())
    }
}

impl Times {
    /// One removal, from the command to each of the bare loops and to the program.
    pub fn add(&mut self, bare: f64, second: f64, ours: f64) {
        self.bare.push(bare);
        self.ours.push(ours);
        self.added.push(ours - bare);
        self.noise.push((second - bare).abs());
    }

    pub fn report(&self) -> Report {
        let report = Report::new("removal")
            .with("n", self.ours.len())
            .with_number("bare_p50_ms", median(&self.bare))
            .with_number("bare_p99_ms", percentile(&self.bare, 99.0))
            .with_number("ours_p50_ms", median(&self.ours))
            .with_number("ours_p99_ms", percentile(&self.ours, 99.0))
            .with_number("added_p50_ms", median(&self.added))
            .with_number("added_p99_ms", percentile(&self.added, 99.0))
            .with_number("noise_p99_ms", percentile(&self.noise, 99.0));
        match &self.peer_version {
            Some(version) => report
                .with("peer_n", self.peer.len())
                .with_number("peer_p50_ms", median(&self.peer))
                .with_number("peer_p99_ms", percentile(&self.peer, 99.0))
                .with("peer_version", version.as_str()),
            None => report,
        }
    }
}
