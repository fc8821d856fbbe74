//! Counts, in Prometheus' text format (version 0.0.4). No label names a workstation or a person.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What has happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By route and result, which are names of ours.
    requests: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    provider_calls: AtomicU64,
    provider_millis: AtomicU64,
    handshakes_failed: AtomicU64,
}

/// What is now.
pub(crate) struct Now {
    pub(crate) connections: usize,
    pub(crate) approved: usize,
    pub(crate) assertions: usize,
    /// Files by name, and whether they are of no use.
    pub(crate) wrong: Vec<(&'static str, bool)>,
}

impl Metrics {
    pub(crate) fn request(&self, route: &'static str, result: &'static str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((route, result)).or_default() += 1;
    }

    pub(crate) fn provider_call(&self, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.provider_calls.fetch_add(1, Ordering::Relaxed);
        self.provider_millis.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn text(&self, now: &Now) -> String {
        let mut text = String::new();
        let head = "# HELP cardea_broker_requests_total Requests by route and result.\n\
                    # TYPE cardea_broker_requests_total counter\n";
        text.push_str(head);
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, result), count) in requests.iter() {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "cardea_broker_requests_total{{route=\"{route}\",result=\"{result}\"}} {count}"
            );
        }
        drop(requests);

        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let millis = read(&self.provider_millis);
        let seconds = format!("{}.{:03}", millis / 1000, millis % 1000);
        let name = "cardea_broker_provider_seconds";
        let _ = write!(
            text,
            "# HELP {name} Time that calls to the provider took.\n# TYPE {name} summary\n\
             {name}_sum {seconds}\n{name}_count {}\n",
            read(&self.provider_calls)
        );
        let failed = read(&self.handshakes_failed);
        for (name, kind, help, value) in [
            (
                "handshakes_failed_total",
                "counter",
                "TLS handshakes that failed.",
                failed,
            ),
            (
                "connections",
                "gauge",
                "Open connections.",
                as_number(now.connections),
            ),
            (
                "workstations_approved",
                "gauge",
                "Lines of the approval list.",
                as_number(now.approved),
            ),
            (
                "assertions_remembered",
                "gauge",
                "Used assertions that are remembered.",
                as_number(now.assertions),
            ),
        ] {
            let _ = write!(
                text,
                "# HELP cardea_broker_{name} {help}\n# TYPE cardea_broker_{name} {kind}\n\
                 cardea_broker_{name} {value}\n"
            );
        }
        let head = "# HELP cardea_broker_file_wrong Whether a file of the settings is of no use now.\n\
                    # TYPE cardea_broker_file_wrong gauge\n";
        text.push_str(head);
        for (file, is_wrong) in &now.wrong {
            let wrong = u8::from(*is_wrong);
            let _ = writeln!(text, "cardea_broker_file_wrong{{file=\"{file}\"}} {wrong}");
        }
        text
    }
}

fn as_number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.request("exchange", "200");
        metrics.request("exchange", "200");
        metrics.request("revoke", "assertion_used");
        metrics.provider_call(Duration::from_millis(1234));
        let text = metrics.text(&Now {
            connections: 3,
            approved: 2,
            assertions: 1,
            wrong: vec![("credential", false), ("client_ca", true)],
        });
        for line in [
            "cardea_broker_requests_total{route=\"exchange\",result=\"200\"} 2",
            "cardea_broker_requests_total{route=\"revoke\",result=\"assertion_used\"} 1",
            "cardea_broker_provider_seconds_sum 1.234",
            "cardea_broker_provider_seconds_count 1",
            "cardea_broker_connections 3",
            "# TYPE cardea_broker_handshakes_failed_total counter",
            "cardea_broker_file_wrong{file=\"credential\"} 0",
            "cardea_broker_file_wrong{file=\"client_ca\"} 1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
