//! Whether the settings can be used.

use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::workstation::Workstation;
use crate::settings::{Loaded, Place};

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    match workstation.settings().await {
        Some(loaded) => judge(&loaded),
        None => Finding::warning(
            "The settings could not be read in time.",
            "A folder of theirs does not answer: where the user's folders are on a server, see that it can be reached.",
        ),
    }
}

fn judge(loaded: &Loaded) -> Finding {
    let problems = loaded.errors.iter().map(ToString::to_string);
    if !loaded.errors.is_empty() {
        let count = loaded.errors.len();
        let what = if count == 1 {
            "setting is"
        } else {
            "settings are"
        };
        return Finding::failure(
            FailureCode::ConfigInvalid,
            format!("{count} {what} wrong, so nobody can sign in."),
        )
        .details(problems)
        .remedy("Mend each of them where it says; \"cardea config check\" names them too.");
    }
    if loaded.settings.cis2.client_id.is_none() {
        return Finding::failure(
            FailureCode::ConfigInvalid,
            "[cis2] client_id is not set, so nobody can sign in.",
        )
        .remedy("Set [cis2] client_id to the client id that CIS2 gave this registration.");
    }
    let managed = loaded
        .settings
        .show()
        .iter()
        .filter(|row| row.origin.place == Place::Policy)
        .count();
    let set = loaded
        .settings
        .show()
        .iter()
        .filter(|row| row.origin.place != Place::Default)
        .count();
    let summary = format!(
        "{set} settings are set, {managed} of them by policy; CIS2: {}.",
        loaded.settings.cis2.environment.as_str()
    );
    if loaded.warnings.is_empty() {
        return Finding::ok(summary);
    }
    let without_effect = loaded.warnings.iter().map(ToString::to_string);
    Finding::warning(
        summary,
        "Mend or remove what has no effect; it does no harm.",
    )
    .details(without_effect)
}
