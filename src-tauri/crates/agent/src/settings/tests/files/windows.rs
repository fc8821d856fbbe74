//! By owner and access control list. A file that belongs to an administrator cannot be made here:
//! where a file may be the user's own, the user stands for the administrator.

use super::*;

impl Machine {
    /// With what is written in the file, named on the command line.
    fn load_given(&self, text: &str) -> Loaded {
        fs::write(self.file(), text).unwrap();
        load(&self.places(ConfigFile::Given(self.file()), Build::Release))
    }
}

#[test]
fn a_file_that_only_this_user_can_write_is_taken_when_it_is_named() {
    let loaded = Machine::new().load_given(SETTINGS);
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.log.keep_days, 3);
}

#[test]
fn hooks_count_only_from_what_administrators_alone_can_write() {
    let hooks = format!("{SETTINGS}[hooks]\non_session_end = ['{PROGRAM}']\n");
    let machine = Machine::new();
    let error = machine.only_error(&machine.load_given(&hooks));
    let why = "hooks count only from what administrators alone can write";
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_planted_file_is_refused() {
    let machine = Machine::new();
    write(&machine.file(), SETTINGS);
    let loaded = machine.load();
    assert_eq!(loaded.settings.log.keep_days, 14);
    assert!(loaded.failure().is_some());
    let error = machine.only_error(&loaded);
    assert!(
        error.contains("belongs to another user or group; make it belong to Administrators"),
        "{error}"
    );
}

#[test]
fn a_file_that_everyone_can_write_is_refused() {
    let machine = Machine::new();
    write(&machine.file(), SETTINGS);
    let_everyone_write(&machine.file());
    let loaded = machine.load_given(SETTINGS);
    assert_eq!(loaded.settings.log.keep_days, 14);
    let error = machine.only_error(&loaded);
    let why = "Everyone can write DIR/file/config.toml; let only SYSTEM and Administrators";
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_file_in_a_folder_that_everyone_can_write_is_refused() {
    for folder in ["file", ""] {
        let machine = Machine::new();
        write(&machine.file(), SETTINGS);
        let_everyone_write(&machine.0.path().join(folder));
        let loaded = machine.load_given(SETTINGS);
        assert_eq!(loaded.settings.log.keep_days, 14);
        let error = machine.only_error(&loaded);
        assert!(error.contains("Everyone can write DIR"), "{error}");
    }
}

#[test]
fn what_is_no_plain_text_file_is_refused() {
    let refused = |make: &dyn Fn(&Path), why: &str| {
        let machine = Machine::new();
        make(&machine.file());
        let given = machine.places(ConfigFile::Given(machine.file()), Build::Release);
        let error = machine.only_error(&load(&given));
        assert!(error.contains(why), "{error}");
    };
    refused(&|path| fs::create_dir(path).unwrap(), "not a plain file");
    refused(
        &|path| write(path, &"#".repeat(1024 * 1024 + 1)),
        "larger than 1024 KiB",
    );
    refused(&|path| fs::write(path, b"\xff").unwrap(), "not UTF-8");
}
