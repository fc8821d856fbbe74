//! The desktop's log: a file a day beside the agent's, and what a terminal shows.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// As many files stay.
const FILES: usize = 14;

/// Starts logging into `folder`. What is logged is written out when the guard is dropped; none when
/// there is no file, which is no reason not to run.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    // Where it cannot be made, the appender cannot be either.
    let _ = std::fs::create_dir_all(folder);
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("desktop")
        .filename_suffix("jsonl")
        .max_log_files(FILES)
        .build(folder)
        .ok();
    let (file, guard) = appender.map(tracing_appender::non_blocking).unzip();
    let file = file.map(|file| fmt::layer().json().with_writer(file));
    let terminal = fmt::layer().with_writer(std::io::stderr).with_target(false);
    // A second start in one process, as in tests, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(file)
        .with(terminal)
        .try_init();
    guard
}
