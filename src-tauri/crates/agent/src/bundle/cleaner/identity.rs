//! Who this user is and what this computer is called, in all the ways that texts may say it.

use std::path::PathBuf;

use super::system;
use crate::paths::UserPaths;

/// What names this user and this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user's home and profile folders.
    pub folders: Vec<PathBuf>,
    /// The user's account names.
    pub users: Vec<String>,
    /// The user's security identifier; Windows only.
    pub sid: Option<String>,
    /// The computer's names.
    pub computers: Vec<String>,
}

impl Identity {
    /// Of whoever runs this program. What the operating system does not say is left out.
    #[must_use]
    pub fn of_this_user(paths: &UserPaths) -> Self {
        let mut identity = system::identity(|name| std::env::var_os(name));
        // Wherever they were moved to, these folders are the user's.
        for folder in [&paths.state, &paths.config] {
            identity.folders.extend(folder.parent().map(PathBuf::from));
        }
        identity
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn folders_that_were_moved_are_the_users_too() {
        let paths = UserPaths::in_folder(Path::new("/data/of/jane"));
        let identity = Identity::of_this_user(&paths);
        assert!(identity.folders.contains(&"/data/of/jane".into()));
    }
}
