//! `cardea wait`.

use std::time::Duration;

use cardea_client::{Client, View, Watch};

use crate::arguments::{Goal, WaitArguments};
use crate::failure::CommandError;

const WHAT: &str = "cannot wait for the session";

pub(super) async fn run(arguments: &WaitArguments) -> Result<(), CommandError> {
    let goal = arguments.goal;
    let reached = reach(goal, super::agent(WHAT)?);
    let Some(limit) = arguments.timeout else {
        return reached.await;
    };
    let timed_out = timed_out(goal, limit);
    tokio::time::timeout(limit, reached)
        .await
        .map_err(|_| timed_out)?
}

async fn reach(goal: Goal, client: Client) -> Result<(), CommandError> {
    let connected = Watch::connect(client).await;
    let mut watch = connected.map_err(CommandError::agent(WHAT))?;
    while !is_reached(goal, watch.view()) {
        watch.next().await;
    }
    Ok(())
}

fn is_reached(goal: Goal, view: &View) -> bool {
    match view {
        View::Checking => false,
        View::SignedIn(_) => goal == Goal::Active,
        View::SignedOut { .. } => goal == Goal::Ended,
    }
}

fn timed_out(goal: Goal, limit: Duration) -> CommandError {
    let what = match goal {
        Goal::Ended => "somebody is still signed in",
        Goal::Active => "nobody is signed in yet",
    };
    CommandError::TimedOut { what, limit }
}

#[cfg(test)]
mod tests {
    use cardea_client::SignedOutReason;

    use super::*;

    #[test]
    fn nobody_knowing_is_an_end_and_not_knowing_yet_is_nothing() {
        let lost = View::SignedOut {
            reason: SignedOutReason::AgentLost,
        };
        assert!(is_reached(Goal::Ended, &lost) && !is_reached(Goal::Active, &lost));
        for goal in [Goal::Ended, Goal::Active] {
            assert!(!is_reached(goal, &View::Checking));
        }
    }
}
