//! Whether CIS2 can be reached, step by step.

use cardea_login::examine::{
    Clocks, DiscoveryError, DocumentField, Fit, NameProblem, NoDiscovery, ProxiesNamed,
    ProxyProblem, SaidBy, Step, Way,
};
use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::workstation::{Depth, Workstation};
use super::not_yet;
use super::way::{
    NOTE, connected, not_applicable, not_connected, not_trusted, trusted, with_cause,
};

const CIS2: &str = "CIS2";

/// Which proxy the way to CIS2 leads through.
pub(in super::super) async fn proxies(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.proxies().await {
        Step::Works(named) => judge_proxies(&named),
        Step::Fails(problem) => no_proxies(&problem),
        Step::NotApplicable(why) => not_applicable(why),
    }
}

fn no_proxies(problem: &ProxyProblem) -> Finding {
    if let ProxyProblem::NotUnderstood(variable) = problem {
        return Finding::warning(
            format!("The environment names a proxy by {variable} that cannot be understood; its value is not shown."),
            "Write it as http://host:port, or http://user:password@host:port with every special character of user and password percent-encoded (%40 for @).",
        )
        .note(NOTE);
    }
    Finding::warning(
        format!(
            "It is not known which proxy to take: {}. CIS2 is tried without one.",
            with_cause(problem)
        ),
        "Check the proxy settings of the system: the script they name has to be reachable and to end.",
    )
    .note(NOTE)
}

fn judge_proxies(named: &ProxiesNamed) -> Finding {
    let ways: Vec<_> = named.ways.iter().map(Way::to_string).collect();
    let ways = ways.join(", then ");
    let said_by = |whom: &str| Finding::ok(format!("CIS2 is reached {ways}, as {whom} says."));
    match named.said_by {
        SaidBy::Nobody => Finding::ok("Nobody names a proxy; CIS2 is reached without one."),
        SaidBy::Environment => said_by("the environment"),
        SaidBy::Settings => said_by("the system"),
        SaidBy::Script => said_by("the proxy script"),
        SaidBy::SettingsInPlaceOfScript => Finding::warning(
            format!("The proxy script of the system cannot be had or run; CIS2 is reached {ways}."),
            "Check the address of the script (PAC, WPAD) in the system's proxy settings.",
        )
        .note(NOTE),
    }
}

/// Whether its name has an address.
pub(in super::super) async fn name(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.name().await {
        Step::Works(found) => Finding::ok(format!(
            "The name of CIS2 has {} IPv4 and {} IPv6 addresses.",
            found.v4(),
            found.v6()
        )),
        Step::Fails(problem) => {
            let why = match &problem {
                NameProblem::NotFound(error) => format!("its name is not found ({error})"),
                NameProblem::TimedOut | NameProblem::NotAsked | NameProblem::Thread(_) => {
                    with_cause(&problem)
                }
            };
            Finding::failure(FailureCode::ProviderUnreachable, format!("CIS2 cannot be reached: {why}."))
                .remedy("Check the network and the name servers (DNS) of this computer: they have to know the host of the issuer.")
                .note(NOTE)
        }
        Step::NotApplicable(why) => not_applicable(why),
    }
}

/// Whether it can be connected to.
pub(in super::super) async fn connection(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.connection().await {
        Step::Works(connection) => connected(CIS2, &connection),
        Step::Fails(problem) => not_connected(CIS2, &problem),
        Step::NotApplicable(why) => not_applicable(why),
    }
}

/// Whose certificate it shows.
pub(in super::super) async fn certificate(workstation: &Workstation) -> Finding {
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.certificate().await {
        Step::Works(presented) => trusted(CIS2, &presented, workstation.clock.now()),
        Step::Fails(problem) => not_trusted(CIS2, &problem),
        Step::NotApplicable(why) => not_applicable(why),
    }
}

