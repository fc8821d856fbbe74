//! By owner and permission bits. What needs a second user needs root.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::*;

/// `nobody`: somebody who is not root.
const OTHER: u32 = 65534;
/// Neither root nor [`OTHER`].
const THIRD: u32 = 65533;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Whether this test can run; says loudly when not.
#[must_use]
fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        // Not by eprintln!, which the test runner keeps to itself when a test passes.
        let words = b"SKIPPED, NOT CHECKED: a test needs root, to act as a second user\n";
        std::io::stderr().write_all(words).unwrap();
    }
    root
}

/// Runs a shell command as [`OTHER`].
fn as_other(command: &str) {
    let status = Command::new("/bin/sh")
        .args(["-c", command])
        .uid(OTHER)
        .gid(OTHER)
        .status()
        .unwrap();
    assert!(status.success(), "{command}");
}

#[test]
fn files_that_root_alone_can_write_are_believed() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    write(&machine.policy(), "[log]\nlevel = \"warn\"\n");
    write(&machine.file(), SETTINGS);
    let loaded = machine.load();
    assert_eq!(shown(&loaded.errors), "");
    assert_eq!(loaded.settings.log.level, LogLevel::Warn);
    assert_eq!(loaded.settings.log.keep_days, 3);
}

#[test]
fn a_file_that_another_user_planted_is_refused() {
    if !is_root() {
        return;
    }
    for path in [Machine::policy, Machine::file] {
        let machine = Machine::new();
        let path = path(&machine);
        set_mode(path.parent().unwrap(), 0o777);
        as_other(&format!(
            "printf '[log]\\nkeep_days = 3\\n' > {}",
            path.display()
        ));
        set_mode(path.parent().unwrap(), 0o755);

        let loaded = machine.load();
        assert_eq!(loaded.settings.log.keep_days, 14);
        assert!(loaded.failure().is_some());
        let error = machine.only_error(&loaded);
        assert!(
            error.contains("belongs to user id 65534; make it belong to root"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_another_user_can_write_is_refused() {
    if !is_root() {
        return;
    }
    for (mode, group) in [(0o664, OTHER), (0o646, 0)] {
        let machine = Machine::new();
        write(&machine.file(), "");
        chown(machine.file(), Some(0), Some(group)).unwrap();
        set_mode(&machine.file(), mode);
        as_other(&format!(
            "printf '[log]\\nkeep_days = 3\\n' > {}",
            machine.file().display()
        ));

        let loaded = machine.load();
        assert_eq!(loaded.settings.log.keep_days, 14);
        let error = machine.only_error(&loaded);
        assert!(
            error.contains(&format!(
                "others can write DIR/file/config.toml (mode {mode:04o})"
            )),
            "{error}"
        );
    }
}

#[test]
fn a_file_in_a_folder_that_another_user_can_write_is_refused() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    write(&machine.file(), SETTINGS);
    let folder = machine.0.path().join("file");
    // Sticky does not help the file's own folder: a missing file could be planted there.
    for mode in [0o777, 0o775, 0o1777] {
        set_mode(&folder, mode);
        let error = machine.only_error(&machine.load());
        assert!(error.contains("others can write DIR/file (mode"), "{error}");
    }
    set_mode(&folder, 0o755);
    chown(&folder, Some(OTHER), None).unwrap();
    let error = machine.only_error(&machine.load());
    assert!(
        error.contains("DIR/file belongs to user id 65534"),
        "{error}"
    );
}

#[test]
fn a_folder_further_up_that_another_user_can_write_is_refused_unless_sticky() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    write(&machine.file(), SETTINGS);
    set_mode(machine.0.path(), 0o777);
    let error = machine.only_error(&machine.load());
    assert!(
        error.contains("others can write DIR (mode 0777)"),
        "{error}"
    );
    set_mode(machine.0.path(), 0o1777);
    assert_eq!(shown(&machine.load().errors), "");
}

#[test]
fn links_are_refused() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    let elsewhere = machine.0.path().join("elsewhere.toml");
    write(&elsewhere, SETTINGS);
    symlink(&elsewhere, machine.file()).unwrap();
    let error = machine.only_error(&machine.load());
    assert!(error.contains("DIR/file/config.toml is a link"), "{error}");

    fs::remove_file(machine.file()).unwrap();
    write(&machine.file(), SETTINGS);
    let folder = machine.0.path().join("file");
    fs::rename(&folder, machine.0.path().join("real")).unwrap();
    symlink(machine.0.path().join("real"), &folder).unwrap();
    let error = machine.only_error(&machine.load());
    assert!(error.contains("DIR/file is a link"), "{error}");
}

#[test]
fn what_is_no_plain_text_file_is_refused_and_never_waited_for() {
    if !is_root() {
        return;
    }
    let refused = |make: &dyn Fn(&Path), why: &str| {
        let machine = Machine::new();
        make(&machine.file());
        let error = machine.only_error(&machine.load());
        assert!(error.contains(why), "{error}");
    };
    let pipe = |path: &Path| {
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    };
    refused(&pipe, "not a plain file");
    refused(&|path| fs::create_dir(path).unwrap(), "not a plain file");
    refused(
        &|path| write(path, &"#".repeat(1024 * 1024 + 1)),
        "larger than 1024 KiB",
    );
    refused(&|path| fs::write(path, b"\xff").unwrap(), "not UTF-8");
}

#[test]
fn a_file_named_on_the_command_line_may_belong_to_the_user() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    let hooks = format!("{SETTINGS}[hooks]\non_session_end = [\"/bin/true\"]\n");
    let folder = machine.0.path().join("file");
    let given = |owner| {
        write(&machine.file(), &hooks);
        chown(machine.file(), Some(owner), None).unwrap();
        chown(&folder, Some(owner), None).unwrap();
        load_as_other(&machine)
    };
    let by_root = given(0);
    assert!(by_root.ends_with("keep_days 3 hooks 1\n"), "{by_root}");
    let own = given(OTHER);
    assert!(
        own.contains("hooks count only from what administrators alone can write"),
        "{own}"
    );
    assert!(own.ends_with("keep_days 3 hooks 0\n"), "{own}");
    let of_a_third = given(THIRD);
    assert!(
        of_a_third.contains("belongs to user id 65533"),
        "{of_a_third}"
    );
    assert!(
        of_a_third.ends_with("keep_days 14 hooks 0\n"),
        "{of_a_third}"
    );
}

