//! Logs: JSON lines on standard output, for whatever runs the container.
//!
//! The rule: routes, results, counts, times, the first characters of a workstation's thumbprint.
//! Never a token, code, verifier, secret or key, nothing of a user, no body, no header. Libraries
//! log warnings and errors only, at every level: below that, they would show addresses and headers.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::LogLevel;

/// Starts logging, for the whole process: works once.
///
/// # Errors
/// When another part of this process logs already.
pub fn start(level: LogLevel) -> Result<(), TryInitError> {
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(io::stdout);
    tracing_subscriber::registry()
        .with(targets(level))
        .with(json)
        .try_init()
}

fn targets(level: LogLevel) -> Targets {
    let ours = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(ours.min(LevelFilter::WARN))
        .with_target("cardea_broker", ours)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_log_warnings_only_even_at_trace() {
        let targets = targets(LogLevel::Trace);
        assert!(targets.would_enable("cardea_broker::broker", &Level::TRACE));
        for library in ["reqwest", "hyper::proto", "rustls::server", "hyper_util"] {
            assert!(!targets.would_enable(library, &Level::INFO), "{library}");
            assert!(targets.would_enable(library, &Level::WARN), "{library}");
        }
        assert!(!super::targets(LogLevel::Error).would_enable("hyper", &Level::WARN));
    }
}
