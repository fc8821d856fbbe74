//! What the agent costs while nothing happens, and how soon it answers.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::harness::agent::Home;
use crate::harness::agent::Plan;
use crate::harness::http::send;
use crate::harness::programs;
use crate::harness::workstation::Workstation;
use crate::process::field;
use crate::report::Report;
use crate::statistics::median;

const REMOVALS: usize = 100;
const IDLE: Duration = Duration::from_secs(60);
const STARTS: usize = 20;

/// Measures.
pub async fn run() -> Result<Report> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    for _ in 0..REMOVALS {
        workstation.reader.remove();
        stream.until("card.removed").await?;
        workstation.insert(&mut stream).await?;
    }
    drop(stream);
    let pid = workstation.agent.pid();
    let before = voluntary_switches(pid)?;
    let started = Instant::now();
    tokio::time::sleep(IDLE).await;
    let seconds = started.elapsed().as_secs_f64();
    let wakeups = since(&before, &voluntary_switches(pid)?);
    let all: u64 = wakeups.values().sum();
    let pss = field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")?;
    let threads = field(&format!("/proc/{pid}/status"), "Threads:")?;
    drop(workstation);

    let mut starts = Vec::new();
    // The first one warms up what the others find warm.
    for number in 0..=STARTS {
        let took = start().await?;
        if number > 0 {
            starts.push(took);
        }
    }
    let binary = fs::metadata(programs::cardea())?.len();
    Ok(Report::new("footprint")
        .with("n", STARTS)
        .with_number("pss_mib", pss as f64 / 1024.0)
        .with("threads", threads)
        .with_number("wakeups_per_s", all as f64 / seconds)
        .with("wakeups_by_thread", json!(wakeups))
        .with_number("start_ms", median(&starts))
        .with_number("binary_mib", binary as f64 / 1024.0 / 1024.0))
}

/// Milliseconds from the start of the program to its first good answer.
async fn start() -> Result<f64> {
    let home = Home::new();
    let plan = Plan::new().setting("api", "port = 0");
    let started = Instant::now();
    let agent = plan.start_in(home).await;
    let address = format!("{}/v1/health", agent.url);
    let answer = send(http::Request::get(address).body(String::new())?).await?;
    let took = started.elapsed();
    ensure!(answer.status() == 200, "{answer:?}");
    Ok(took.as_secs_f64() * 1e3)
}

/// How often each thread of a process has gone to sleep by itself, by the threads' names.
fn voluntary_switches(pid: u32) -> Result<BTreeMap<String, u64>> {
    let mut switches = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let folder = thread?.path();
        let name = fs::read_to_string(folder.join("comm"))?.trim().to_owned();
        let status = folder.join("status");
        let count = field(&status.to_string_lossy(), "voluntary_ctxt_switches:")?;
        *switches.entry(name).or_default() += count;
    }
    Ok(switches)
}

/// What came on top.
fn since(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let of = |name| before.get(name).copied().unwrap_or(0);
    now.iter()
        .map(|(name, count)| (name.clone(), count.saturating_sub(of(name))))
        .collect()
}
