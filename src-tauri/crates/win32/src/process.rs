//! Another process: whose it is, in which session, what it runs.

use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use windows_sys::Win32::System::SystemInformation::{ComputerNameDnsHostname, GetComputerNameExW};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcessId, GetProcessTimes, OpenProcess, PROCESS_NAME_WIN32,
    PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE,
    QueryFullProcessImageNameW, TerminateProcess,
};

use windows_sys::Win32::System::WindowsProgramming::{GetComputerNameW, MAX_COMPUTERNAME_LENGTH};

use crate::Sid;
use crate::handle::{own, succeeded};
use crate::sessions::Running;
use crate::sid::{token_of, user_of};
use crate::wait_for_any;

/// The longest path that Windows knows, in UTF-16 units.
const LONGEST_PATH: u32 = 32_768;

/// A process, kept from becoming another one of the same number while this is held.
#[derive(Debug)]
pub struct Process {
    id: u32,
    handle: OwnedHandle,
}

impl Process {
    /// The process of this number.
    ///
    /// # Errors
    /// When there is none, or it does not let us look, as those of other users may.
    pub fn open(id: u32) -> io::Result<Self> {
        // SAFETY: takes numbers only; the handle is ours to close.
        let handle = unsafe { own(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, id)) }?;
        Ok(Self { id, handle })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The process of this number, to be waited for and ended.
    ///
    /// # Errors
    /// When there is none, or it may not be ended.
    pub fn open_to_end(id: u32) -> io::Result<Running> {
        let rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE | PROCESS_TERMINATE;
        // SAFETY: takes numbers only; the handle is ours to close.
        unsafe { own(OpenProcess(rights, 0, id)) }.map(Running::new)
    }

    /// The user it runs as.
    ///
    /// # Errors
    /// When Windows does not say.
    pub fn user(&self) -> io::Result<Sid> {
        // SAFETY: a process handle with the right to query.
        user_of(&unsafe { token_of(self.handle.as_raw_handle()) }?)
    }

    /// The session it runs in.
    ///
    /// # Errors
    /// When Windows does not say.
    pub fn session(&self) -> io::Result<u32> {
        session_of(self.id)
    }

    /// The program it runs.
    ///
    /// # Errors
    /// When Windows does not say.
    pub fn program(&self) -> io::Result<PathBuf> {
        let mut path = vec![0; LONGEST_PATH as usize];
        let mut length = LONGEST_PATH;
        // SAFETY: a buffer of that length.
        succeeded(unsafe {
            QueryFullProcessImageNameW(
                self.handle.as_raw_handle(),
                PROCESS_NAME_WIN32,
                path.as_mut_ptr(),
                &raw mut length,
            )
        })?;
        let path = &path[..length as usize];
        Ok(std::ffi::OsString::from_wide(path).into())
    }

    /// When it started, in units of 100 ns since 1601.
    ///
    /// # Errors
    /// When Windows does not say.
    pub fn started(&self) -> io::Result<u64> {
        let none = FILETIME {
            dwLowDateTime: 0,
            dwHighDateTime: 0,
        };
        let [mut started, mut exit, mut kernel, mut user] = [none; 4];
        // SAFETY: four places for the answer.
        succeeded(unsafe {
            GetProcessTimes(
                self.handle.as_raw_handle(),
                &raw mut started,
                &raw mut exit,
                &raw mut kernel,
                &raw mut user,
            )
        })?;
        Ok(u64::from(started.dwHighDateTime) << 32 | u64::from(started.dwLowDateTime))
    }

    /// Ends it at once, whatever it does, and waits until it has gone.
    ///
    /// # Errors
    /// When Windows does not let us end it, or it has not gone within `limit`
    /// ([`io::ErrorKind::TimedOut`]).
    pub fn end(&self, limit: Duration) -> io::Result<()> {
        let rights = PROCESS_TERMINATE | PROCESS_SYNCHRONIZE;
        // SAFETY: takes numbers only; the handle is ours to close. The number still is this
        // process's, because its handle is held.
        let process = unsafe { own(OpenProcess(rights, 0, self.id)) }?;
        let failed = 1;
        // SAFETY: a process handle with the right to end it.
        succeeded(unsafe { TerminateProcess(process.as_raw_handle(), failed) })?;
        match wait_for_any(&[process.as_handle()], limit)? {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// The session of this process: another one for each user at the computer, and over RDP.
///
/// # Errors
/// When Windows does not say.
pub fn this_session() -> io::Result<u32> {
    // SAFETY: takes nothing.
    session_of(unsafe { GetCurrentProcessId() })
}

/// The name of this computer.
///
/// # Errors
/// When Windows does not say.
pub fn computer_name() -> io::Result<String> {
    let mut name = [0; MAX_COMPUTERNAME_LENGTH as usize + 1];
    let mut length = MAX_COMPUTERNAME_LENGTH + 1;
    // SAFETY: a buffer of that length.
    succeeded(unsafe { GetComputerNameW(name.as_mut_ptr(), &raw mut length) })?;
    Ok(String::from_utf16_lossy(&name[..length as usize]))
}

/// The name of this computer in the DNS, without its domain; it may be longer than the other one.
///
/// # Errors
/// When Windows does not say.
pub fn dns_host_name() -> io::Result<String> {
    // A label of the DNS has 63 characters at most.
    let mut name = [0; 64];
    let mut length = name.len() as u32;
    // SAFETY: a buffer of that length.
    succeeded(unsafe {
        GetComputerNameExW(ComputerNameDnsHostname, name.as_mut_ptr(), &raw mut length)
    })?;
    Ok(String::from_utf16_lossy(&name[..length as usize]))
}

fn session_of(process: u32) -> io::Result<u32> {
    let mut session = 0;
    // SAFETY: a number, and a place for the answer.
    succeeded(unsafe { ProcessIdToSessionId(process, &raw mut session) })?;
    Ok(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_computer_has_a_name_of_each_kind() {
        let short = computer_name().unwrap();
        let long = dns_host_name().unwrap();
        let start = long.get(..short.len()).unwrap();
        assert!(start.eq_ignore_ascii_case(&short), "{short} and {long}");
    }

    #[test]
    fn this_process_is_ours_and_runs_this_program() {
        let process = Process::open(std::process::id()).unwrap();
        assert_eq!(process.user().unwrap(), Sid::of_this_user().unwrap());
        assert_eq!(process.session().unwrap(), this_session().unwrap());
        let name = |path: PathBuf| path.file_name().map(std::ffi::OsStr::to_owned);
        let this = std::env::current_exe().unwrap();
        assert_eq!(name(process.program().unwrap()), name(this));
        assert!(process.started().unwrap() > 0);
    }

    #[test]
    fn a_process_is_ended() {
        let mut child = std::process::Command::new("cmd.exe")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let process = Process::open(child.id()).unwrap();
        process.end(Duration::from_secs(20)).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1));
    }

    #[test]
    fn no_process_is_an_error() {
        // Numbers of processes are multiples of four.
        assert!(Process::open(3).is_err());
    }
}
