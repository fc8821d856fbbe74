//! Notices changes of the policy, of what the installer was told, of the file of settings and of the
//! user's own: told by the operating system, with a slow fresh look as a net for what that does not tell (network
//! file systems, a folder further up).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::source::Gathered;
use super::{ConfigFile, Loaded, Location, Places, loaded};
use system::{Notices, Stop};

/// How often to look although nothing was told.
const NET: Duration = Duration::from_secs(30);

/// How long the settings must be left alone before they are read: editors and installers write in
/// several steps.
const QUIET: Duration = Duration::from_millis(200);

/// How many times [`QUIET`] may begin anew.
const MAX_QUIET_ROUNDS: usize = 10;

/// Looks after the settings on a thread of its own, until dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<Stop>,
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
        let stop = Arc::new(Stop::new().map_err(WatchError)?);
        let (sender, changes) = watch::channel(now);
        let watcher = Watcher {
            places,
            stop: Arc::clone(&stop),
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
        self.stop.set();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Watcher {
    places: Places,
    stop: Arc<Stop>,
    sender: watch::Sender<Arc<Loaded>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Woken {
    ToLook,
    ToStop,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ready {
    Stop,
    Notices,
    Nothing,
}

impl Watcher {
    fn run(self) {
        loop {
            // Armed first, so that what changes while reading wakes the next wait.
            let mut notices = Notices::arm(&self.places);
            self.look();
            if self.wait(&mut notices) == Woken::ToStop {
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

    fn wait(&self, notices: &mut Notices) -> Woken {
        loop {
            match notices.wait(&self.stop, NET) {
                Ready::Stop => return Woken::ToStop,
                Ready::Nothing => return Woken::ToLook,
                Ready::Notices if notices.take() => return self.settle(notices),
                Ready::Notices => {}
            }
        }
    }

    fn settle(&self, notices: &mut Notices) -> Woken {
        for _ in 0..MAX_QUIET_ROUNDS {
            match notices.wait(&self.stop, QUIET) {
                Ready::Stop => return Woken::ToStop,
                Ready::Nothing => break,
                Ready::Notices => _ = notices.take(),
            }
        }
        Woken::ToLook
    }
}

/// The files that settings come from, as they are named; with a link, also what it points to.
fn watched_files(places: &Places) -> Vec<PathBuf> {
    let (ConfigFile::Machine(file) | ConfigFile::Given(file)) = &places.file;
    let mut files: Vec<_> = [Some(file), places.user.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|file| std::path::absolute(file).ok())
        .flat_map(|file| {
            let real = std::fs::canonicalize(&file).ok();
            let real = real.filter(|real| *real != file);
            real.into_iter().chain([file])
        })
        .collect();
    if let Location::File(policy) = &places.policy {
        files.push(policy.clone());
    }
    files
}
