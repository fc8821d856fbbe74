//! Whether others could have changed or read what Cardea believes and keeps.

use std::path::PathBuf;

use cardea_session::FailureCode;

use super::super::finding::Finding;
use super::super::workstation::Workstation;
use super::{blocking, without_settings};
use crate::paths::{self, UserPaths};
use crate::settings::{Build, Loaded, Problem, Untrusted, administrators_only};

pub(in super::super) async fn look(workstation: &Workstation) -> Finding {
    let (paths, build) = (workstation.paths.clone(), workstation.places.build);
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    blocking(move || {
        let program = match build {
            Build::Release => std::env::current_exe().ok(),
            // It lies where it was built.
            Build::Developer => None,
        };
        judge(&loaded, &paths, program)
    })
    .await
}

fn judge(loaded: &Loaded, paths: &UserPaths, program: Option<PathBuf>) -> Finding {
    let refused: Vec<_> = loaded
        .errors
        .iter()
        .filter(|error| {
            matches!(
                &error.problem,
                Problem::Untrusted(
                    Untrusted::Owner { .. } | Untrusted::Writable { .. } | Untrusted::Link { .. }
                )
            )
        })
        .map(ToString::to_string)
        .collect();
    if !refused.is_empty() {
        return Finding::failure(
            FailureCode::ConfigInvalid,
            "Settings are not believed, because others could have written them.",
        )
        .details(refused)
        .remedy("Let only administrators own and write what is named, as it says there; see that its content is still yours.");
    }
    let open: Vec<_> = [
        paths.state.clone(),
        paths.logs(),
        paths.apps(),
        paths.audit(),
    ]
    .into_iter()
    .filter(|path| path.exists() && !paths::is_private(path))
    .map(|path| path.display().to_string())
    .collect();
    if !open.is_empty() {
        return Finding::broken(
            "Other users can read or write what Cardea keeps for this user.",
            "Take that away (Linux: chmod go= on each; Windows: icacls, only this user and SYSTEM), and find out who gave it: the folder may have been moved or restored.",
        )
        .details(open);
    }
    if let Some(Err(why)) = program.as_deref().map(administrators_only) {
        return Finding::warning(
            format!("Others could replace this program: {why}."),
            "Install Cardea by its MSI or package into a folder that only administrators can write.",
        );
    }
    Finding::ok(
        "Only administrators could have changed settings and program, and only this user can read what is kept.",
    )
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use cardea_session::CheckOutcome;

    use super::*;
    use crate::settings::{Places, load};

    fn outcome(folder: &std::path::Path, program: Option<PathBuf>) -> cardea_session::CheckReport {
        let loaded = load(&Places::in_folder(folder));
        judge(&loaded, &UserPaths::in_folder(folder), program).report("", "", Default::default())
    }

    fn mode(path: &std::path::Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn settings_that_others_can_write_are_a_failure_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "").unwrap();
        mode(&file, 0o666);
        let report = outcome(dir.path(), None);
        assert_eq!(report.code, Some(FailureCode::ConfigInvalid));
        assert!(
            report.details[0].contains("chmod go-w"),
            "{:?}",
            report.details
        );
        mode(&file, 0o600);
        assert_eq!(outcome(dir.path(), None).outcome, CheckOutcome::Ok);
    }

    #[test]
    fn what_is_kept_is_for_its_user_only() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), "").unwrap();
        let paths = UserPaths::in_folder(dir.path());
        std::fs::create_dir(&paths.state).unwrap();
        mode(&paths.state, 0o700);
        std::fs::write(paths.apps(), "{}").unwrap();
        mode(&paths.apps(), 0o644);
        let report = outcome(dir.path(), None);
        assert_eq!(report.outcome, CheckOutcome::Failure);
        assert_eq!(report.details, [paths.apps().display().to_string()]);
        assert!(report.remedy.unwrap().contains("chmod go="));
    }

    #[test]
    fn a_program_that_others_could_replace_is_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), "").unwrap();
        let program = dir.path().join("cardea");
        std::fs::write(&program, "").unwrap();
        mode(&program, 0o777);
        let report = outcome(dir.path(), Some(program));
        assert_eq!(report.outcome, CheckOutcome::Warning);
        assert!(report.remedy.unwrap().contains("only administrators"));
    }
}
