//! Which files are believed.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::rights::{keep, let_everyone_write};
use super::*;

const SETTINGS: &str = "[log]\nkeep_days = 3\n";

/// A machine with its two folders of settings, for policy and file.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        keep(machine.0.path());
        for folder in ["policy", "file"] {
            fs::create_dir(machine.0.path().join(folder)).unwrap();
            keep(&machine.0.path().join(folder));
        }
        machine
    }

    fn policy(&self) -> PathBuf {
        self.0.path().join("policy/policy.toml")
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("file/config.toml")
    }

    fn load(&self) -> Loaded {
        load(&self.places(ConfigFile::Machine(self.file()), Build::Release))
    }

    fn places(&self, file: ConfigFile, build: Build) -> Places {
        Places {
            policy: Location::File(self.policy()),
            installation: None,
            file,
            user: None,
            build,
        }
    }

    /// The error without the folder that is another one each time.
    fn only_error(&self, loaded: &Loaded) -> String {
        let [error] = loaded.errors.as_slice() else {
            panic!("one error: {}", shown(&loaded.errors));
        };
        let folder = self.0.path().display().to_string();
        let error = error.to_string().replace(&folder, "DIR");
        error.replace('\\', "/")
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    keep(path);
}

#[test]
fn files_that_are_not_there_say_nothing() {
    let machine = Machine::new();
    assert_eq!(shown(&machine.load().errors), "");
    fs::remove_dir(machine.policy().parent().unwrap()).unwrap();
    assert_eq!(shown(&machine.load().errors), "");
}

#[test]
fn a_file_named_on_the_command_line_must_be_there() {
    let machine = Machine::new();
    let loaded = load(&machine.places(ConfigFile::Given(machine.file()), Build::Release));
    assert_eq!(
        machine.only_error(&loaded),
        "file DIR/file/config.toml: there is no such file"
    );
}

#[test]
fn where_a_policy_is_set_a_release_takes_no_file_from_the_command_line() {
    let machine = Machine::new();
    // Whether it can be believed or not: it shows that somebody manages this computer.
    write(&machine.policy(), "");
    let_everyone_write(&machine.policy());
    write(&machine.file(), SETTINGS);
    let load = |build| load(&machine.places(ConfigFile::Given(machine.file()), build));

    let release = load(Build::Release);
    assert!(
        shown(&release.errors).contains("--config is refused"),
        "{}",
        shown(&release.errors)
    );
    assert_eq!(release.settings.log.keep_days, 14);
    assert_eq!(load(Build::Developer).settings.log.keep_days, 3);
}

#[test]
fn the_users_own_file_is_read_and_may_be_missing() {
    let machine = Machine::new();
    let user = machine.0.path().join("user.toml");
    let mut places = machine.places(ConfigFile::Machine(machine.file()), Build::Release);
    places.user = Some(user.clone());
    assert_eq!(shown(&load(&places).errors), "");
    fs::write(&user, "[desktop]\nlanguage = \"cy\"").unwrap();
    assert_eq!(load(&places).settings.desktop.language, Language::Welsh);
    fs::remove_file(&user).unwrap();
    fs::create_dir(&user).unwrap();
    assert!(
        machine
            .only_error(&load(&places))
            .contains("not a plain file")
    );
}
