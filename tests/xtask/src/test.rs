//! `cargo xtask test`: all stages one after the other, then the table and the sum of the tests.

use std::process::ExitCode;
use std::time::Instant;

use crate::arguments::Extent;
use crate::failures::Failures;
use crate::install;
use crate::process::{self, Unstartable};
use crate::results::Results;
use crate::stages::{self, Stage};
use crate::table::{Row, Table, Verdict};

/// Runs every stage of `extent`, the later ones also when an earlier one failed; only without what
/// they need none is started.
pub fn run(extent: Extent) -> ExitCode {
    let mut table = Table::default();
    let mut results = Results::default();
    let mut failures = Failures::default();

    let start = Instant::now();
    let installed = install::for_tests(extent);
    let mut verdict = Verdict::Ok;
    if let Err(error) = &installed {
        eprintln!("error: {error}");
        verdict = Verdict::Failed;
    }
    table.push(Row {
        name: "installation",
        verdict,
        took: start.elapsed(),
    });

    let stages = if installed.is_ok() {
        stages::of(extent)
    } else {
        Vec::new()
    };
    for stage in stages {
        let name = stage.name;
        eprintln!("\n── {name}");
        let start = Instant::now();
        let verdict = run_stage(stage, &mut results, &mut failures).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            Verdict::Failed
        });
        table.push(Row {
            name,
            verdict,
            took: start.elapsed(),
        });
    }

    if !failures.is_empty() {
        println!("\n── what failed, once more\n{failures}");
    }
    println!("\n{table}\n{results}");
    let failed = table.has_failure() || results.failed > 0;
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn run_stage(
    stage: Stage,
    results: &mut Results,
    failures: &mut Failures,
) -> Result<Verdict, Unstartable> {
    for mut command in stage.commands {
        let status = process::run_watched(&mut command, |line| {
            failures.look(line);
            if let Some(more) = Results::from_closing_line(line) {
                *results += more;
            }
        })?;
        if !status.success() {
            return Ok(Verdict::Failed);
        }
    }
    Ok(Verdict::Ok)
}