/// Whether it says where its endpoints are.
pub(in super::super) async fn discovery(workstation: &Workstation) -> Finding {
    match workstation.discovered().await {
        None => not_yet(),
        Some(Step::Works(_)) => {
            Finding::ok("CIS2 says where its endpoints are, and they may be used.")
        }
        Some(Step::Fails(problem)) => {
            let finding = Finding::failure(
                problem.failure_code(),
                format!(
                    "What CIS2 says about itself is of no use: {}.",
                    with_cause(problem)
                ),
            );
            match problem {
                NoDiscovery::Failed { error: DiscoveryError::OtherIssuer, .. } => finding.remedy(
                    "Compare [cis2] environment and issuer with CIS2's document, byte for byte: \":443\" belongs to it.",
                ),
                NoDiscovery::Failed { .. } | NoDiscovery::TimedOut => finding,
            }
            .note(NOTE)
        }
        Some(Step::NotApplicable(why)) => not_applicable(*why),
    }
}

/// Whether its clock and ours are near enough.
pub(in super::super) async fn clock(workstation: &Workstation) -> Finding {
    let clocks = match workstation.discovered().await {
        None => return not_yet(),
        Some(Step::Works(found)) => found.clocks,
        Some(Step::Fails(problem)) => problem.clocks(),
        Some(Step::NotApplicable(why)) => return not_applicable(*why),
    };
    match clocks {
        None => Finding::skipped("CIS2 did not say what time it is."),
        Some(clocks) => judge_clocks(clocks),
    }
}

fn judge_clocks(clocks: Clocks) -> Finding {
    let allowed = clocks.allowed.as_secs();
    let difference = clocks.difference;
    if !clocks.are_near_enough() {
        return Finding::failure(
            FailureCode::ClockWrong,
            format!("Nobody can sign in: {difference}; {allowed} s are allowed ([cis2] clock_skew)."),
        )
        .remedy("Set the computer's date, time and time zone, and see that it follows a time server (Windows: w32tm /resync; Linux: timedatectl set-ntp true).")
        .note(NOTE);
    }
    if difference.seconds().unsigned_abs() > allowed / 2 {
        return Finding::warning(
            format!("Soon nobody can sign in: {difference}; {allowed} s are allowed ([cis2] clock_skew)."),
            "See that the computer follows a time server (Windows: w32tm /resync; Linux: timedatectl set-ntp true).",
        )
        .note(NOTE);
    }
    Finding::ok(format!("The clocks agree: {difference}."))
}

/// Whether what it says that it can is what the settings ask for.
pub(in super::super) async fn document(workstation: &Workstation) -> Finding {
    if workstation.depth == Depth::Usual {
        return Finding::skipped("Compared when asked for: cardea doctor --cis2.");
    }
    let Some(examination) = workstation.examination().await else {
        return not_yet();
    };
    match examination.document().await {
        Step::Works(fields) => judge_fields(&fields),
        Step::Fails(problem) => Finding::failure(
            problem.failure_code(),
            format!(
                "What CIS2 says about itself is of no use: {}.",
                with_cause(&problem)
            ),
        ),
        Step::NotApplicable(why) => not_applicable(why),
    }
}

fn judge_fields(fields: &[DocumentField]) -> Finding {
    let unfit = fields
        .iter()
        .filter(|field| matches!(field.fit, Fit::DoesNotFit { .. }))
        .count();
    let lines = fields.iter().map(|DocumentField { name, fit }| match fit {
        Fit::Fits => format!("{name}: fits"),
        Fit::NotAskedFor => format!("{name}: not asked for"),
        Fit::DoesNotSay => format!("{name}: not said, which is no fault"),
        Fit::DoesNotFit { wanted, offered } => {
            format!(
                "{name}: not offered: {}; offered: {}",
                wanted.join(", "),
                offered.join(", ")
            )
        }
    });
    if unfit == 0 {
        return Finding::ok("CIS2 offers what the settings ask for, as far as it says.")
            .details(lines);
    }
    Finding::warning(
        format!("CIS2 does not say that it offers what {unfit} settings ask for."),
        "Compare the lines below \"not offered\" with [cis2] scopes, acr_values, client_auth, assertion_alg and pkce; sign in once to see whether CIS2 does it all the same.",
    )
    .details(lines)
}

#[cfg(test)]
mod tests;
