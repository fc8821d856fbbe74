//! Which Cardea this is, on which system, and whether the one that runs is the same.

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::blocking;

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let running = match &workstation.agent {
        AgentSeen::Running(agent) => Some(agent.version.clone()),
        AgentSeen::NotRunning | AgentSeen::Unwell(_) => None,
    };
    blocking(move || judge(running.as_deref(), &crate::system::name())).await
}

fn judge(running: Option<&str>, system: &str) -> Finding {
    let here = format!("Cardea {VERSION} on {system}.");
    match running {
        Some(running) if running != VERSION => Finding::warning(
            format!("{here} The agent that runs is still version {running}."),
            "Start the agent again, at the latest at the next log-on, so that it runs what is installed.",
        ),
        Some(_) | None => Finding::ok(here),
    }
}

#[cfg(test)]
mod tests {
    use cardea_session::CheckOutcome;

    use super::*;

    #[test]
    fn an_agent_of_another_version_is_to_be_started_again() {
        assert_eq!(judge(Some(VERSION), "Debian").outcome(), CheckOutcome::Ok);
        let report = judge(Some("0.0.9"), "Debian").report("version", "", Default::default());
        assert_eq!(report.outcome, CheckOutcome::Warning);
        assert!(report.summary.contains("0.0.9") && report.summary.contains("Debian"));
        assert!(report.remedy.unwrap().contains("Start the agent again"));
    }
}
