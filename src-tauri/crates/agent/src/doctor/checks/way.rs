//! Words for what is found on the way to a server: connections and certificates.

use cardea_login::examine::{
    CertificateNames, CertificateProblem, Connection, ConnectionProblem, FailedWay, Name,
    NameProblem, NoConnection, NotApplicable, Presented,
};
use cardea_session::{FailureCode, Time};

use super::super::finding::Finding;

/// The page about hosts, proxies, inspection and the clock.
pub(super) const NOTE: &str = "drivers-notes/network.md";

/// Why a step is none, as a check says it.
pub(super) fn not_applicable(why: NotApplicable) -> Finding {
    Finding::skipped(match why {
        NotApplicable::AddressNotAllowed => {
            "The address in the settings is not one that may be used."
        }
        NotApplicable::OnThisComputer => "CIS2 is played on this computer; no proxy is asked.",
        NotApplicable::NoName => "The address in the settings has no name in it.",
        NotApplicable::ProxyResolves => "The proxy looks the name up, and this computer does not.",
        NotApplicable::PlainHttp => "It is spoken to without TLS, as only this computer may be.",
        NotApplicable::NoBroker => "The settings have no broker.",
        NotApplicable::EarlierFails => "Not looked at, because an earlier step failed.",
    })
}

/// A connection that came about to `whom`.
pub(super) fn connected(whom: &str, connection: &Connection) -> Finding {
    let summary = format!("{whom} can be connected to, {}.", connection.way);
    if connection.failed.is_empty() {
        return Finding::ok(summary);
    }
    Finding::warning(
        summary,
        "Other ways are tried first, and each sign-in waits for them: mend or remove those proxies.",
    )
    .details(connection.failed.iter().map(describe))
    .note(NOTE)
}

/// None came about.
pub(super) fn not_connected(whom: &str, problem: &NoConnection) -> Finding {
    let is_unknown = |failed: &FailedWay| matches!(failed.problem, ConnectionProblem::ProxyKind);
    if problem.failed.iter().any(is_unknown) {
        return Finding::warning(
            format!("Whether {whom} can be connected to was not examined: the proxy is spoken to by TLS or SOCKS."),
            "Sign in once to see whether it works; what is checked after this asks through that proxy.",
        )
        .details(problem.failed.iter().map(describe))
        .note(NOTE);
    }
    let any = |wanted: fn(&ConnectionProblem) -> bool| {
        problem.failed.iter().any(|failed| wanted(&failed.problem))
    };
    let remedy = if any(|why| matches!(why, ConnectionProblem::ProxyAuthentication)) {
        "Let the proxy pass this host without asking who is there: NTLM and Negotiate cannot be answered."
    } else if any(|why| matches!(why, ConnectionProblem::ProxyRefuses(_))) {
        "Have the proxy allow this host and its port."
    } else if any(|why| {
        matches!(
            why,
            ConnectionProblem::NoProxy | ConnectionProblem::BrokenOff(_)
        )
    }) {
        "Check the address of the proxy in the system's settings or the environment."
    } else {
        "Have the firewall let this computer out to that host and port, and check the proxy settings."
    };
    Finding::failure(
        FailureCode::ProviderUnreachable,
        format!("{whom} cannot be connected to."),
    )
    .details(problem.failed.iter().map(describe))
    .remedy(remedy)
    .note(NOTE)
}

fn describe(failed: &FailedWay) -> String {
    let problem = &failed.problem;
    let why = if let ConnectionProblem::Name(NameProblem::NotFound(error)) = problem {
        format!("the name is not found ({error})")
    } else {
        with_cause(problem)
    };
    format!("{}: {why}", failed.way)
}

/// A certificate that this computer trusts.
pub(super) fn trusted(whom: &str, presented: &Presented, now: Time) -> Finding {
    let until = presented
        .not_after
        .map_or(String::new(), |until| format!(", good until {until}"));
    let by = issuer(presented);
    if let Some(product) = presented.inspected_by {
        return Finding::warning(
            format!("What {whom} says is read on the way by {product}: its certificate is issued by {by}."),
            "NHS England asks that these hosts be exempt from TLS inspection: exempt them in that product.",
        )
        .details(chain(presented))
        .note(NOTE);
    }
    let summary = format!("The certificate of {whom} is issued by {by}{until}.");
    /// So soon somebody should know.
    const SOON: i64 = 24 * 60 * 60;
    let left = presented
        .not_after
        .map(|until| until.unix().saturating_sub(now.unix()));
    if left.is_some_and(|left| left < SOON) {
        return Finding::warning(
            summary,
            "Tell whoever runs that server: its certificate expires within a day.",
        )
        .details(chain(presented));
    }
    Finding::ok(summary).details(chain(presented))
}

/// One that it does not, or none.
pub(super) fn not_trusted(whom: &str, problem: &CertificateProblem) -> Finding {
    let failure =
        |summary: String| Finding::failure(FailureCode::ProviderUnreachable, summary).note(NOTE);
    match problem {
        CertificateProblem::Refused { why, presented } => {
            let by = issuer(presented);
            let product = presented.inspected_by.map_or(String::new(), |product| {
                format!(" {product} reads what is said on the way.")
            });
            failure(format!("The certificate of {whom}, issued by {by}, is refused: {why}.{product}"))
                .details(chain(presented))
                .remedy(if why.contains("clock") {
                    "Check the computer's date, time and time zone first; if they are right, tell whoever runs that server. A product that inspects TLS may also show such a certificate."
                } else {
                    "If a product on the network inspects TLS, exempt the host from it, or have the authority that it signs with installed on this computer; else check the computer's clock and its list of authorities."
                })
        }
        CertificateProblem::NotJudged { presented } => Finding::warning(
            format!("The system does not come to a conclusion about the certificate of {whom}."),
            "Let this computer reach the servers for revocation lists (http, port 80), or the sign-in may take long.",
        )
        .details(chain(presented))
        .note(NOTE),
        CertificateProblem::NoConnection(problem) => not_connected(whom, problem),
        CertificateProblem::NoTls | CertificateProblem::BrokenOff(_) | CertificateProblem::HandshakeRefused(_) | CertificateProblem::TimedOut => {
            failure(format!("No certificate of {whom} comes: {}.", with_cause(problem)))
                .remedy("A firewall or proxy on the way ends the connection: have it let TLS 1.2 and 1.3 to that host pass.")
        }
        CertificateProblem::NoTrust(_) | CertificateProblem::Thread(_) => {
            failure(format!("The certificate of {whom} cannot be checked: {}.", with_cause(problem)))
                .remedy("Restart the computer; on Linux install the package ca-certificates.")
        }
    }
}

fn issuer(presented: &Presented) -> String {
    let own = presented.chain.first();
    own.map_or_else(|| "nobody".to_owned(), |own| name(&own.issuer))
}

fn chain(presented: &Presented) -> impl Iterator<Item = String> {
    presented
        .chain
        .iter()
        .map(|CertificateNames { subject, issuer }| {
            format!("{}, issued by {}", name(subject), name(issuer))
        })
}

fn name(name: &Name) -> String {
    let parts: Vec<_> = name.parts().collect();
    match parts.is_empty() {
        true => "an unnamed authority".to_owned(),
        false => parts.join(", "),
    }
}

/// An error with what the system says about it.
pub(super) fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some errors say what their cause says.
        if !text.contains(&more) {
            text.push_str(&format!(" ({more})"));
        }
        cause = error.source();
    }
    text
}
