//! Which of our programs run, and where.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use cardea_win32::Process;
use cardea_win32::sessions::{Listed, processes};

/// The agent, and the tools.
const AGENT: &str = "cardea.exe";
const DESKTOP: &str = "cardea-desktop.exe";

/// One of our programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The agent, or a tool.
    Agent,
    /// Tray or window, which starts the agent.
    Desktop,
}

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
    /// Those of this program's folder, without this process.
    pub(super) ours: Vec<Program>,
    /// How many have such a name and do not let us look whether they are.
    pub(super) unknown: usize,
}

/// The folder of this program, and itself.
pub(super) fn this_program() -> io::Result<(PathBuf, PathBuf)> {
    let this = env::current_exe()?;
    let folder = this.parent().unwrap_or(&this).to_owned();
    Ok((folder, this))
}

/// The program of this kind in the same folder.
pub(super) fn program_of(kind: Kind, folder: &Path) -> PathBuf {
    folder.join(match kind {
        Kind::Agent => AGENT,
        Kind::Desktop => DESKTOP,
    })
}

/// Looks at every process of the computer.
pub(super) fn look() -> io::Result<Programs> {
    let (folder, _) = this_program()?;
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

fn is_in(program: &Path, folder: &Path) -> bool {
    let folder = folder.as_os_str();
    program
        .parent()
        .is_some_and(|its| its.as_os_str().eq_ignore_ascii_case(folder))
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
        assert!(!is_in(
            Path::new(r"C:\Program Files\Cardea\sub\cardea.exe"),
            folder
        ));
    }

    #[test]
    fn this_process_is_not_among_them() {
        let found = look().unwrap();
        let this = std::process::id();
        assert!(found.ours.iter().all(|program| program.process != this));
    }
}
