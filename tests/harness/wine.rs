//! A Windows of one test's own: a prefix of Wine, the programs that were built for it, and the
//! libraries beside them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// Where `cargo xtask test` builds for Windows.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/windows");

/// The programs of the profile that this one is built with, as the benches are in release.
const PROFILE: &str = if cfg!(debug_assertions) {
    "x86_64-pc-windows-gnu/debug"
} else {
    "x86_64-pc-windows-gnu/release"
};

/// The agent and its tools.
pub const CARDEA: &str = "cardea.exe";
/// A clinical program.
pub const LISTENER: &str = "listener.exe";
/// A program that asks the agent one thing.
pub const CALLER: &str = "caller.exe";
/// What is run when a session has ended.
pub const HOOK: &str = "hook.exe";
/// What sends the agent what Windows would.
pub const DESKTOP_EVENT: &str = "desktop-event.exe";
/// The card source in a process of its own.
pub const READER_PROCESS: &str = "reader-process.exe";
/// The same with a binding to PC/SC that panics on codes it does not know, as in debug builds.
pub const PANICKING_READER_PROCESS: &str = "panicking/reader-process.exe";

/// What a prefix has of its own. The folder of Windows itself is shared by all and written by none.
const OWN: &[&str] = &[
    ".update-timestamp",
    "drive_c/Program Files",
    "drive_c/ProgramData",
    "drive_c/users",
    "system.reg",
    "user.reg",
    "userdef.reg",
];

/// The prefix. What runs in it is ended when dropped.
pub struct Wine {
    prefix: TempDir,
    /// The value of `DISPLAY`, where programs are shown.
    display: Option<String>,
}

impl Wine {
    /// Makes one, as it is after the installation of Windows.
    pub fn new() -> Self {
        Self::with_display(None)
    }

    /// One whose programs are shown on this display.
    pub fn shown_on(display: &str) -> Self {
        let wine = Self::with_display(Some(display.to_owned()));
        // Not by a program, which would be shown nowhere and stay.
        let registry = wine.prefix.path().join("user.reg");
        let text = fs::read_to_string(&registry).unwrap();
        let shown = text.replace("\"Graphics\"=\"null\"", "\"Graphics\"=\"x11\"");
        assert_ne!(shown, text, "the template shows nothing");
        fs::write(&registry, shown).unwrap();
        wine
    }

    fn with_display(display: Option<String>) -> Self {
        let template = template();
        let prefix = tempfile::Builder::new()
            .prefix("cardea-wine-")
            .tempdir()
            .unwrap();
        fs::create_dir(prefix.path().join("drive_c")).unwrap();
        fs::create_dir(prefix.path().join("dosdevices")).unwrap();
        for name in OWN {
            copy(&template.join(name), &prefix.path().join(name));
        }
        let link = |target: &Path, name: &str| symlink(target, prefix.path().join(name)).unwrap();
        link(&template.join("drive_c/windows"), "drive_c/windows");
        link(Path::new("../drive_c"), "dosdevices/c:");
        link(Path::new("/"), "dosdevices/z:");
        let own = prefix.path().join("drive_c/test");
        fs::create_dir(&own).unwrap();
        put(&Path::new(BUILT).join("bcryptprimitives.dll"), &own);
        Self { prefix, display }
    }

    /// The folder that programs see as `C:\`.
    pub fn drive(&self) -> PathBuf {
        self.prefix.path().join("drive_c")
    }

    /// A program that was built for Windows, such as [`CARDEA`], with what it needs beside
    /// it: `bcryptprimitives.dll`, which Wine 8 lacks, and our `winscard.dll`.
    pub fn command(&self, program: &str) -> Command {
        self.command_in("test", program)
    }

    /// The bytes of a program.
    pub fn program(program: &str) -> Vec<u8> {
        fs::read(Path::new(BUILT).join(PROFILE).join(program)).unwrap()
    }

    /// The same from a folder of this name below `C:\`.
    pub fn command_in(&self, folder: &str, program: &str) -> Command {
        let folder = self.drive().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let built = Path::new(BUILT);
        let program = match program.contains('/') {
            true => built.join(program),
            false => built.join(PROFILE).join(program),
        };
        let winscard = built.join(PROFILE).join("winscard.dll");
        let parts = [program, winscard, built.join("bcryptprimitives.dll")];
        let [program, ..] = parts.map(|file| put(&file, &folder));
        let mut command = self.wine();
        command.arg(program);
        command
    }

