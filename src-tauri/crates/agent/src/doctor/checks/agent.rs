//! Whether the agent of this user runs, and what it says is wrong.

use cardea_session::State;

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    std::future::ready(judge(&workstation.agent)).await
}

fn judge(seen: &AgentSeen) -> Finding {
    let agent = match seen {
        AgentSeen::Running(agent) => agent,
        AgentSeen::NotRunning => {
            return Finding::broken(
                "No agent runs for this user, so no program can know who is signed in.",
                "Start Cardea from the start menu, or the agent alone with \"cardea run\".",
            );
        }
        AgentSeen::Unwell(why) => {
            return Finding::broken(
                format!("The agent of this user does not answer as it should: {why}"),
                "End the agent and start it again; if it stays, send a support bundle to your supplier.",
            );
        }
    };
    if let Some(failure) = &agent.failure {
        return Finding::failure(failure.code, format!("The agent says: {}", failure.message))
            .remedy(failure.remedy.clone());
    }
    if agent.card_bound == Some(false) {
        return Finding::warning(
            "Somebody is signed in, and taking the card out does NOT end that session.",
            "Signed in without a smartcard, or [card] on_removal is \"notify\": the session ends by sign-out or when nobody is active.",
        );
    }
    Finding::ok(match agent.state {
        State::Active => "The agent runs; somebody is signed in, and taking the card out ends it.",
        State::SigningIn => "The agent runs; somebody is signing in.",
        State::Unavailable
        | State::NoReader
        | State::NoCard
        | State::CardPresent
        | State::Unknown => "The agent runs; nobody is signed in.",
    })
}

#[cfg(test)]
mod tests {
    use cardea_session::{Boot, CheckOutcome, FailureCode};

    use super::*;
    use crate::doctor::RunningAgent;

    fn running(change: impl FnOnce(&mut RunningAgent)) -> AgentSeen {
        let mut agent = RunningAgent {
            version: "1".to_owned(),
            boot: Boot::new("B"),
            state: State::Active,
            failure: None,
            login_under_way: false,
            apps: Vec::new(),
            card_bound: Some(true),
            removals: Vec::new(),
            unknown_callers: 0,
        };
        change(&mut agent);
        AgentSeen::Running(Box::new(agent))
    }

    fn report(seen: &AgentSeen) -> cardea_session::CheckReport {
        judge(seen).report("agent", "", Default::default())
    }

    #[test]
    fn an_agent_that_does_not_run_or_answer_is_a_failure() {
        let absent = report(&AgentSeen::NotRunning);
        assert_eq!(absent.outcome, CheckOutcome::Failure);
        assert!(absent.remedy.unwrap().contains("cardea run"));
        let unwell = report(&AgentSeen::Unwell("it took too long".to_owned()));
        assert_eq!(unwell.outcome, CheckOutcome::Failure);
        assert!(unwell.summary.contains("took too long"));
    }

    #[test]
    fn what_the_agent_says_is_wrong_is_passed_on() {
        let failing = |agent: &mut RunningAgent| {
            agent.failure = Some(FailureCode::CardServiceStopped.into());
        };
        let report = report(&running(failing));
        assert_eq!(report.code, Some(FailureCode::CardServiceStopped));
        assert_eq!(
            report.remedy.as_deref(),
            Some(FailureCode::CardServiceStopped.remedy())
        );
    }

    #[test]
    fn a_session_that_no_card_guards_is_said() {
        let unguarded = report(&running(|agent| agent.card_bound = Some(false)));
        assert_eq!(unguarded.outcome, CheckOutcome::Warning);
        assert!(unguarded.summary.contains("does NOT end"));
        assert_eq!(report(&running(|_| {})).outcome, CheckOutcome::Ok);
    }
}
