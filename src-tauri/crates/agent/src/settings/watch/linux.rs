//! By inotify on the folders.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::{Ready, watched_files};
use crate::settings::Places;

/// Ends every wait, once set.
#[derive(Debug)]
pub(super) struct Stop(OwnedFd);

impl Stop {
    pub(super) fn new() -> io::Result<Self> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self(fd))
    }

    pub(super) fn set(&self) {
        // Cannot fail: the counter is far from full.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// What the kernel tells of the folders that matter; nothing when the system has no more such
/// watches to give.
pub(super) struct Notices(Option<Watches>);

impl Notices {
    pub(super) fn arm(places: &Places) -> Self {
        Self(Watches::arm(places))
    }

    pub(super) fn wait(&self, stop: &Stop, limit: Duration) -> Ready {
        let mut waiting = vec![PollFd::from_borrowed_fd(stop.0.as_fd(), PollFlags::IN)];
        let told = self.0.iter().map(|watches| watches.fd.as_fd());
        waiting.extend(told.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let limit = Timespec::try_from(limit).ok();
        if poll(&mut waiting, limit.as_ref()).is_err() {
            return Ready::Nothing;
        }
        let mut told = waiting.iter().map(|each| !each.revents().is_empty());
        match (told.next(), told.next()) {
            (Some(true), _) => Ready::Stop,
            (_, Some(true)) => Ready::Notices,
            _ => Ready::Nothing,
        }
    }

    /// Takes what was told; whether it can be a change of settings.
    pub(super) fn take(&mut self) -> bool {
        self.0.as_ref().is_some_and(Watches::take)
    }
}

struct Watches {
    fd: OwnedFd,
    /// The names that matter in each watched folder.
    names: HashMap<i32, HashSet<OsString>>,
}

impl Watches {
    fn arm(places: &Places) -> Option<Self> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .inspect_err(|error| tracing::warn!(%error, "settings are looked at every 30 s only"))
            .ok()?;
        let mut watches = Self {
            fd,
            names: HashMap::new(),
        };
        for path in watched_files(places) {
            watches.watch(&path);
        }
        Some(watches)
    }

    fn watch(&mut self, path: &Path) {
        watch_down_to(path, |folder, name| self.add(folder, name));
    }

    /// False when the folder is not there, or cannot be watched.
    fn add(&mut self, folder: &Path, name: &OsStr) -> bool {
        let flags = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MODIFY
            | WatchFlags::MOVE
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        let Ok(watch) = inotify::add_watch(&self.fd, folder, flags) else {
            return false;
        };
        self.names.entry(watch).or_default().insert(name.to_owned());
        true
    }

    /// Whether any of it matters.
    fn take(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.fd, &mut buffer);
        let mut matters = false;
        loop {
            match reader.next() {
                Ok(event) => matters |= self.matters(&event),
                Err(Errno::INTR) => {}
                Err(_) => return matters,
            }
        }
    }

    fn matters(&self, event: &inotify::Event<'_>) -> bool {
        let lost = ReadFlags::QUEUE_OVERFLOW | ReadFlags::IGNORED | ReadFlags::UNMOUNT;
        let Some(name) = event.file_name() else {
            return true;
        };
        let name = OsStr::from_bytes(name.to_bytes());
        event.events().intersects(lost)
            || self
                .names
                .get(&event.wd())
                .is_some_and(|names| names.contains(name))
    }
}

/// Watches the folder of a file, or the nearest folder above it that is there. Each is watched for
/// the name below it on the way to the file.
fn watch_down_to(path: &Path, mut add: impl FnMut(&Path, &OsStr) -> bool) {
    let names = || {
        let below = path.ancestors();
        below.filter_map(|below| Some((below.parent()?, below.file_name()?)))
    };
    let Some(missing) = names().position(|(folder, name)| add(folder, name)) else {
        return;
    };
    // What came below it before it was watched has told nobody, and is watched now; what comes from
    // now on is told by the one above.
    let below: Vec<_> = names().take(missing).collect();
    let _all_there = below
        .into_iter()
        .rev()
        .all(|(folder, name)| add(folder, name));
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::settings::{Build, ConfigFile, Location};

    /// Whether what `change` does in a folder is told, with `config.toml` in it, and a policy
    /// awaited in `cardea` below it.
    fn is_told(change: impl Fn(&Path)) -> bool {
        let dir = tempfile::tempdir().unwrap();
        for name in ["config.toml", "other.toml"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let mut notices = Notices::arm(&Places {
            policy: Location::File(dir.path().join("cardea/new/policy.toml")),
            installation: None,
            file: ConfigFile::Machine(dir.path().join("config.toml")),
            user: None,
            build: Build::Release,
        });
        change(dir.path());
        notices.take()
    }

    #[test]
    fn whatever_happens_to_a_file_is_told() {
        let file = |dir: &Path| dir.join("config.toml");
        assert!(is_told(|dir| fs::write(file(dir), "x").unwrap()));
        assert!(is_told(|dir| fs::remove_file(file(dir)).unwrap()));
        assert!(is_told(|dir| fs::rename(file(dir), dir.join("x")).unwrap()));
        assert!(is_told(
            |dir| fs::rename(dir.join("other.toml"), file(dir)).unwrap()
        ));
        let open_to_all = fs::Permissions::from_mode(0o666);
        assert!(is_told(|dir| fs::set_permissions(
            file(dir),
            open_to_all.clone()
        )
        .unwrap()));
    }

    #[test]
    fn a_folder_that_comes_while_those_above_it_are_tried_is_watched_too() {
        let (mut there, mut watched) = (vec!["/", "/etc"], Vec::new());
        watch_down_to(Path::new("/etc/cardea/new/policy.toml"), |folder, name| {
            let folder = folder.to_str().unwrap();
            let is_there = there.contains(&folder);
            // As if in this moment: after it was found missing.
            if folder == "/etc/cardea" {
                there.push("/etc/cardea");
            }
            if is_there {
                watched.push(format!("{folder} {}", name.display()));
            }
            is_there
        });
        assert_eq!(watched, ["/etc cardea", "/etc/cardea new"]);
    }

    #[test]
    fn a_folder_that_comes_or_changes_is_told() {
        assert!(is_told(|dir| fs::create_dir(dir.join("cardea")).unwrap()));
        let open_to_all = fs::Permissions::from_mode(0o777);
        assert!(is_told(
            |dir| fs::set_permissions(dir, open_to_all.clone()).unwrap()
        ));
    }

    #[test]
    fn what_is_beside_does_not_matter() {
        assert!(!is_told(
            |dir| fs::write(dir.join("other.toml"), "x").unwrap()
        ));
        assert!(!is_told(|_| {}));
    }
}
