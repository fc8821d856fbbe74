//! Whether Cardea's tray starts when the user logs on.

use super::super::finding::Finding;
use super::super::os;
use super::super::workstation::Workstation;
use super::{blocking, without_settings};

const DESKTOP: &str = if cfg!(windows) {
    "cardea-desktop.exe"
} else {
    "cardea-desktop"
};

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    blocking(move || {
        let beside = std::env::current_exe().map(|program| program.with_file_name(DESKTOP));
        let has_desktop = beside.is_ok_and(|desktop| desktop.is_file());
        judge(
            has_desktop,
            loaded.settings.desktop.autostart,
            os::autostart(),
        )
    })
    .await
}

fn judge(has_desktop: bool, wanted: bool, entries: Vec<String>) -> Finding {
    match (has_desktop, wanted, entries.is_empty()) {
        (false, _, true) => {
            Finding::skipped("The desktop part is not installed; whoever installed the agent alone starts it.")
        }
        (false, _, false) => Finding::broken(
            "An entry starts Cardea's desktop at log-on, and the desktop part is not installed.",
            "Install Cardea again with its desktop part, or remove the entry.",
        ),
        (true, false, _) => Finding::ok("It does not start at log-on, as [desktop] autostart says."),
        (true, true, true) => Finding::warning(
            "Cardea does not start at log-on, although [desktop] autostart is set.",
            "Repair Cardea; where it was installed with AUTOSTART=0, give AUTOSTART=1 to the next version, \
             or have \"cardea-desktop --autostart\" started at log-on.",
        ),
        (true, true, false) => Finding::ok("Cardea starts at log-on."),
    }
    .details(entries)
}

#[cfg(test)]
mod tests {
    use cardea_session::CheckOutcome;

    use super::*;

    #[test]
    fn a_desktop_that_should_start_and_does_not_is_named() {
        let outcome = |has_desktop, wanted, entries: &[&str]| {
            let entries = entries.iter().map(|&entry| entry.to_owned()).collect();
            judge(has_desktop, wanted, entries).outcome()
        };
        assert_eq!(outcome(true, true, &[]), CheckOutcome::Warning);
        assert_eq!(outcome(true, true, &["Run"]), CheckOutcome::Ok);
        assert_eq!(outcome(true, false, &[]), CheckOutcome::Ok);
        assert_eq!(outcome(false, true, &["Run"]), CheckOutcome::Failure);
        assert_eq!(outcome(false, true, &[]), CheckOutcome::Skipped);
    }
}
