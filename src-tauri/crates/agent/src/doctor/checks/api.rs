//! Whether programs reach the agent on its port, and whether it is ours that answers there.

use cardea_local_api::{Answers, App, Endpoint, Holder, ask_for_proof};
use cardea_session::{Boot, FailureCode};

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::{apps, blocking, without_settings};

/// What is asked.
struct Question {
    /// The port of the settings.
    wanted: u16,
    /// The port of the endpoint file.
    port: Option<u16>,
    boot: Boot,
    /// A program that the agent knows.
    app: Option<App>,
    unknown_callers: u64,
}

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let AgentSeen::Running(agent) = &workstation.agent else {
        return Finding::skipped("Only a running agent has one.");
    };
    let (boot, unknown_callers) = (agent.boot.clone(), agent.unknown_callers);
    let known = agent.apps.clone();
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    let paths = workstation.paths.clone();
    blocking(move || {
        let endpoint = Endpoint::read(&paths.endpoint()).ok();
        judge(&Question {
            wanted: loaded.settings.api.port,
            port: endpoint.and_then(|endpoint| endpoint.port()),
            boot,
            // Web pages are no callers from here.
            app: apps(&loaded, &paths)
                .into_iter()
                .find(|app| app.origins.is_empty() && known.contains(&app.id)),
            unknown_callers,
        })
    })
    .await
}

fn judge(question: &Question) -> Finding {
    let Some(port) = question.port else {
        return Finding::failure(
            FailureCode::ApiPortBusy,
            "The agent has no port, so that programs reach it by the local socket only.",
        );
    };
    let not_ours = |who: &str| {
        Finding::failure(
            FailureCode::ApiPortBusy,
            format!("Port {port} is the agent's by the endpoint file, and {who} answers there."),
        )
        .remedy("End the program that listens on that port, and start the agent again.")
    };
    let proven = match &question.app {
        Some(app) => match ask_for_proof(port, &app.id, &app.token_sha256) {
            Ok(Answers::Proven(boot)) if boot == question.boot => true,
            Ok(Answers::Proven(_)) => return not_ours("another agent of this user"),
            Ok(Answers::Unproven) => return not_ours("a program without the agent's proof"),
            Ok(Answers::Other(holder)) => return not_ours(&holder.to_string()),
            Err(error) => {
                return Finding::warning(
                    format!("The proof cannot be asked for: {error}."),
                    "Run \"cardea doctor\" again.",
                );
            }
        },
        None => match Holder::of(port) {
            Holder::OwnAgent => false,
            other @ (Holder::OtherUsersAgent | Holder::ForeignProgram | Holder::Nobody) => {
                return not_ours(&other.to_string());
            }
        },
    };
    if question.unknown_callers > 0 {
        let calls = question.unknown_callers;
        return Finding::warning(
            format!(
                "{calls} calls on port {port} were refused because the system did not say whose they were."
            ),
            "A program that redirects connections (a proxy, a VPN, antivirus) stands between programs and the agent: exempt 127.0.0.1 and ::1 from it.",
        );
    }
    if question.wanted != 0 && port != question.wanted {
        return Finding::warning(
            format!(
                "The agent answers on port {port}, because port {} was taken: by {}.",
                question.wanted,
                Holder::of(question.wanted)
            ),
            "Programs find it there too. To have the usual port back, end the program that took it and start the agent again, or choose another [api] port.",
        );
    }
    Finding::ok(match proven {
        true => format!("The agent answers on port {port} and proves that it is ours."),
        false => format!(
            "The agent answers on port {port}. No program is registered yet that it could prove itself to."
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use cardea_local_api::{AppSource, TokenHash};
    use cardea_session::CheckOutcome;

    use super::*;

    fn question(port: Option<u16>, with_app: bool) -> Question {
        let app = App {
            id: "gp".to_owned(),
            name: "GP".to_owned(),
            scopes: Default::default(),
            origins: Vec::new(),
            token_sha256: TokenHash::from([7; 32]),
            source: AppSource::File,
        };
        Question {
            wanted: 0,
            port,
            boot: Boot::new("B"),
            app: with_app.then_some(app),
            unknown_callers: 0,
        }
    }

    /// Somebody who answers every greeting like this.
    fn squatter(says: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(says.as_bytes());
            }
        });
        port
    }

    fn report(question: &Question) -> cardea_session::CheckReport {
        judge(question).report("api", "", Default::default())
    }

    #[test]
    fn who_cannot_prove_to_be_the_agent_is_named() {
        let ours = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\",\"boot\":\"B\",\"proof\":\"AAAA\"}";
        let forged = report(&question(Some(squatter(ours)), true));
        assert_eq!(forged.code, Some(FailureCode::ApiPortBusy));
        assert!(
            forged.summary.contains("without the agent's proof"),
            "{}",
            forged.summary
        );
        assert!(forged.remedy.unwrap().contains("End the program"));
        for with_app in [true, false] {
            let foreign = report(&question(Some(squatter("220 hello\r\n")), with_app));
            assert!(
                foreign.summary.contains("another program"),
                "{}",
                foreign.summary
            );
        }
    }

    #[test]
    fn an_agent_without_a_port_says_so() {
        let report = report(&question(None, false));
        assert_eq!(report.outcome, CheckOutcome::Failure);
        assert_eq!(report.code, Some(FailureCode::ApiPortBusy));
    }

    #[test]
    fn another_port_and_callers_that_nobody_knows_are_warnings() {
        let health = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\"}";
        let port = squatter(health);
        assert_eq!(
            report(&question(Some(port), false)).outcome,
            CheckOutcome::Ok
        );
        let displaced = Question {
            wanted: squatter("220 hello\r\n"),
            ..question(Some(port), false)
        };
        let displaced = report(&displaced);
        assert_eq!(displaced.outcome, CheckOutcome::Warning);
        assert!(
            displaced.summary.contains("taken: by another program"),
            "{}",
            displaced.summary
        );
        let unknown = Question {
            unknown_callers: 3,
            ..question(Some(port), false)
        };
        let unknown = report(&unknown);
        assert_eq!(unknown.outcome, CheckOutcome::Warning);
        assert!(unknown.remedy.unwrap().contains("exempt 127.0.0.1"));
    }
}
