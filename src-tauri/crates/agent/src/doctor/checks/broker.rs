//! Whether the broker can be reached, and knows this computer.

use cardea_login::examine::{BrokerExamined, Enrolment, NotEnrolled, Step};

use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::not_yet;
use super::way::{connected, not_applicable, not_connected, not_trusted, trusted, with_cause};

const BROKER: &str = "the broker";

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    let BrokerExamined {
        connection,
        certificate,
        enrolment,
    } = match examination.broker().await {
        Ok(examined) => examined,
        Err(why) => return not_applicable(why),
    };
    let reached = match &connection {
        Step::Works(connection) => connected(BROKER, connection),
        Step::Fails(problem) => return not_connected(BROKER, problem),
        Step::NotApplicable(why) => return not_applicable(*why),
    };
    let shown = match &certificate {
        Step::Works(presented) => trusted(BROKER, presented, workstation.clock.now()),
        Step::Fails(problem) => return not_trusted(BROKER, problem),
        Step::NotApplicable(why) => return not_applicable(*why),
    };
    match &enrolment {
        // What is to be looked at on the way there comes before what is in order.
        Step::Works(Enrolment::Enrolled) if reached.is_warning() => reached,
        Step::Works(Enrolment::Enrolled) if shown.is_warning() => shown,
        Step::Works(Enrolment::Enrolled) => {
            Finding::ok("The broker can be reached, and knows this computer.")
        }
        Step::Works(Enrolment::DoesNotSay) => Finding::ok(
            "The broker can be reached; it does not say whether it knows this computer.",
        ),
        Step::Fails(problem) => judge(problem),
        Step::NotApplicable(why) => not_applicable(*why),
    }
}

fn judge(problem: &NotEnrolled) -> Finding {
    let code = problem.failure_code();
    let finding = Finding::failure(
        code,
        format!("Nobody can sign in by the broker: {}.", with_cause(problem)),
    );
    match problem {
        NotEnrolled::Refused { code, .. } if code.starts_with("workstation_") => finding.remedy(
            "Have whoever runs the broker put this computer on its list: \"cardea keys export --workstation\" prints its key.",
        ),
        NotEnrolled::NoProof => finding.remedy(
            "Make a key for this computer (\"cardea keys create --workstation\") and have it put on the broker's list.",
        ),
        NotEnrolled::Keystore(error) => finding.remedy(error.remedy()),
        NotEnrolled::Refused { .. }
        | NotEnrolled::Certificate(_)
        | NotEnrolled::NotSigned(_)
        | NotEnrolled::Wire(_)
        | NotEnrolled::ClockWrong { .. }
        | NotEnrolled::OtherAnswer(_)
        | NotEnrolled::TimedOut => finding,
    }
}
