//! Whether a process is one of Cardea's own programs.
//!
//! What this cannot tell: a program of the same user that connects, hands the socket to another
//! process and then becomes one of ours by exec. A token is no wall against malware of the same
//! user either (contract, section 4.6).

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat, openat, readlinkat, statat};
use rustix::io::Errno;
use rustix::process::Pid;

/// The names our programs are installed by, beside the agent. A folder such as /usr/bin holds
/// many more.
const OWN_PROGRAMS: [&str; 3] = ["cardea", "cardea-desktop", "cardea-dev"];

/// How long the computer has been up, in hundredths of a second: the unit in which the kernel says
/// when a process started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uptime(u64);

impl Uptime {
    pub(super) fn now() -> Self {
        let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let seconds = text.split_ascii_whitespace().next().unwrap_or_default();
        Self(seconds.replace('.', "").parse().unwrap_or_default())
    }
}

/// Whether process `pid`, connected at `since`, runs one of the programs beside our own
/// executable, or our own executable.
///
/// # Errors
/// When the process is gone or does not let us look.
pub(super) fn is_own_program(pid: i32, since: Uptime) -> io::Result<bool> {
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
    // Everything is read through this one handle, which dies with its process: it cannot come to
    // mean another process of the same number.
    let process = openat(
        CWD,
        format!("/proc/{}", pid.as_raw_nonzero()),
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    // Another one may have had the number when it connected.
    if started(&read(&process, "stat")?).is_none_or(|started| started > since) {
        return Ok(false);
    }
    let own = std::env::current_exe()?;
    let path = readlinkat(&process, "exe", Vec::new())?;
    let Some(name) = Path::new(OsStr::from_bytes(path.as_bytes())).file_name() else {
        return Ok(false);
    };
    let is_ours = own.file_name() == Some(name) || OWN_PROGRAMS.iter().any(|ours| *ours == name);
    if !is_ours {
        return Ok(false);
    }
    // The path is as the process sees it, perhaps in a mount namespace of its own making. So the
    // file it runs must be the very file that we see beside us.
    let theirs = statat(&process, "exe", AtFlags::empty())?;
    match statat(CWD, own.with_file_name(name), AtFlags::empty()) {
        Ok(beside_us) => Ok(is_same_file(&theirs, &beside_us)),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The file that a process runs, as the process sees it.
///
/// # Errors
/// When the process is gone or does not let us look.
pub(crate) fn program_of(process: u32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{process}/exe"))
}

fn is_same_file(one: &Stat, other: &Stat) -> bool {
    one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

fn read(process: &impl std::os::fd::AsFd, name: &str) -> io::Result<String> {
    let file = openat(
        process,
        name,
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    io::read_to_string(std::fs::File::from(file))
}

/// Field 22 of `proc_pid_stat(5)`. The second field is a name in brackets that may hold anything.
fn started(stat: &str) -> Option<Uptime> {
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok().map(Uptime)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn pid() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    struct Other(Child);

    impl Drop for Other {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn run(program: &Path) -> Other {
        let child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.unwrap();
        // `cat` answers once it runs: until then the process is still a copy of this one.
        let mut byte = [0];
        io::Write::write_all(child.stdin.as_mut().unwrap(), b"x").unwrap();
        io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut byte).unwrap();
        Other(child)
    }

    #[test]
    fn our_own_executable_is_ours_and_another_program_is_not() {
        assert!(is_own_program(pid(), Uptime::now()).unwrap());
        let cat = run(Path::new("cat"));
        assert!(!is_own_program(cat.0.id().cast_signed(), Uptime::now()).unwrap());
    }

    #[test]
    fn a_program_of_our_name_in_another_folder_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("cardea");
        std::fs::copy("/bin/cat", &fake).unwrap();
        let fake = run(&fake);
        assert!(!is_own_program(fake.0.id().cast_signed(), Uptime::now()).unwrap());
    }

    #[test]
    fn a_process_that_started_after_the_connection_is_not_the_caller() {
        assert!(!is_own_program(pid(), Uptime(0)).unwrap());
    }

    #[test]
    fn a_name_with_brackets_does_not_move_the_start_time() {
        let fields: Vec<String> = (3..=52).map(|field| field.to_string()).collect();
        let stat = format!("1 (a) b (c)) {}", fields.join(" "));
        assert_eq!(started(&stat), Some(Uptime(22)));
    }
}
