//! The desktop's log: a file a day beside the agent's, and what a terminal shows.

mod daily_file;

use std::io::{self, IsTerminal as _};
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::os;
use daily_file::DailyFile;

/// Lines that wait for the disk; what comes on top is lost.
const QUEUE: usize = 1024;

/// Starts logging into `folder`, for this user only. What is logged is written out when the guard is
/// dropped; none when there is no folder, which is no reason not to run.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let made = os::create_private_folder(folder).map(|()| {
        NonBlockingBuilder::default()
            .buffered_lines_limit(QUEUE)
            .thread_name("log")
            .finish(DailyFile::new(folder))
    });
    let (why_not, (file, guard)) = match made {
        Ok((file, guard)) => (None, (Some(file), Some(guard))),
        Err(error) => (Some(error), (None, None)),
    };
    let file = file.map(|file| fmt::layer().json().flatten_event(true).with_writer(file));
    let terminal = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    // A second start in one process, as in tests, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(file)
        .with(terminal)
        .try_init();
    if let Some(error) = why_not {
        tracing::warn!(%error, "nothing is logged to files");
    }
    guard
}
