//! By notices of registry keys and of folders.

use std::io;
use std::os::windows::io::AsHandle as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cardea_win32::registry::KeyNotice;
use cardea_win32::{Event, FolderNotice, Told, wait_for_any};

use super::{Ready, watched_files};
use crate::settings::{Location, Places, RegistryKey};

/// How many times folders may come and go while they are looked for.
const TRIES: usize = 8;

/// Ends every wait, once set.
#[derive(Debug)]
pub(super) struct Stop(Event);

impl Stop {
    pub(super) fn new() -> io::Result<Self> {
        Event::new().map(Self)
    }

    pub(super) fn set(&self) {
        // Cannot fail: the event is open.
        let _ = self.0.set();
    }
}

/// What Windows tells of the keys and folders that matter.
pub(super) struct Notices {
    places: Places,
    keys: Vec<KeyNotice>,
    folders: Vec<FolderNotice>,
}

impl Notices {
    pub(super) fn arm(places: &Places) -> Self {
        let keys = watched_keys(places).filter_map(|key| {
            KeyNotice::arm(key.hive.raw(), &key.path)
                .inspect_err(|error| tracing::warn!(%error, "a key is looked at every 30 s only"))
                .ok()
        });
        let files = watched_files(places);
        Self {
            keys: keys.collect(),
            folders: files.iter().flat_map(|file| look_after(file)).collect(),
            places: places.clone(),
        }
    }

    pub(super) fn wait(&self, stop: &Stop, limit: Duration) -> Ready {
        let stop = stop.0.as_handle();
        let keys = self.keys.iter().map(|key| key.as_handle());
        let folders = self.folders.iter().map(|folder| folder.as_handle());
        let all: Vec<_> = [stop].into_iter().chain(keys).chain(folders).collect();
        // Without what tells there is still the fresh look.
        match wait_for_any(&all, limit).or_else(|_| wait_for_any(&[stop], limit)) {
            Ok(None) => Ready::Nothing,
            Ok(Some(1..)) => Ready::Notices,
            Ok(Some(0)) | Err(_) => Ready::Stop,
        }
    }

    /// Takes what was told, which can be a change of settings: each of them tells once, and not
    /// what it was.
    pub(super) fn take(&mut self) -> bool {
        *self = Self::arm(&self.places);
        true
    }
}

fn watched_keys(places: &Places) -> impl Iterator<Item = &RegistryKey> {
    let policy = match &places.policy {
        Location::Key(key) => Some(key),
        Location::File(_) => None,
    };
    policy.into_iter().chain(&places.installation)
}

/// Looks after the folder of a file, or the nearest folder above it that is there, and after the
/// one above that: it tells when the nearer one goes or gets other rights.
fn look_after(file: &Path) -> Vec<FolderNotice> {
    let Some(folder) = file.parent() else {
        return Vec::new();
    };
    for _ in 0..TRIES {
        let Some(nearest) = nearest(folder) else {
            break;
        };
        let told = if nearest == folder {
            Told::Everything
        } else {
            Told::Folders
        };
        let mut notices: Vec<_> = FolderNotice::arm(&nearest, told).into_iter().collect();
        let above = nearest.parent();
        notices.extend(above.and_then(|above| FolderNotice::arm(above, Told::Folders).ok()));
        // What came before the one above it was looked after has told nobody.
        if self::nearest(folder).as_deref() == Some(&*nearest) && !notices.is_empty() {
            return notices;
        }
    }
    tracing::warn!("the file of settings is looked at every 30 s only");
    Vec::new()
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    let mut there = folder.ancestors().filter(|folder| folder.is_dir());
    there.next().map(Path::to_owned)
}
