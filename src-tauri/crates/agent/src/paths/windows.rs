//! Windows: the known folders of the user, and access control lists.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use cardea_win32::replace;
use cardea_win32::{
    IfThere, Sid, computer_name, open_private_to_append, program_data, this_session,
};

use super::{PathError, UserPaths};
use crate::settings::{Location, RegistryKey};

const FOLDER: &str = "Cardea";

/// Where named pipes are.
const PIPES: &str = r"\\.\pipe";

pub(crate) fn policy() -> Location {
    Location::Key(RegistryKey::of_machine(r"Software\Policies\Cardea"))
}

pub(crate) fn installation() -> Option<RegistryKey> {
    Some(RegistryKey::of_machine(r"Software\Cardea"))
}

pub(crate) fn machine_file() -> PathBuf {
    // A Windows that does not say where the folder is has not moved it.
    let folder = program_data().unwrap_or_else(|_| r"C:\ProgramData".into());
    folder.join(FOLDER).join("config.toml")
}

pub(super) fn user_paths(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<UserPaths, PathError> {
    let under = |missing, purpose| {
        variable(missing)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .map(|base| base.join(FOLDER))
            .ok_or(PathError::Missing {
                missing,
                purpose,
                remedy: "start Cardea from a log-on session, which sets it",
            })
    };
    let state = under("LOCALAPPDATA", "audit and logs")?;
    let known = |what, source| PathError::Unknown { what, source };
    let session = this_session().map_err(|error| known("the session", error))?;
    let computer = computer_name().map_err(|error| known("the computer's name", error))?;
    let user = Sid::of_this_user().map_err(|error| known("the user", error))?;
    Ok(UserPaths {
        // The folder may follow its user to other computers, and one user may have several sessions.
        endpoint: state.join(format!("endpoint-{computer}-{session}.json")),
        socket: format!(r"{PIPES}\cardea-{user}-{session}").into(),
        state,
        config: under("APPDATA", "the user's settings")?,
    })
}

pub(super) fn socket_in(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default();
    Path::new(PIPES).join(format!("cardea-in-{}", name.display()))
}

pub(super) fn create_private(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    cardea_win32::create_private_folder(path)
}

pub(super) fn append_private(path: &Path) -> io::Result<File> {
    open_private_to_append(path)
}

pub(super) fn create_private_file(path: &Path) -> io::Result<File> {
    cardea_win32::create_private(path, IfThere::Fail)
}

/// Whether nobody but this user can open a file.
pub(crate) fn is_private(path: &Path) -> bool {
    cardea_win32::is_private(path).is_ok_and(|private| private)
}

#[cfg(test)]
mod tests {
    use cardea_win32::{Itself, Keepers, Kept, open_itself};

    use super::*;

    fn paths(variables: &[(&str, &str)]) -> Result<UserPaths, PathError> {
        user_paths(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn folders_are_below_those_of_the_user() {
        let set = paths(&[
            ("LOCALAPPDATA", r"C:\u\Local"),
            ("APPDATA", r"C:\u\Roaming"),
        ])
        .unwrap();
        assert_eq!(set.audit(), Path::new(r"C:\u\Local\Cardea\audit.jsonl"));
        assert_eq!(
            set.user_settings(),
            Path::new(r"C:\u\Roaming\Cardea\user.toml")
        );
    }

    #[test]
    fn endpoint_and_pipe_are_those_that_clients_look_for() {
        let set = paths(&[("LOCALAPPDATA", r"C:\u\Local"), ("APPDATA", r"C:\u")]).unwrap();
        let (computer, session) = (computer_name().unwrap(), this_session().unwrap());
        let endpoint = format!(r"C:\u\Local\Cardea\endpoint-{computer}-{session}.json");
        assert_eq!(set.endpoint(), Path::new(&endpoint));
        let user = Sid::of_this_user().unwrap();
        let pipe = format!(r"\\.\pipe\cardea-{user}-{session}");
        assert_eq!(set.socket(), Path::new(&pipe));
    }

    #[test]
    fn what_is_missing_or_not_absolute_is_named() {
        let error = paths(&[("APPDATA", r"C:\u")]).unwrap_err().to_string();
        assert!(error.contains("LOCALAPPDATA is not set"), "{error}");
        let relative = paths(&[("LOCALAPPDATA", r"C:\u"), ("APPDATA", "u")]);
        let error = relative.unwrap_err().to_string();
        assert!(error.contains("APPDATA is not set"), "{error}");
    }

    #[test]
    fn private_folders_are_made_with_those_above_and_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(r"a\b");
        create_private(&path).unwrap();
        cardea_win32::let_everyone_write(&path).unwrap();
        create_private(&path).unwrap();
        let keepers = Keepers::administrators_and_this_user().unwrap();
        let folder = open_itself(&path, Itself::Folder).unwrap();
        assert_eq!(keepers.outsider(&folder, Kept::Folder).unwrap(), None);

        let file = path.join("file");
        append_private(&file).unwrap();
        assert!(create_private_file(&file).is_err());
        assert!(create_private(&file).is_err());
    }
}
