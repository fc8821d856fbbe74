//! Hundreds of shifts in a row: the agent is after them as large as it was before.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

use crate::harness::stream::Stream;
use crate::harness::workstation::Workstation;

/// After these everything that is kept for good is there.
const FIRST_SHIFTS: usize = 50;
const SHIFTS: usize = 500;
/// A memory allocator that gives back nothing may keep so much.
const GROWTH_MIB: u64 = 6;
const LIMIT: Duration = Duration::from_secs(60);

/// What the agent holds.
#[derive(Debug)]
struct Held {
    files: usize,
    threads: usize,
    memory_mib: u64,
}

impl Held {
    fn by(pid: u32) -> Result<Self> {
        let count =
            |what| Ok::<_, std::io::Error>(fs::read_dir(format!("/proc/{pid}/{what}"))?.count());
        let memory = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let pss = memory.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib = pss.and_then(|line| line.split_whitespace().next());
        Ok(Self {
            files: count("fd")?,
            threads: count("task")?,
            memory_mib: kib.context("no Pss")?.parse::<u64>()? / 1024,
        })
    }
}

/// A card comes, somebody signs in, programs come and go, the card leaves; now and then the card
/// service is killed instead.
async fn shift(number: usize, workstation: &mut Workstation) -> Result<()> {
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    let others = [workstation.events().await?, workstation.events().await?];
    if number.is_multiple_of(50) {
        workstation.pcscd.kill();
        stream.until("session.ended").await?;
        workstation.pcscd.restart();
        stream.until_state("card_present").await?;
        workstation.reader.remove();
        stream.until_state("no_card").await?;
    } else {
        workstation.reader.remove();
    }
    for mut other in others {
        other.until("session.ended").await?;
    }
    gone(&mut stream).await
}

async fn gone(stream: &mut Stream) -> Result<()> {
    while !stream.raw.contains("event: session.ended") {
        stream.next().await?.context("the stream ended")?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "takes minutes; `cargo xtask test --long` runs it"]
async fn hundreds_of_shifts_leave_nothing_behind() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let pid = workstation.agent.pid();
    for number in 0..FIRST_SHIFTS {
        shift(number, &mut workstation).await?;
    }
    workstation.cleaned_up().await?;
    let before = Held::by(pid)?;
    for number in 0..SHIFTS {
        shift(number, &mut workstation)
            .await
            .with_context(|| format!("shift {number}"))?;
    }
    workstation.cleaned_up().await?;

    // Connections that were left end by themselves.
    let until = Instant::now() + LIMIT;
    loop {
        let after = Held::by(pid)?;
        let small = after.files <= before.files
            && after.threads <= before.threads
            && after.memory_mib <= before.memory_mib + GROWTH_MIB;
        if small {
            println!("{before:?}, after {SHIFTS} shifts {after:?}");
            return Ok(());
        }
        ensure!(Instant::now() < until, "{before:?} became {after:?}");
        sleep(Duration::from_millis(200)).await;
    }
}
