//! Which of our programs run, and where.

use std::env;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf, Prefix};

use cardea_win32::Process;
use cardea_win32::registry::{Hive, Limits, Value, read_values};
use cardea_win32::sessions::{Listed, processes};

/// The agent, and the tools.
const AGENT: &str = "cardea.exe";
const DESKTOP: &str = "cardea-desktop.exe";

/// What the installer remembers, among it where it put the programs.
const SETUP: &str = r"Software\CardeaSetup";
const SETUP_LIMITS: Limits = Limits {
    depth: 0,
    entries: 64,
    bytes: 64 * 1024,
};

/// One of our programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The agent, or a tool.
    Agent,
    /// Tray or window, which starts the agent.
    Desktop,
}

/// The session of services and of tools that IT runs, in which no user is.
pub(super) const SERVICES: u32 = 0;

/// One that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) process: u32,
    pub(super) session: u32,
    pub(super) kind: Kind,
}

/// What runs.
#[derive(Debug, Default)]
pub(super) struct Programs {
    /// Those that are installed, without this process.
    pub(super) ours: Vec<Program>,
    /// How many have such a name and do not let us look whether they are.
    pub(super) unknown: usize,
}

/// Where the programs are: where the installer put them, so that a copy that is run from elsewhere
/// looks after those; else where this one is.
pub(super) fn folder() -> io::Result<PathBuf> {
    let setup = read_values(Hive::LocalMachine, SETUP, SETUP_LIMITS)?;
    let installed = setup.unwrap_or_default().into_iter();
    let installed = installed.filter(|(name, _)| name.eq_ignore_ascii_case("InstallDir"));
    for (_, value) in installed {
        if let Value::Text(folder) = value
            && program_of(Kind::Agent, Path::new(&folder)).is_file()
        {
            return Ok(folder.into());
        }
    }
    let this = env::current_exe()?;
    Ok(this.parent().unwrap_or(&this).to_owned())
}

/// The program of this kind in the same folder.
pub(super) fn program_of(kind: Kind, folder: &Path) -> PathBuf {
    folder.join(match kind {
        Kind::Agent => AGENT,
        Kind::Desktop => DESKTOP,
    })
}

/// The program that does an errand in a session.
pub(super) fn agent() -> io::Result<PathBuf> {
    Ok(program_of(Kind::Agent, &folder()?))
}

/// Looks at every process of the computer.
pub(super) fn look() -> io::Result<Programs> {
    let folder = folder()?;
    let folder = fs::canonicalize(&folder).unwrap_or(folder);
    let mut found = Programs::default();
    for Listed { id, name } in processes()? {
        let Some(kind) = kind_of(&name).filter(|_| id != std::process::id()) else {
            continue;
        };
        let looked = Process::open(id).and_then(|process| {
            let (path, session) = (process.program()?, process.session()?);
            Ok((path, session))
        });
        match looked {
            Ok((path, session)) if is_in(&path, &folder) => found.ours.push(Program {
                process: id,
                session,
                kind,
            }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => found.unknown += 1,
            // It has ended.
            Err(_) => {}
        }
    }
    Ok(found)
}

fn kind_of(name: &str) -> Option<Kind> {
    [(AGENT, Kind::Agent), (DESKTOP, Kind::Desktop)]
        .into_iter()
        .find(|(ours, _)| name.eq_ignore_ascii_case(ours))
        .map(|(_, kind)| kind)
}

/// Short names, links and letters of either case lead to the same folder. While it runs, Windows Installer
/// may have moved a program out of the way, under a name that ends like this.
fn is_in(program: &Path, folder: &Path) -> bool {
    const MOVED: &str = "rbf";
    if program
        .extension()
        .is_some_and(|its| its.eq_ignore_ascii_case(MOVED))
    {
        return true;
    }
    if !is_on_a_disk(program) {
        return false;
    }
    let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let folder = folder.as_os_str();
    program
        .parent()
        .is_some_and(|its| its.as_os_str().eq_ignore_ascii_case(folder))
}

/// What a user runs from elsewhere may lie on a computer of theirs: a look at it would tell that one
/// who we are, and take as long as it likes.
fn is_on_a_disk(program: &Path) -> bool {
    let Some(Component::Prefix(first)) = program.components().next() else {
        return false;
    };
    matches!(first.kind(), Prefix::Disk(_) | Prefix::VerbatimDisk(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_programs_are_known_by_name_and_folder() {
        assert_eq!(kind_of("Cardea.EXE"), Some(Kind::Agent));
        assert_eq!(kind_of("cardea-desktop.exe"), Some(Kind::Desktop));
        assert_eq!(kind_of("cardea-dev.exe"), None);
        let folder = Path::new(r"C:\Program Files\Cardea");
        assert!(is_in(
            Path::new(r"c:\program files\cardea\cardea.exe"),
            folder
        ));
        assert!(!is_in(Path::new(r"C:\Users\x\cardea.exe"), folder));
        assert!(is_in(Path::new(r"C:\Config.Msi\1a2b.rbf"), folder));
        assert!(!is_in(
            Path::new(r"C:\Program Files\Cardea\sub\cardea.exe"),
            folder
        ));
    }

    #[test]
    fn another_name_of_the_folder_is_the_same_folder() {
        let this = env::current_exe().unwrap();
        let folder = fs::canonicalize(this.parent().unwrap()).unwrap();
        assert!(is_in(&this, &folder));
        let name = this.parent().unwrap().file_name().unwrap();
        let around = this.parent().unwrap().join("..").join(name);
        assert!(is_in(&around.join(this.file_name().unwrap()), &folder));
        assert!(!is_in(&around, &folder));
    }

    #[test]
    fn what_is_on_another_computer_is_none_of_ours_and_not_looked_at() {
        // Each is in this folder, by its name alone.
        for program in [
            r"\\host\share\cardea.exe",
            r"\\?\UNC\host\share\cardea.exe",
            r"\\.\pipe\cardea.exe",
            r"\Device\Mup\host\share\cardea.exe",
        ] {
            let program = Path::new(program);
            assert!(!is_in(program, program.parent().unwrap()), "{program:?}");
        }
        let verbatim = Path::new(r"\\?\C:\Program Files\Cardea\cardea.exe");
        assert!(is_in(verbatim, verbatim.parent().unwrap()));
    }

    #[test]
    fn this_process_is_not_among_them() {
        let found = look().unwrap();
        let this = std::process::id();
        assert!(found.ours.iter().all(|program| program.process != this));
    }
}
