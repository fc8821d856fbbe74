//! Other software for cards: what is there, what of it does not go together, and ports that it and
//! we both want. `drivers-notes` has the facts and their sources.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use cardea_local_api::WhenPortTaken;

use super::super::finding::Finding;
use super::super::os::{self, Program};
use super::super::workstation::Workstation;
use super::{blocking, without_settings};

/// What is known by part of its name, in lower case, and the page about it.
const KNOWN: [(&str, &str); 13] = [
    ("identity agent", "drivers-notes/identity-agent.md"),
    ("smartcard connect", "drivers-notes/smartcard-connect.md"),
    (
        "credential management",
        "drivers-notes/credential-management.md",
    ),
    ("nhs port service", "drivers-notes/credential-management.md"),
    ("oberthur", "drivers-notes/idemia-oberthur.md"),
    ("idemia", "drivers-notes/idemia-oberthur.md"),
    ("authentic webpack", "drivers-notes/idemia-oberthur.md"),
    ("classic client", "drivers-notes/gemalto-thales.md"),
    (
        "safenet authentication client",
        "drivers-notes/gemalto-thales.md",
    ),
    ("minidriver", "drivers-notes/piv-minidriver.md"),
    ("omnikey", "drivers-notes/omnikey.md"),
    ("identiv", "drivers-notes/identiv.md"),
    ("onesign", "drivers-notes/identity-agent.md"),
];

/// Where Credential Management and the NHS Port Service listen.
const PORTS_OF_OTHERS: [u16; 7] = [43485, 43487, 44213, 45031, 46478, 48853, 55000];

const CONNECT_LIMIT: Duration = Duration::from_millis(300);

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    blocking(move || {
        let settings = &loaded.settings;
        judge(&Seen {
            programs: os::installed_programs(),
            smartcard_connect_policy: os::smartcard_connect_policy(),
            listening: PORTS_OF_OTHERS
                .into_iter()
                .filter(|&port| listens(port))
                .collect(),
            ours: own_ports(settings.api.port, settings.api.when_port_taken)
                .chain(settings.cis2.redirect_ports.iter().copied())
                .collect(),
        })
    })
    .await
}

/// What there is.
#[derive(Debug, Default)]
struct Seen {
    programs: Vec<Program>,
    smartcard_connect_policy: bool,
    /// Ports of others at which somebody listens.
    listening: Vec<u16>,
    /// What the agent may listen at.
    ours: Vec<u16>,
}

/// None when any free one is taken.
fn own_ports(port: u16, when_taken: WhenPortTaken) -> impl Iterator<Item = u16> {
    when_taken.ports(port).filter(move |_| port != 0)
}

fn judge(seen: &Seen) -> Finding {
    let known: Vec<_> = seen
        .programs
        .iter()
        .filter_map(|program| Some((program, page_of(program)?)))
        .collect();
    let has = |part: &str| {
        known
            .iter()
            .any(|(program, _)| program.name.to_lowercase().contains(part))
    };
    let mut lines: Vec<_> = known
        .iter()
        .map(|(program, page)| format!("{} {} ({page})", program.name, program.version))
        .collect();
    lines.extend(seen.listening.iter().map(|port| {
        format!(
            "port {port}: a program listens, as Credential Management or the NHS Port Service do"
        )
    }));
    let smartcard_connect = has("smartcard connect") || seen.smartcard_connect_policy;

    let shared = PORTS_OF_OTHERS
        .into_iter()
        .find(|port| seen.ours.contains(port));
    if let Some(port) = shared {
        return Finding::warning(
            format!("Port {port} of [api] port or [cis2] redirect_ports is also used by Credential Management or the NHS Port Service."),
            "Choose another [api] port (with when_port_taken = \"next\" twenty ports from it on are used), or register other redirect_ports.",
        )
        .details(lines)
        .note("drivers-notes/credential-management.md");
    }
    if has("identity agent") && smartcard_connect {
        return Finding::warning(
            "The Identity Agent and Smartcard Connect are both on this computer; NHS England says that they cannot run beside each other.",
            "Remove the Identity Agent once every Spine application on this computer supports CIS2; it is switched off on 28 February 2027.",
        )
        .details(lines)
        .note("drivers-notes/smartcard-connect.md");
    }
    if has("identity agent") {
        return Finding::warning(
            "The Identity Agent is on this computer. It goes along with Cardea, and closes browsers when the card is taken out.",
            "Plan the move to Smartcard Connect: the Identity Agent is switched off on 28 February 2027.",
        )
        .details(lines)
        .note("drivers-notes/identity-agent.md");
    }
    let note = known.first().map(|(_, page)| *page);
    let finding = if lines.is_empty() {
        Finding::ok("No other card software is known to be here.")
    } else {
        Finding::ok(
            "Other card software is here; it goes along with Cardea, which only looks whether a card is there.",
        )
    };
    finding.details(lines).note(note)
}

fn page_of(program: &Program) -> Option<&'static str> {
    let name = program.name.to_lowercase();
    KNOWN
        .iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, page)| *page)
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, CONNECT_LIMIT).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use cardea_session::{CheckOutcome, CheckReport};

    use super::*;

    fn report(programs: &[&str], change: impl FnOnce(&mut Seen)) -> CheckReport {
        let programs = programs.iter().map(|&name| Program {
            name: name.to_owned(),
            version: "2.4".to_owned(),
        });
        let mut seen = Seen {
            programs: programs.collect(),
            ours: vec![28080, 28117],
            ..Seen::default()
        };
        change(&mut seen);
        judge(&seen).report("", "", Default::default())
    }

    #[test]
    fn the_old_agent_and_the_new_one_do_not_go_together() {
        let both = report(&["NHS Digital Identity Agent", "Word"], |seen| {
            seen.smartcard_connect_policy = true;
        });
        assert_eq!(both.outcome, CheckOutcome::Warning);
        assert!(both.summary.contains("cannot run beside"));
        assert_eq!(both.details.len(), 1, "{:?}", both.details);
        assert_eq!(
            both.note.as_deref(),
            Some("drivers-notes/smartcard-connect.md")
        );
        let old = report(&["HSCIC Identity Agent"], |_| {});
        assert_eq!(old.outcome, CheckOutcome::Warning);
        assert!(old.remedy.unwrap().contains("28 February 2027"));
        let new = report(&["NHS Smartcard Connect"], |_| {});
        assert_eq!(new.outcome, CheckOutcome::Ok);
    }

    #[test]
    fn a_port_that_others_want_too_is_named() {
        let outcome = |ours: Vec<u16>| report(&[], |seen| seen.ours = ours);
        let next = own_ports(43480, WhenPortTaken::Next).collect();
        for ours in [next, vec![28117, 44213]] {
            let report = outcome(ours);
            assert_eq!(report.outcome, CheckOutcome::Warning);
            assert!(report.remedy.unwrap().contains("redirect_ports"));
        }
        let only_this = own_ports(43480, WhenPortTaken::Fail).collect();
        for ours in [only_this, vec![28080, 28117]] {
            assert_eq!(outcome(ours).outcome, CheckOutcome::Ok);
        }
        assert_eq!(own_ports(0, WhenPortTaken::Next).count(), 0);
    }

    #[test]
    fn somebody_who_listens_is_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listens(port));
        drop(listener);
        assert!(!listens(port));
        let report = report(&[], |seen| seen.listening = vec![43487]);
        assert!(report.details[0].contains("43487"));
    }
}
