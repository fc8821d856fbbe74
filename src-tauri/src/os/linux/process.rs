//! Another process (pidfd_open(2), proc(5)).

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// What the kernel says behind the path of a program whose file was replaced, as updates do.
const REPLACED: &[u8] = b" (deleted)";

/// A process; never another one that was given its number since.
#[derive(Debug)]
pub(crate) struct Process {
    id: Pid,
    descriptor: OwnedFd,
}

impl Process {
    /// The process of this number.
    pub(crate) fn open(id: u32) -> io::Result<Self> {
        let id = i32::try_from(id).ok().and_then(Pid::from_raw);
        let id = id.ok_or(io::ErrorKind::NotFound)?;
        let descriptor = pidfd_open(id, PidfdFlags::empty())?;
        Ok(Self { id, descriptor })
    }

    /// The program it runs, without links on the way.
    pub(crate) fn program(&self) -> io::Result<PathBuf> {
        let link = std::fs::read_link(format!("/proc/{}/exe", self.id.as_raw_nonzero()))?;
        let path = link.as_os_str().as_bytes();
        let path = path.strip_suffix(REPLACED).unwrap_or(path);
        Ok(PathBuf::from(OsStr::from_bytes(path)))
    }

    /// Kills it, and waits until it has ended; not longer than `limit`.
    pub(crate) fn end(&self, limit: Duration) -> io::Result<()> {
        pidfd_send_signal(&self.descriptor, Signal::KILL)?;
        // Readable once the process has ended.
        let mut ended = [PollFd::new(&self.descriptor, PollFlags::IN)];
        let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
        match retry_on_intr(|| poll(&mut ended, Some(&limit)))? {
            0 => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_that_is_stopped_is_ended_all_the_same() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let process = Process::open(child.id()).unwrap();
        pidfd_send_signal(&process.descriptor, Signal::STOP).unwrap();
        process.end(Duration::from_secs(20)).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        assert!(Process::open(child.id()).is_err(), "it was waited for");
    }

    #[test]
    fn this_process_runs_this_program() {
        let this = Process::open(std::process::id()).unwrap();
        let program = std::env::current_exe().unwrap();
        assert_eq!(this.program().unwrap(), program.canonicalize().unwrap());
    }

    #[test]
    fn a_program_whose_file_was_replaced_is_known_by_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let program = folder.join("cat");
        std::fs::copy("/bin/cat", &program).unwrap();
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::fs::remove_file(&program).unwrap();
        let process = Process::open(child.id()).unwrap();
        assert_eq!(process.program().unwrap(), program);
        process.end(Duration::from_secs(20)).unwrap();
        child.wait().unwrap();
    }
}