    /// Puts another file that was built beside the programs.
    pub fn put_beside(&self, file: &str) {
        let folder = self.drive().join("test");
        put(&Path::new(BUILT).join(PROFILE).join(file), &folder);
    }

    /// Adds to the registry what stands here in the form of a `.reg` file, without its first line.
    pub fn import_registry(&self, keys: &str) {
        let file = self.drive().join("test/import.reg");
        fs::write(&file, format!("REGEDIT4\n\n{keys}")).unwrap();
        let mut import = self.wine();
        import
            .args(["reg", "import"])
            .arg(&file)
            .stdout(Stdio::null());
        assert!(import.status().unwrap().success(), "{keys}");
    }

    /// Says from now on that it is Windows 10, as installers see it, and has what Wine lacks for
    /// programs that an installer starts in its user's name. It is one of before build 17763, which
    /// brought dark windows: tao asks for them by functions of uxtheme that have numbers and no names,
    /// and what Wine has under such a number is another function, which may crash.
    pub fn be_windows_10(&self) {
        self.import_registry(
            "[HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Control\\Session Manager\\Environment]\n\
             \"PATH\"=\"C:\\\\windows\\\\system32;C:\\\\windows;C:\\\\test\"\n",
        );
        let status = self.wine().args(["winecfg", "-v", "win10"]).status();
        assert!(status.unwrap().success());
        self.import_registry(
            "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion]\n\
             \"CurrentBuild\"=\"17134\"\n\"CurrentBuildNumber\"=\"17134\"\n",
        );
    }

    /// One of Windows' own programs, or one that was installed. What Wine lacks is found by the
    /// search path: nothing is put beside it.
    pub fn installed(&self, program: &str) -> Command {
        let mut command = self.wine();
        command.arg(program).env("WINEPATH", r"C:\test");
        // Its smart-card service is Wine's own, which is not there.
        command.env_remove("WINEDLLOVERRIDES");
        command
    }

    /// Where the machine's part of the registry is, as it was written last.
    pub fn machine_registry(&self) -> String {
        self.end_everything();
        fs::read_to_string(self.prefix.path().join("system.reg")).unwrap()
    }

    /// Ends what runs, and has the registry written.
    fn end_everything(&self) {
        let mut server = Command::new("wineserver");
        in_prefix(&mut server, self.prefix.path());
        let _not_started = server.args(["-k", "-w"]).status();
    }

    fn wine(&self) -> Command {
        let mut command = Command::new("wine");
        in_prefix(&mut command, self.prefix.path());
        command.env("WINEDLLOVERRIDES", "winscard=n");
        command.envs(self.display.iter().map(|display| ("DISPLAY", display)));
        command
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end_everything();
    }
}

fn in_prefix(command: &mut Command, prefix: &Path) {
    command
        .env("WINEPREFIX", prefix)
        .env("WINEDEBUG", "-all")
        .stderr(Stdio::null());
}

/// A prefix that nothing has run in, made by the first that asks; it takes ten seconds.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let template = Path::new(BUILT).join("wine-prefix");
        if template.exists() {
            return template;
        }
        let new = Path::new(BUILT).join(format!("wine-prefix-{}", std::process::id()));
        let run = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            in_prefix(&mut command, &new);
            // Neither .NET nor a browser is wanted.
            command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
            let status = command.args(arguments).status().unwrap();
            assert!(status.success(), "{program} {arguments:?}");
        };
        run("wine", &["wineboot", "--init"]);
        // Without a screen, programs have windows by the driver that shows nothing.
        let drivers = r"HKCU\Software\Wine\Drivers";
        let null = ["/v", "Graphics", "/d", "null", "/f"];
        run("wine", &[&["reg", "add", drivers], &null[..]].concat());
        run("wineserver", &["-w"]);
        // Another test run may have been faster.
        if fs::rename(&new, &template).is_err() {
            fs::remove_dir_all(&new).unwrap();
        }
        template
    })
}

fn put(file: &Path, folder: &Path) -> PathBuf {
    let there = folder.join(file.file_name().unwrap());
    // What runs has it mapped: it must not be written again.
    if there.exists() {
        return there;
    }
    fs::copy(file, &there).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; the stage `windows` of `cargo xtask test` builds it",
            file.display()
        )
    });
    there
}

fn copy(from: &Path, to: &Path) {
    let kind = fs::symlink_metadata(from).unwrap().file_type();
    // The user's Desktop and the like are links to the folders of whoever runs the tests.
    if kind.is_symlink() {
        fs::create_dir(to).unwrap();
    } else if kind.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
