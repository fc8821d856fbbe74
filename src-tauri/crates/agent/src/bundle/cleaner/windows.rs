//! Windows: the profile's folders, the account and the computer.

use std::ffi::OsString;
use std::path::PathBuf;

use cardea_win32::{Sid, computer_name, dns_host_name};

use super::Identity;

/// Where a profile is, or parts of it that were moved to a server.
const FOLDERS: &[&str] = &[
    "USERPROFILE",
    "HOME",
    "APPDATA",
    "LOCALAPPDATA",
    "HOMESHARE",
    "OneDrive",
];

pub(super) fn identity(variable: impl Fn(&str) -> Option<OsString>) -> Identity {
    let folder = |name: &&str| variable(name).map(PathBuf::from);
    let folders: Vec<_> = FOLDERS.iter().filter_map(folder).collect();
    let account = variable("USERNAME").and_then(|name| name.into_string().ok());
    // The profile is named for the account, as it was called when it was made.
    let profile = variable("USERPROFILE").map(PathBuf::from).and_then(|path| {
        let name = path.file_name()?.to_str()?;
        Some(name.to_owned())
    });
    Identity {
        folders,
        users: account.into_iter().chain(profile).collect(),
        sid: Sid::of_this_user().ok().map(|sid| sid.to_string()),
        computers: [computer_name(), dns_host_name()]
            .into_iter()
            .filter_map(Result::ok)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_and_system_are_asked() {
        let identity = identity(|name| match name {
            "USERPROFILE" => Some(r"C:\Users\jane.PRACTICE".into()),
            "USERNAME" => Some("jane".into()),
            _ => None,
        });
        assert_eq!(identity.folders, [PathBuf::from(r"C:\Users\jane.PRACTICE")]);
        assert_eq!(identity.users, ["jane", "jane.PRACTICE"]);
        assert!(identity.computers.contains(&computer_name().unwrap()));
        let sid = Sid::of_this_user().unwrap().to_string();
        assert_eq!(identity.sid, Some(sid));
    }
}
