//! The same from the program for Windows, under Wine: the card leaves the played smart-card service,
//! two bare loops and a program that listens say when they heard of it. Wine's own cost is in all
//! of them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::harness::windows_workstation::{Said, WindowsDesk};
use crate::removal::Times;
use crate::report::Report;

/// Sessions that are ended by the card in one run; each login starts a program of Windows.
const N: usize = 200;
const READER: &str = "HID Global OMNIKEY 3x21 Smart Card Reader 0";

/// Measures.
pub async fn run() -> Result<Report> {
    let mut workstation = WindowsDesk::new().await?.start().await?;
    let reader = workstation.desk.service.plug(READER);
    let mut program = workstation.listen().await?;
    let bare_loop = || {
        let mut bare = workstation.desk.command("bare-loop.exe");
        bare.arg(READER);
        Said::of(bare)
    };
    let (mut bare, mut second) = (bare_loop()?, bare_loop()?);
    bare.until("waits").await?;
    second.until("waits").await?;
    let mut times = Times::default();
    for _ in 0..N {
        workstation.sign_in_with_card(&reader, &mut program).await?;
        let start = now()?;
        reader.remove();
        let heard = [
            bare.until("removed").await?,
            second.until("removed").await?,
            program.until("session.ended card_removed").await?,
        ];
        let [bare, second, ours] = heard.map(|when| milliseconds(when - start));
        times.add(bare, second, ours);
        program.until("snapshot no_card").await?;
        program.all.clear();
    }
    workstation.stop().await?;
    Ok(times.report())
}

/// The clock of the programs under Wine.
fn now() -> Result<i128> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    i128::try_from(since.as_nanos()).context("too late")
}

#[expect(clippy::cast_precision_loss, reason = "some milliseconds")]
fn milliseconds(nanoseconds: i128) -> f64 {
    nanoseconds as f64 / 1e6
}
