//! Linux: the user database, the environment and the kernel.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use super::Identity;

pub(super) fn identity(variable: impl Fn(&str) -> Option<OsString>) -> Identity {
    let text = |name| variable(name).and_then(|value| value.into_string().ok());
    let mut users: Vec<_> = ["USER", "LOGNAME"].into_iter().filter_map(text).collect();
    let mut folders: Vec<PathBuf> = variable("HOME").map(PathBuf::from).into_iter().collect();
    let uid = rustix::process::getuid().as_raw();
    if let Some((user, home)) = fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|users| account(&users, uid))
    {
        users.push(user);
        folders.push(home.into());
    }
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let short = host.split('.').next().unwrap_or_default();
    Identity {
        folders,
        users,
        sid: None,
        computers: vec![host.to_owned(), short.to_owned()],
    }
}

/// Name and home of a user in the form of passwd(5).
fn account(users: &str, uid: u32) -> Option<(String, String)> {
    users.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [name, _, id, _, _, home, ..] = fields.as_slice() else {
            return None;
        };
        let is_it = id.parse() == Ok(uid);
        is_it.then(|| ((*name).to_owned(), (*home).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let users = "root:x:0:0:root:/root:/bin/bash\njane:x:1000:1000:Jane,,,:/home/j:/bin/sh\n";
        let jane = ("jane".to_owned(), "/home/j".to_owned());
        assert_eq!(account(users, 1000), Some(jane));
        assert_eq!(account(users, 100), None);
    }

    #[test]
    fn environment_and_system_are_asked() {
        let identity = identity(|name| match name {
            "HOME" => Some("/srv/jane".into()),
            "USER" => Some("jane".into()),
            _ => None,
        });
        assert!(identity.folders.contains(&"/srv/jane".into()));
        assert!(identity.users.contains(&"jane".to_owned()));
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert!(identity.computers.contains(&host.trim().to_owned()));
    }
}
