//! Linux: the XDG Base Directory Specification and permission bits.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub(crate) use std::fs::rename as replace;

use rustix::fs::OFlags;

use super::{PathError, UserPaths};
use crate::settings::{Location, RegistryKey};

const FOLDER: &str = "cardea";

pub(crate) fn policy() -> Location {
    Location::File("/etc/cardea/policy.toml".into())
}

/// Linux has no such place.
pub(crate) fn installation() -> Option<RegistryKey> {
    None
}

pub(crate) fn machine_file() -> PathBuf {
    "/etc/cardea/config.toml".into()
}

pub(super) fn user_paths(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<UserPaths, PathError> {
    // The specification: a path that is not absolute is to be ignored.
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let under_home = |name, below: &str, purpose| {
        absolute(name)
            .or_else(|| absolute("HOME").map(|home| home.join(below)))
            .map(|base| base.join(FOLDER))
            .ok_or(PathError::Missing {
                missing: "HOME",
                purpose,
                remedy: "set it to the user's home folder",
            })
    };
    let runtime = absolute("XDG_RUNTIME_DIR")
        .map(|base| base.join(FOLDER))
        .ok_or(PathError::Missing {
            missing: "XDG_RUNTIME_DIR",
            purpose: "the local socket",
            remedy: "start Cardea from a log-in session, or set it to a folder that only this user \
                     can enter",
        })?;
    Ok(UserPaths {
        state: under_home("XDG_STATE_HOME", ".local/state", "audit and logs")?,
        config: under_home("XDG_CONFIG_HOME", ".config", "the user's settings")?,
        endpoint: runtime.join("endpoint.json"),
        socket: runtime.join("agent.sock"),
    })
}

pub(super) fn socket_in(folder: &Path) -> PathBuf {
    folder.join("run/agent.sock")
}

pub(super) fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::NotADirectory));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        let why = "it belongs to another user";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))?;
    }
    Ok(())
}

pub(super) fn append_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true)).open(path)
}

pub(super) fn create_private_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// Whether a file or folder is this user's, and nobody else can open it.
pub(crate) fn is_private(path: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(path).is_ok_and(|metadata| {
        let is_plain = metadata.is_file() || metadata.is_dir();
        is_plain && metadata.uid() == own && metadata.mode() & 0o077 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(variables: &[(&str, &str)]) -> Result<UserPaths, PathError> {
        user_paths(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn folders_follow_the_xdg_variables_and_else_the_home_folder() {
        let set = paths(&[
            ("HOME", "/home/x"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_RUNTIME_DIR", "/r"),
        ])
        .unwrap();
        assert_eq!(set.audit(), Path::new("/s/cardea/audit.jsonl"));
        assert_eq!(set.user_settings(), Path::new("/c/cardea/user.toml"));
        assert_eq!(set.socket(), Path::new("/r/cardea/agent.sock"));

        let unset = paths(&[("HOME", "/home/x"), ("XDG_RUNTIME_DIR", "/r")]).unwrap();
        assert_eq!(unset.logs(), Path::new("/home/x/.local/state/cardea/logs"));
        assert_eq!(unset.config, Path::new("/home/x/.config/cardea"));
    }

    #[test]
    fn paths_that_are_not_absolute_are_ignored() {
        let relative = paths(&[
            ("HOME", "/home/x"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "/r"),
        ]);
        assert_eq!(
            relative.unwrap().state,
            Path::new("/home/x/.local/state/cardea")
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = paths(&[("HOME", "/home/x")]).unwrap_err().to_string();
        assert!(error.contains("XDG_RUNTIME_DIR is not set"), "{error}");
        let error = paths(&[("XDG_RUNTIME_DIR", "/r")]).unwrap_err().to_string();
        assert!(error.contains("HOME is not set"), "{error}");
    }

    #[test]
    fn private_folders_are_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        create_private(&path).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        create_private(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o700);

        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(create_private(&link).is_err());
    }

    #[test]
    fn private_files_are_for_their_user_and_never_behind_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        append_private(&path).unwrap();
        assert!(is_private(&path));
        assert!(create_private_file(&path).is_err());

        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(append_private(&link).is_err());
    }
}
