//! By inotify on the folders, with a slow fresh look as a net for what inotify does not tell
//! (network file systems, a folder further up).

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use tokio::sync::watch;

use crate::settings::source::Gathered;
use crate::settings::{ConfigFile, Loaded, Places, loaded};

/// How often to look although nothing was told.
const NET: Duration = Duration::from_secs(30);

/// How long the files must be left alone before they are read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// How many times [`QUIET`] may begin anew.
const MAX_QUIET_ROUNDS: usize = 10;

/// Looks after the policy and the file of settings on a thread of its own, until dropped.
#[derive(Debug)]
pub struct Watch {
    stop: OwnedFd,
    thread: Option<JoinHandle<()>>,
    changes: watch::Receiver<Arc<Loaded>>,
}

/// The settings cannot be looked after.
#[derive(Debug, thiserror::Error)]
#[error("changes of settings cannot be noticed: {0}")]
pub struct WatchError(#[source] io::Error);

impl Watch {
    /// Starts with settings loaded before; what changed since then counts as a change.
    ///
    /// # Errors
    /// [`WatchError`] when the thread cannot be started.
    pub fn start(places: Places, now: Arc<Loaded>) -> Result<Self, WatchError> {
        let stop = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|error| WatchError(error.into()))?;
        let (sender, changes) = watch::channel(now);
        let watcher = Watcher {
            places,
            stop: stop.try_clone().map_err(WatchError)?,
            sender,
        };
        let thread = std::thread::Builder::new()
            .name("settings-watch".to_owned())
            .spawn(move || watcher.run())
            .map_err(WatchError)?;
        Ok(Self {
            stop,
            thread: Some(thread),
            changes,
        })
    }

    /// The settings loaded last. The receiver is told of each change; when it says that the
    /// sender is gone, nobody looks after the settings any more.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Arc<Loaded>> {
        self.changes.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Cannot fail: the counter is far from full.
        let _ = rustix::io::write(&self.stop, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Watcher {
    places: Places,
    stop: OwnedFd,
    sender: watch::Sender<Arc<Loaded>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Woken {
    ToLook,
    ToStop,
}

impl Watcher {
    fn run(self) {
        loop {
            // Armed first, so that what changes while reading wakes the next wait.
            let notices = Notices::arm(&self.places);
            self.look();
            if self.wait(notices.as_ref()) == Woken::ToStop {
                return;
            }
        }
    }

    fn look(&self) {
        let gathered = Gathered::from(&self.places);
        if gathered.fingerprint() != self.sender.borrow().fingerprint {
            let loaded = loaded(gathered, self.places.build);
            self.sender.send_replace(Arc::new(loaded));
        }
    }

    fn wait(&self, notices: Option<&Notices>) -> Woken {
        let Some(notices) = notices else {
            return match self.ready(None, NET) {
                Ready::Stop => Woken::ToStop,
                Ready::Notices | Ready::Nothing => Woken::ToLook,
            };
        };
        loop {
            match self.ready(Some(notices), NET) {
                Ready::Stop => return Woken::ToStop,
                Ready::Nothing => return Woken::ToLook,
                Ready::Notices if notices.take() => return self.settle(notices),
                Ready::Notices => {}
            }
        }
    }

    fn settle(&self, notices: &Notices) -> Woken {
        for _ in 0..MAX_QUIET_ROUNDS {
            match self.ready(Some(notices), QUIET) {
                Ready::Stop => return Woken::ToStop,
                Ready::Nothing => break,
                Ready::Notices => drop(notices.take()),
            }
        }
        Woken::ToLook
    }

    fn ready(&self, notices: Option<&Notices>, limit: Duration) -> Ready {
        let stop = self.stop.as_fd();
        let mut waiting = vec![PollFd::from_borrowed_fd(stop, PollFlags::IN)];
        waiting
            .extend(notices.map(|notices| PollFd::from_borrowed_fd(notices.fd(), PollFlags::IN)));
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
}

enum Ready {
    Stop,
    Notices,
    Nothing,
}

/// What the kernel tells of the folders that matter.
struct Notices {
    fd: OwnedFd,
    /// The names that matter in each watched folder.
    names: HashMap<i32, HashSet<OsString>>,
}

impl Notices {
    /// None when the system has no more such watches to give.
    fn arm(places: &Places) -> Option<Self> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .inspect_err(|error| tracing::warn!(%error, "settings are looked at every 30 s only"))
            .ok()?;
        let mut notices = Self {
            fd,
            names: HashMap::new(),
        };
        for path in watched(places) {
            notices.watch(&path);
        }
        Some(notices)
    }

    /// Watches the folder of a file, or the nearest folder above it that is there.
    fn watch(&mut self, path: &Path) {
        let flags = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MODIFY
            | WatchFlags::MOVE
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        let mut below = path;
        while let (Some(folder), Some(name)) = (below.parent(), below.file_name()) {
            if let Ok(watch) = inotify::add_watch(&self.fd, folder, flags) {
                self.names.entry(watch).or_default().insert(name.to_owned());
                return;
            }
            below = folder;
        }
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Takes what was told; whether any of it matters.
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

/// The files to look after; with a link, also what it points to.
fn watched(places: &Places) -> Vec<PathBuf> {
    let (ConfigFile::Machine(file) | ConfigFile::Given(file)) = &places.file;
    let mut paths = vec![places.policy.clone()];
    if let Ok(file) = std::path::absolute(file) {
        paths.extend(
            std::fs::canonicalize(&file)
                .ok()
                .filter(|real| *real != file),
        );
        paths.push(file);
    }
    paths
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::settings::Build;

    /// Whether what `change` does in a folder is told, with `config.toml` in it, and a policy
    /// awaited in `cardea` below it.
    fn is_told(change: impl Fn(&Path)) -> bool {
        let dir = tempfile::tempdir().unwrap();
        for name in ["config.toml", "other.toml"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let notices = Notices::arm(&Places {
            policy: dir.path().join("cardea/new/policy.toml"),
            file: ConfigFile::Machine(dir.path().join("config.toml")),
            user: None,
            build: Build::Release,
        });
        change(dir.path());
        notices.unwrap().take()
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
