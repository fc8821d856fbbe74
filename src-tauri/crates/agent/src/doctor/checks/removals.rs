//! How long ago cards left, and how soon programs could hear of it.

use cardea_local_api::{Removal, RemovalLatency};
use cardea_session::Time;

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;

/// Longer than this, and somebody could see patient data meanwhile; in microseconds.
const SLOW_US: u64 = 250_000;
/// So many are listed.
const SHOWN: usize = 5;

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let now = workstation.clock.now();
    std::future::ready(match &workstation.agent {
        AgentSeen::Running(agent) => judge(&agent.removals, now),
        AgentSeen::NotRunning | AgentSeen::Unwell(_) => {
            Finding::skipped("Only a running agent knows.")
        }
    })
    .await
}

fn judge(removals: &[Removal], now: Time) -> Finding {
    let (Some(last), Some(latency)) = (removals.last(), RemovalLatency::of(removals)) else {
        return Finding::ok("No card was taken out since the agent started.");
    };
    let times = removals.iter().map(|removal| removal.published_after_us);
    let longest = times.max().unwrap_or_default();
    let summary = format!(
        "The last card was taken out {}; of {} removals programs could hear after {} (median), {} at the most.",
        ago(now.unix().saturating_sub(last.at.unix())),
        latency.count,
        milliseconds(latency.p50_us),
        milliseconds(longest),
    );
    let lines = removals.iter().rev().take(SHOWN).map(|removal| {
        format!(
            "{} {}: {}",
            removal.at,
            removal.reader,
            milliseconds(removal.published_after_us)
        )
    });
    let finding = if longest > SLOW_US {
        Finding::warning(
            summary,
            "The computer was too busy when the card left. See what else runs at such times (antivirus scans, updates), and send a support bundle to your supplier if it comes again.",
        )
        .note("drivers-notes/windows-11-removal.md")
    } else {
        Finding::ok(summary)
    };
    finding.details(lines)
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..=89 => format!("{} s ago", seconds.max(0)),
        90..=5_399 => format!("{} min ago", seconds / 60),
        5_400..=172_799 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

fn milliseconds(us: u64) -> String {
    let hundredths = us.div_ceil(10);
    format!("{}.{:02} ms", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use cardea_session::CheckOutcome;

    use super::*;

    fn removals(times: &[u64]) -> Vec<Removal> {
        let removal = |(at, &published_after_us): (usize, &u64)| Removal {
            at: Time::from_unix(1_000 + at as i64).unwrap(),
            reader: "A".to_owned(),
            published_after_us,
        };
        times.iter().enumerate().map(removal).collect()
    }

    fn report(times: &[u64], now: i64) -> cardea_session::CheckReport {
        judge(&removals(times), Time::from_unix(now).unwrap()).report("", "", Default::default())
    }

    #[test]
    fn how_long_ago_and_how_soon_is_said() {
        let report = report(&[180, 2_000, 300], 1_302);
        assert_eq!(report.outcome, CheckOutcome::Ok);
        assert_eq!(
            report.summary,
            "The last card was taken out 5 min ago; of 3 removals programs could hear after 0.30 ms \
             (median), 2.00 ms at the most."
        );
        assert_eq!(report.details.len(), 3);
        assert!(
            report.details[0].ends_with("A: 0.30 ms"),
            "{:?}",
            report.details
        );
    }

    #[test]
    fn the_median_is_the_one_of_the_diagnostics() {
        let report = report(&[2_000, 180], 1_302);
        assert!(
            report.summary.contains("0.18 ms (median), 2.00 ms"),
            "{}",
            report.summary
        );
    }

    #[test]
    fn a_removal_that_was_told_late_is_a_warning() {
        let report = report(&[180, SLOW_US + 1], 1_002);
        assert_eq!(report.outcome, CheckOutcome::Warning);
        assert!(report.remedy.unwrap().contains("too busy"));
    }

    #[test]
    fn before_the_first_removal_nothing_is_wrong() {
        assert_eq!(report(&[], 0).outcome, CheckOutcome::Ok);
    }
}
