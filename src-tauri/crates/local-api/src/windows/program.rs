//! Whether a process is one of Cardea's own programs.
//!
//! What this cannot tell: a program of the same user that makes one of ours do its bidding. A token
//! is no wall against malware of the same user either (contract, section 4.6).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use cardea_win32::Process;

/// The names our programs are installed by, beside the agent.
const OWN_PROGRAMS: [&str; 3] = ["cardea.exe", "cardea-desktop.exe", "cardea-dev.exe"];
/// From 1601 to 1970, in units of 100 ns.
const UNIX_EPOCH_IN_WINDOWS: u64 = 116_444_736_000_000_000;

/// A moment in the unit in which Windows says when a process started: 100 ns since 1601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let units = since_1970.unwrap_or_default().as_nanos() / 100;
        Self(UNIX_EPOCH_IN_WINDOWS.saturating_add(u64::try_from(units).unwrap_or(u64::MAX)))
    }
}

/// Whether `process`, connected at `since`, runs one of the programs beside our own executable, or
/// our own executable.
///
/// # Errors
/// When the process is gone or does not let us look.
pub(super) fn is_own_program(process: &Process, since: Moment) -> io::Result<bool> {
    // Another one may have had the number when it connected.
    if Moment(process.started()?) > since {
        return Ok(false);
    }
    let own = std::env::current_exe()?;
    let path = process.program()?;
    let Some(name) = path.file_name() else {
        return Ok(false);
    };
    let is_ours = own.file_name() == Some(name)
        || OWN_PROGRAMS
            .iter()
            .any(|ours| name.eq_ignore_ascii_case(ours));
    if !is_ours {
        return Ok(false);
    }
    // Links on the way and letters of either case are the same file.
    match fs::canonicalize(own.with_file_name(name)) {
        Ok(beside_us) => Ok(fs::canonicalize(path)? == beside_us),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The file that a process runs.
///
/// # Errors
/// When the process is gone or does not let us look.
pub(crate) fn program_of(process: u32) -> io::Result<PathBuf> {
    Process::open(process)?.program()
}

/// Who signed a program; none when nobody did whom this computer trusts, or it cannot be told.
pub(crate) fn signer_of(program: &Path) -> Option<String> {
    cardea_win32::signer_of(program).unwrap_or_else(|error| {
        tracing::debug!(%error, "who signed a program cannot be told");
        None
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    struct Other(Child);

    impl Other {
        fn run(program: &Path) -> Self {
            // Waits for input that never comes.
            let child = Command::new(program).stdin(Stdio::piped()).spawn();
            Self(child.unwrap())
        }

        fn process(&self) -> Process {
            Process::open(self.0.id()).unwrap()
        }
    }

    impl Drop for Other {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn shell() -> PathBuf {
        std::env::var_os("ComSpec").unwrap().into()
    }

    #[test]
    fn our_own_executable_is_ours_and_another_program_is_not() {
        let own = Process::open(std::process::id()).unwrap();
        assert!(is_own_program(&own, Moment::now()).unwrap());
        let other = Other::run(&shell());
        assert!(!is_own_program(&other.process(), Moment::now()).unwrap());
    }

    #[test]
    fn a_program_of_our_name_in_another_folder_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("cardea.exe");
        fs::copy(shell(), &fake).unwrap();
        let fake = Other::run(&fake);
        assert!(!is_own_program(&fake.process(), Moment::now()).unwrap());
    }

    #[test]
    fn a_process_that_started_after_the_connection_is_not_the_caller() {
        let own = Process::open(std::process::id()).unwrap();
        assert!(!is_own_program(&own, Moment(0)).unwrap());
    }
}
