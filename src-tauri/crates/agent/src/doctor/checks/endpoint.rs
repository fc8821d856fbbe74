//! The endpoint file, by which programs find the agent (contract, section 4.1).

use std::io;
use std::path::Path;

use cardea_local_api::Endpoint;
use cardea_session::Boot;

use super::super::AgentSeen;
use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::blocking;
use crate::paths;

const AGAIN: &str = "Start the agent again: it writes the file anew.";

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let path = workstation.paths.endpoint();
    let boot = match &workstation.agent {
        AgentSeen::Running(agent) => Some(agent.boot.clone()),
        AgentSeen::NotRunning => None,
        AgentSeen::Unwell(_) => {
            return Finding::skipped("It cannot be compared with an agent that does not answer.");
        }
    };
    blocking(move || judge(&path, boot.as_ref())).await
}

/// `boot` is the run of the agent that answers, if one does.
fn judge(path: &Path, boot: Option<&Boot>) -> Finding {
    let there = Endpoint::read(path);
    let shown = path.display();
    match (there, boot) {
        (Err(error), None) if error.kind() == io::ErrorKind::NotFound => {
            Finding::skipped("There is none while no agent runs.")
        }
        (Err(error), _) => Finding::broken(
            format!("{shown} cannot be read: {error}. Programs do not find the agent by it."),
            AGAIN,
        ),
        (Ok(_), None) => Finding::warning(
            format!("{shown} was left behind by an agent that did not end as it should."),
            "Nothing to mend: the next agent writes it anew. If it comes again, send a support bundle to your supplier.",
        ),
        (Ok(endpoint), Some(boot)) if endpoint.boot != *boot => Finding::broken(
            format!("{shown} names another run of the agent than the one that answers."),
            AGAIN,
        ),
        (Ok(_), Some(_)) if !paths::is_private(path) => Finding::broken(
            format!("{shown} can be read or written by other users."),
            "Take that away (Linux: chmod 600; Windows: icacls, only this user), and find out who gave it: the folder may have been moved or restored.",
        ),
        (Ok(_), Some(_)) => Finding::ok("It names the agent that answers."),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use cardea_session::CheckOutcome;

    use super::*;

    const WRITTEN: &str = r#"{"url":"http://127.0.0.1:28080","socket":"/s","pid":1,"version":"1",
        "boot":"B","environment":"live"}"#;

    fn outcome(written: Option<&str>, boot: Option<&str>) -> (CheckOutcome, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("endpoint.json");
        if let Some(text) = written {
            let mut file = paths::create_private_file(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        let report = judge(&path, boot.map(Boot::new).as_ref()).report("", "", Default::default());
        (report.outcome, report.remedy.unwrap_or_default())
    }

    #[test]
    fn the_file_must_name_the_agent_that_answers() {
        assert_eq!(outcome(Some(WRITTEN), Some("B")).0, CheckOutcome::Ok);
        for (written, boot) in [(Some(WRITTEN), "other"), (Some("{"), "B"), (None, "B")] {
            let (outcome, remedy) = outcome(written, Some(boot));
            assert_eq!(outcome, CheckOutcome::Failure, "{written:?}");
            assert!(remedy.contains("writes the file anew"), "{remedy}");
        }
    }

    #[test]
    fn a_file_without_an_agent_was_left_behind() {
        assert_eq!(outcome(None, None).0, CheckOutcome::Skipped);
        let (outcome, remedy) = outcome(Some(WRITTEN), None);
        assert_eq!(outcome, CheckOutcome::Warning);
        assert!(remedy.contains("next agent"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_others_can_read_is_a_failure() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("endpoint.json");
        std::fs::write(&path, WRITTEN).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let report = judge(&path, Some(&Boot::new("B"))).report("", "", Default::default());
        assert_eq!(report.outcome, CheckOutcome::Failure);
        assert!(report.remedy.unwrap().contains("chmod 600"));
    }
}
