//! Logs: JSON lines in daily files, and text on the terminal for `cardea run`.
//!
//! The rule: a log may hold codes, ids that Cardea drew, counts, times, names of readers and
//! programs. It never holds a token, code, secret or key, nothing of the user (name, id, role,
//! organisation), no address with a query, and no content of a file or an answer. Values go into
//! fields, never into the text. Libraries log warnings and errors only, at every level: below
//! that, they would show addresses and headers.

mod daily_file;
mod tidying;

use std::fmt;
use std::path::Path;

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, reload};

use crate::paths::{self, PathError};
use crate::retention::Retention;
use crate::settings::LogLevel;
use daily_file::DailyFile;
pub(crate) use tidying::{is_log_file, log_files, skip_to_last_lines};

/// Lines that wait for the disk; what comes on top is lost.
const QUEUE: usize = 4096;

/// The most that one day's logs take, and less where the settings say so; the older half goes
/// first.
const MAX_BYTES_A_DAY: u64 = 16 * 1024 * 1024;

/// Where log lines go besides the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// To standard error, as text.
    Text,
    /// To standard error, as text with colours.
    Colours,
    /// Nowhere.
    None,
}

/// Logs cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Their folder cannot be used.
    #[error(transparent)]
    Folder(#[from] PathError),
    /// Another part of this process logs already.
    #[error("logs were started already")]
    Started(#[source] TryInitError),
}

/// Keeps logs being written; to be dropped last.
#[must_use]
pub struct Logs {
    filter: reload::Handle<Targets, Registry>,
    _file: WorkerGuard,
    _shown: Option<WorkerGuard>,
}

/// Starts logging to `folder`, for this user only, with files kept as `retention` says. For the
/// whole process: works once.
///
/// # Errors
/// [`LogError`] when nothing can be logged.
pub fn start(
    folder: &Path,
    level: LogLevel,
    retention: Retention,
    terminal: Terminal,
) -> Result<Logs, LogError> {
    paths::create_private(folder)?;
    let file = DailyFile::new(folder, retention, MAX_BYTES_A_DAY);
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(QUEUE)
        .thread_name("log")
        .finish(file);
    let (filter, handle) = reload::Layer::new(targets(level));
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_timer(Clock)
        .with_writer(writer);
    let (text, shown) = (terminal != Terminal::None)
        .then(|| {
            // A terminal that takes no more, after Ctrl-S for instance, must not hold anything up.
            let (writer, guard) = NonBlockingBuilder::default()
                .buffered_lines_limit(QUEUE)
                .lossy(true)
                .thread_name("log-shown")
                .finish(std::io::stderr());
            let text = tracing_subscriber::fmt::layer()
                .with_timer(Clock)
                .with_target(false)
                .with_ansi(terminal == Terminal::Colours)
                .with_writer(writer);
            (text, guard)
        })
        .unzip();
    tracing_subscriber::registry()
        .with(filter)
        .with(json.and_then(text))
        .try_init()
        .map_err(LogError::Started)?;
    Ok(Logs {
        filter: handle,
        _file: guard,
        _shown: shown,
    })
}

impl Logs {
    /// Logs that go nowhere: the real ones are for the whole process.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        let (_filter, handle) = reload::Layer::new(targets(LogLevel::Info));
        let (_writer, guard) = NonBlockingBuilder::default().finish(std::io::sink());
        Self {
            filter: handle,
            _file: guard,
            _shown: None,
        }
    }

    /// Logs as much as `level` says from now on.
    pub fn set_level(&self, level: LogLevel) {
        if self.filter.reload(targets(level)).is_err() {
            tracing::warn!("the log level could not be changed");
        }
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Logs")
    }
}

/// Our own crates at the level, all others at warnings.
fn targets(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("cardea", level)
}

struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.3}", jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_never_log_more_than_warnings() {
        let trace = targets(LogLevel::Trace);
        assert!(trace.would_enable("cardea_login::attempt", &Level::TRACE));
        assert!(trace.would_enable("cardea", &Level::TRACE));
        assert!(!trace.would_enable("reqwest::connect", &Level::INFO));
        assert!(trace.would_enable("hyper", &Level::WARN));
    }

    #[test]
    fn the_level_holds_for_all() {
        let error = targets(LogLevel::Error);
        assert!(!error.would_enable("cardea_agent", &Level::WARN));
        assert!(!error.would_enable("hyper", &Level::WARN));
        assert!(error.would_enable("hyper", &Level::ERROR));
    }
}
