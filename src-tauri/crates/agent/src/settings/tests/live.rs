//! Changes while the agent runs.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch::Receiver;

use super::rights::{keep, let_everyone_write};
use super::*;

/// Only ends a test that would hang.
const LIMIT: Duration = Duration::from_secs(20);

struct Machine {
    dir: TempDir,
    places: Places,
}

impl Machine {
    /// With `keep_days = 1` in a file named on the command line, and no folder for a policy.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            policy: Location::File(dir.path().join("etc/cardea/policy.toml")),
            installation: None,
            file: ConfigFile::Given(dir.path().join("config.toml")),
            user: Some(dir.path().join("home/cardea/user.toml")),
            build: Build::Developer,
        };
        let machine = Self { dir, places };
        machine.write("config.toml", "[log]\nkeep_days = 1");
        machine
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        keep(&path);
    }

    fn replace(&self, name: &str, by: &str) {
        let (from, to) = (self.dir.path().join(by), self.dir.path().join(name));
        // Windows refuses while the watch has the file open to read it.
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let mut tries = 0;
        while let Err(error) = fs::rename(&from, &to) {
            assert!(refused(&error) && tries < 100_000, "{error}");
            tries += 1;
            std::thread::yield_now();
        }
    }

    fn watch(&self) -> (Watch, Receiver<Arc<Loaded>>) {
        let watch = Watch::start(self.places.clone(), Arc::new(load(&self.places))).unwrap();
        let changes = watch.changes();
        (watch, changes)
    }
}

pub(super) async fn until(changes: &mut Receiver<Arc<Loaded>>, there: impl Fn(&Loaded) -> bool) {
    let waited = tokio::time::timeout(LIMIT, changes.wait_for(|loaded| there(loaded))).await;
    waited.expect("in time").unwrap();
}

#[tokio::test]
async fn a_file_that_is_written_or_replaced_is_noticed() {
    let machine = Machine::new();
    let (_watch, mut changes) = machine.watch();
    machine.write("config.toml", "[log]\nkeep_days = 2");
    until(&mut changes, |loaded| loaded.settings.log.keep_days == 2).await;

    machine.write("new.toml", "[log]\nkeep_days = 3");
    machine.replace("config.toml", "new.toml");
    until(&mut changes, |loaded| loaded.settings.log.keep_days == 3).await;
}

#[tokio::test]
async fn a_file_that_goes_away_is_noticed() {
    let machine = Machine::new();
    let (_watch, mut changes) = machine.watch();
    fs::remove_file(machine.dir.path().join("config.toml")).unwrap();
    until(&mut changes, |loaded| !loaded.errors.is_empty()).await;
}

#[tokio::test]
async fn a_file_that_others_can_write_from_now_on_is_noticed() {
    let machine = Machine::new();
    let (_watch, mut changes) = machine.watch();
    let_everyone_write(&machine.dir.path().join("config.toml"));
    until(&mut changes, |loaded| {
        shown(&loaded.errors).contains("can write")
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_comes_with_its_folders_is_noticed() {
    let machine = Machine::new();
    let (_watch, mut changes) = machine.watch();
    fs::create_dir_all(machine.dir.path().join("etc/cardea")).unwrap();
    machine.write("etc/cardea/policy.toml", "not toml");
    until(&mut changes, |loaded| {
        shown(&loaded.errors).contains("policy.toml")
    })
    .await;
}

#[tokio::test]
async fn what_the_user_sets_is_noticed_also_when_it_is_the_first() {
    let machine = Machine::new();
    let (_watch, mut changes) = machine.watch();
    for shown in [true, false] {
        set_own(&machine.places, "desktop.show_name", &shown.to_string()).unwrap();
        until(&mut changes, |loaded| {
            loaded.settings.desktop.show_name == shown
        })
        .await;
    }
}

#[tokio::test]
async fn a_change_before_the_start_is_noticed() {
    let machine = Machine::new();
    let loaded = Arc::new(load(&machine.places));
    machine.write("config.toml", "[log]\nkeep_days = 2");
    let watch = Watch::start(machine.places.clone(), loaded).unwrap();
    until(&mut watch.changes(), |loaded| {
        loaded.settings.log.keep_days == 2
    })
    .await;
}

#[tokio::test]
async fn it_stops_when_dropped() {
    let machine = Machine::new();
    let (watch, mut changes) = machine.watch();
    drop(watch);
    assert!(changes.changed().await.is_err());
}
