//! How long, and how much, is kept of what is written down.

use crate::settings::Log;

/// `[log] keep_days` and `max_size_mb`, for the log files together and for the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days that it is kept.
    pub days: u16,
    /// The most that it takes, in bytes.
    pub bytes: u64,
}

impl From<&Log> for Retention {
    fn from(log: &Log) -> Self {
        Self {
            days: log.keep_days,
            bytes: u64::from(log.max_size_mb) * 1024 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LogLevel;

    #[test]
    fn the_size_is_set_in_mebibytes() {
        let retention = Retention::from(&Log {
            level: LogLevel::Info,
            keep_days: 7,
            max_size_mb: 2,
        });
        let expected = Retention {
            days: 7,
            bytes: 2_097_152,
        };
        assert_eq!(retention, expected);
    }
}