const CHILD: &str = "CARDEA_TEST_LOAD";

/// What [`OTHER`] gets from the machine's file named on the command line: this test program runs
/// [`child_of_another_user`] alone, as that user.
fn load_as_other(machine: &Machine) -> String {
    let program = machine.0.path().join("test");
    // By a process of its own: a program that this one has open for writing, were it only in a
    // child that another test is just starting, cannot be run (ETXTBSY).
    let copied = Command::new("cp")
        .arg(std::env::current_exe().unwrap())
        .arg(&program)
        .status()
        .unwrap();
    assert!(copied.success());
    set_mode(&program, 0o755);
    let output = machine.0.path().join("output");
    write(&output, "");
    chown(&output, Some(OTHER), None).unwrap();
    let status = Command::new(&program)
        .args([
            "--exact",
            "settings::tests::files::linux::child_of_another_user",
        ])
        .env(CHILD, machine.0.path())
        .current_dir("/")
        .uid(OTHER)
        .gid(OTHER)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    fs::read_to_string(output).unwrap()
}

#[test]
fn child_of_another_user() {
    let Some(dir) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    let loaded = load(&Places {
        policy: Location::File(dir.join("policy/policy.toml")),
        installation: None,
        file: ConfigFile::Given(dir.join("file/config.toml")),
        user: None,
        build: Build::Release,
    });
    let settings = &loaded.settings;
    let hooks = usize::from(!settings.hooks.on_session_end.is_empty());
    let result = format!("keep_days {} hooks {hooks}", settings.log.keep_days);
    fs::write(
        dir.join("output"),
        format!("{}\n{result}\n", shown(&loaded.errors)),
    )
    .unwrap();
}
