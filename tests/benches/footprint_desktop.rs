//! What the desktop costs: memory with only the tray, with the window, and after it; how soon both
//! are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use crate::harness::agent::{Home, LIMIT};
use crate::harness::desktop::{self, Seat, Tray};
use crate::harness::workstation::Desk;
use crate::process::field;
use crate::report::Report;
use crate::statistics::median;

const STARTS: usize = 10;
const WINDOWS: usize = 5;
/// After this long nothing more comes or goes.
const SETTLED: Duration = Duration::from_secs(3);
/// How often it is tried whether the window is there.
const PAUSE: Duration = Duration::from_millis(1);
/// CIS2 is not asked for anything.
const ISSUER: &str = "http://127.0.0.1:9";

/// Measures.
pub async fn run() -> Result<Report> {
    let desk = Desk::new().await?;
    let plan = desk.plan(ISSUER);
    let mut starts = Vec::new();
    // The first one warms up what the others find warm.
    for number in 0..=STARTS {
        let seat = Seat::start(desk.keyring.bus()).await?;
        let started = Instant::now();
        let mut tray = seat.show(&desk.home, &plan).await?;
        let took = started.elapsed();
        if number > 0 {
            starts.push(millis(took));
        }
        tray.host.until_icon("no-card").await?;
        tray.terminate()?;
        tray.ended().await?;
    }

    let tray = Tray::start(&desk.home, &plan, desk.keyring.bus()).await?;
    tray.host.until_icon("no-card").await?;
    sleep(SETTLED).await;
    let id = id(&desk.home)?;
    let only_tray = pss_of_family(id)?;

    let channel = desk.home.endpoint_file().with_file_name("window.sock");
    let (mut windows, mut with_window) = (Vec::new(), BTreeMap::new());
    for number in 0..=WINDOWS {
        let clicked = Instant::now();
        tray.host.choose("Open Cardea").await?;
        timeout(LIMIT, answers(&channel))
            .await
            .context("no window")?;
        let took = clicked.elapsed();
        if number > 0 {
            windows.push(millis(took));
        }
        if number == WINDOWS {
            sleep(SETTLED).await;
            with_window = pss_of_family(id)?;
        }
        close(&channel, id).await?;
    }
    sleep(SETTLED).await;
    let after = pss_of_family(id)?;
    Ok(Report::new("footprint --desktop")
        .with("n", STARTS)
        .with_number("tray_pss_mib", mib(&only_tray))
        .with_number("window_pss_mib", mib(&with_window))
        .with_number("after_close_pss_mib", mib(&after))
        .with_number("tray_ready_ms", median(&starts))
        .with_number("window_ms", median(&windows))
        .with("tray_pss_kib_by_process", serde_json::json!(only_tray))
        .with("window_pss_kib_by_process", serde_json::json!(with_window)))
}

/// The tray's process, which started the agent.
fn id(home: &Home) -> Result<u32> {
    let agent = &desktop::endpoint(home)?["pid"];
    Ok(u32::try_from(field(
        &format!("/proc/{agent}/status"),
        "PPid:",
    )?)?)
}

/// Waits until the page of the window answers.
async fn answers(channel: &PathBuf) {
    loop {
        if is_there(channel).await.is_ok_and(|there| there) {
            return;
        }
        sleep(PAUSE).await;
    }
}

async fn is_there(channel: &PathBuf) -> Result<bool> {
    let mut window = UnixStream::connect(channel).await?;
    window.write_all(b"now\n").await?;
    let mut answer = Vec::new();
    window.read_to_end(&mut answer).await?;
    Ok(answer == b"here\n")
}

/// Closes the window and waits until its processes are gone.
async fn close(channel: &PathBuf, tray: u32) -> Result<()> {
    let mut window = UnixStream::connect(channel).await?;
    window.write_all(b"close\n").await?;
    let gone = async {
        while family(tray)?.len() > 2 {
            sleep(PAUSE).await;
        }
        anyhow::Ok(())
    };
    timeout(LIMIT, gone).await.context("the window stays")?
}

/// What the tray and everything that it has started has in memory, in KiB, by the programs' names.
fn pss_of_family(tray: u32) -> Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    for id in family(tray)? {
        let name = fs::read_to_string(format!("/proc/{id}/comm"))?
            .trim()
            .to_owned();
        *all.entry(name).or_default() += field(&format!("/proc/{id}/smaps_rollup"), "Pss:")?;
    }
    ensure!(all.len() >= 2, "tray and agent, not {all:?}");
    Ok(all)
}

/// A process and all that descend from it.
fn family(first: u32) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for process in fs::read_dir("/proc")? {
        let Ok(id) = process?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        // It may have ended meanwhile.
        if let Ok(parent) = field(&format!("/proc/{id}/status"), "PPid:") {
            parents.insert(id, u32::try_from(parent)?);
        }
    }
    let mut family = vec![first];
    let mut next = 0;
    while let Some(&one) = family.get(next) {
        let children = parents.iter().filter(|&(_, &parent)| parent == one);
        family.extend(children.map(|(&child, _)| child));
        next += 1;
    }
    Ok(family)
}

fn mib(all: &BTreeMap<String, u64>) -> f64 {
    all.values().sum::<u64>() as f64 / 1024.0
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
