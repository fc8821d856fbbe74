//! Whether the browser can come back: the ports of the redirect address, on both families.

use std::collections::BTreeSet;

use cardea_login::examine::{PortFamily, PortState, RedirectPort};
use cardea_session::FailureCode;

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::not_yet;

const RANGES: &str = "netsh interface ipv4 show excludedportrange tcp";

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    let signing_in = match &workstation.agent {
        AgentSeen::Running(agent) => agent.login_under_way,
        AgentSeen::NotRunning | AgentSeen::Unwell(_) => false,
    };
    judge(&examination.redirect_ports().await, signing_in)
}

fn judge(ports: &[RedirectPort], signing_in: bool) -> Finding {
    let numbers: BTreeSet<_> = ports.iter().map(|port| port.port).collect();
    let is_free = |number: &u16| {
        let mut addresses = ports.iter().filter(|port| port.port == *number);
        addresses.all(|port| matches!(port.state, PortState::Free | PortState::NoSuchAddress))
    };
    let free = numbers.iter().filter(|number| is_free(number)).count();
    let lines: Vec<_> = ports
        .iter()
        .filter(|port| port.state != PortState::Free)
        .map(describe)
        .collect();
    let kept = ports
        .iter()
        .any(|port| port.state == PortState::KeptBySystem);
    let remedy = match kept {
        true => format!(
            "Windows keeps such ports for itself ({RANGES}): have them excluded from its ranges, or register other ports with CIS2 and set [cis2] redirect_ports."
        ),
        false => FailureCode::RedirectPortBusy.remedy().to_owned(),
    };
    if signing_in && free < numbers.len() {
        return Finding::ok("A sign-in is under way, and holds one of the ports.").details(lines);
    }
    match free {
        0 => Finding::failure(
            FailureCode::RedirectPortBusy,
            "No port is free for the browser to come back to, so nobody can sign in.",
        )
        .remedy(remedy)
        .details(lines),
        free if free < numbers.len() => Finding::warning(
            format!(
                "Only {free} of {} ports are free for the browser to come back to.",
                numbers.len()
            ),
            format!("Signing in works by the others. {remedy}"),
        )
        .details(lines),
        _ => Finding::ok("The ports for the browser to come back to are free.").details(lines),
    }
}

fn describe(port: &RedirectPort) -> String {
    let address = match port.family {
        PortFamily::V4 => "127.0.0.1",
        PortFamily::V6 => "::1",
    };
    let state = match port.state {
        PortState::Free => "free".to_owned(),
        PortState::Taken => "taken by another program".to_owned(),
        PortState::KeptBySystem => "kept by the system".to_owned(),
        PortState::NoSuchAddress => "there is no such address here, which is no fault".to_owned(),
        PortState::Failed(kind) => format!("cannot be had: {kind}"),
    };
    format!("{address}, port {}: {state}", port.port)
}

#[cfg(test)]
mod tests {
    use cardea_session::{CheckOutcome, CheckReport};

    use super::*;

    fn report(states: &[(u16, PortState, PortState)], signing_in: bool) -> CheckReport {
        let each = |&(port, v4, v6): &(u16, PortState, PortState)| {
            let at = |family, state| RedirectPort {
                port,
                family,
                state,
            };
            [at(PortFamily::V4, v4), at(PortFamily::V6, v6)]
        };
        let ports: Vec<_> = states.iter().flat_map(each).collect();
        judge(&ports, signing_in).report("", "", Default::default())
    }

    #[test]
    fn a_port_counts_when_both_of_its_addresses_can_be_had() {
        use PortState::{Free, KeptBySystem, NoSuchAddress, Taken};
        assert_eq!(report(&[(1, Free, Free)], false).outcome, CheckOutcome::Ok);
        assert_eq!(
            report(&[(1, Free, NoSuchAddress)], false).outcome,
            CheckOutcome::Ok
        );
        let half = report(&[(1, Free, Taken)], false);
        assert_eq!(half.code, Some(FailureCode::RedirectPortBusy));
        assert_eq!(half.details, ["::1, port 1: taken by another program"]);
        let some = report(&[(1, Taken, Free), (2, Free, Free)], false);
        assert_eq!(some.outcome, CheckOutcome::Warning);
        let kept = report(&[(1, KeptBySystem, KeptBySystem)], false);
        assert!(kept.remedy.unwrap().contains("excludedportrange"));
    }

    #[test]
    fn a_sign_in_that_is_under_way_holds_its_own_port() {
        use PortState::{Free, Taken};
        let own = report(&[(1, Taken, Taken), (2, Free, Free)], true);
        assert_eq!(own.outcome, CheckOutcome::Ok);
    }
}
