//! The only judges of speed: each bench measures the shipped program against a floor or a peer in
//! the same run, and prints one JSON object with `--json`.

mod apps;
mod bare_loop;
mod bare_writer;
mod fanout;
mod footprint;
mod footprint_desktop;
#[expect(dead_code, reason = "a bench needs only some of the parts")]
#[path = "../harness/mod.rs"]
mod harness;
mod listener;
mod machine;
mod monotonic;
mod pace;
mod peer;
mod peer_status;
mod poll;
mod poll_paced;
mod process;
mod removal;
mod removal_under_wine;
mod report;
mod statistics;
mod subscribers;

use std::process::ExitCode;

use anyhow::{Result, bail};

use report::Report;

const USAGE: &str =
    "Usage: bench removal|fanout|poll|footprint [--json] [--peer | --wine | --desktop]";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let before = arguments.len();
        arguments.retain(|argument| argument != name);
        arguments.len() < before
    };
    let (json, with_peer, wine) = (flag("--json"), flag("--peer"), flag("--wine"));
    let desktop = flag("--desktop");
    match run(&arguments, with_peer, wine, desktop) {
        Ok(Some(report)) => {
            report.print(json);
            ExitCode::SUCCESS
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String], with_peer: bool, wine: bool, desktop: bool) -> Result<Option<Report>> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let [bare_loop::NAME, reader] = arguments[..] {
        bare_loop::run(reader)?;
        return Ok(None);
    }
    if let [bare_writer::NAME, n, file] = arguments[..] {
        bare_writer::run(n, file)?;
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let report = match arguments[..] {
        ["removal"] if wine => runtime.block_on(removal_under_wine::run())?,
        ["removal"] => runtime.block_on(removal::run(with_peer))?,
        ["fanout"] => runtime.block_on(fanout::run())?,
        ["poll"] => runtime.block_on(poll::run(with_peer))?,
        ["footprint"] if desktop => runtime.block_on(footprint_desktop::run())?,
        ["footprint"] => runtime.block_on(footprint::run())?,
        _ => bail!("{USAGE}"),
    };
    Ok(Some(report))
}
