//! The sessions of this computer, what runs in them, and starting something there as their user.

use std::io;
use std::os::windows::io::{AsRawHandle as _, OwnedHandle};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Environment::{CreateEnvironmentBlock, DestroyEnvironmentBlock};
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CURRENT_SERVER_HANDLE, WTS_SESSION_INFOW, WTSActive, WTSDisconnected,
    WTSEnumerateSessionsW, WTSFreeMemory, WTSQueryUserToken,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_UNICODE_ENVIRONMENT, CreateProcessAsUserW, GetExitCodeProcess,
    INFINITE, PROCESS_INFORMATION, STARTUPINFOW, TerminateProcess, WaitForSingleObject,
};

use crate::Sid;
use crate::handle::{own, succeeded};
use crate::text::wide;
use crate::this_session;

/// The operating system itself, as whom services and installers run.
const LOCAL_SYSTEM: &str = "S-1-5-18";

/// A process by number and file name; whose it is, and which program exactly, it may not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub id: u32,
    /// The file name of its program.
    pub name: String,
}

/// Every process of the computer.
///
/// # Errors
/// What Windows says.
pub fn processes() -> io::Result<Vec<Listed>> {
    // SAFETY: takes numbers; the handle is ours to close.
    let snapshot = unsafe { own(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0)) }?;
    // SAFETY: zeros are good for each of its fields; its size is named next.
    let mut entry: PROCESSENTRY32W = unsafe { std::mem::zeroed() };
    entry.dwSize = size_of::<PROCESSENTRY32W>() as u32;
    let mut found = Vec::new();
    // SAFETY: an open snapshot, and an entry that names its size.
    let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &raw mut entry) };
    while more != 0 {
        let length = entry.szExeFile.iter().position(|unit| *unit == 0);
        let name = &entry.szExeFile[..length.unwrap_or(entry.szExeFile.len())];
        found.push(Listed {
            id: entry.th32ProcessID,
            name: String::from_utf16_lossy(name),
        });
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot.as_raw_handle(), &raw mut entry) };
    }
    Ok(found)
}

/// The sessions in which somebody may be logged on: those at the computer, by Remote Desktop, and
/// those that were left without logging off.
///
/// # Errors
/// What Windows says.
pub fn sessions() -> io::Result<Vec<u32>> {
    let (mut list, mut count) = (std::ptr::null_mut::<WTS_SESSION_INFOW>(), 0);
    // SAFETY: places for a list and its length.
    succeeded(unsafe {
        WTSEnumerateSessionsW(
            WTS_CURRENT_SERVER_HANDLE,
            0,
            1,
            &raw mut list,
            &raw mut count,
        )
    })?;
    if list.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: Windows filled so many entries; freed once, after they were read.
    unsafe {
        let entries = std::slice::from_raw_parts(list, count as usize);
        let with_users = entries
            .iter()
            .filter(|entry| entry.State == WTSActive || entry.State == WTSDisconnected)
            .map(|entry| entry.SessionId)
            .collect();
        WTSFreeMemory(list.cast());
        Ok(with_users)
    }
}

/// A process that was started in a session, or one that is waited for.
#[derive(Debug)]
pub struct Running(OwnedHandle);

impl Running {
    pub(crate) fn new(handle: OwnedHandle) -> Self {
        Self(handle)
    }

    /// Waits for its end, not longer than `limit`: its exit code, or none when it still runs.
    ///
    /// # Errors
    /// What Windows says.
    pub fn wait(&self, limit: Duration) -> io::Result<Option<u32>> {
        let limit = u32::try_from(limit.as_millis()).unwrap_or(INFINITE - 1);
        let handle = self.0.as_raw_handle();
        // SAFETY: an open process, with the right to wait for it.
        match unsafe { WaitForSingleObject(handle, limit) } {
            WAIT_OBJECT_0 => {}
            WAIT_TIMEOUT => return Ok(None),
            _ => return Err(io::Error::last_os_error()),
        }
        let mut code = 0;
        // SAFETY: an open process, and a place for the answer.
        succeeded(unsafe { GetExitCodeProcess(handle, &raw mut code) })?;
        Ok(Some(code))
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// What Windows says; also when it has ended by itself.
    pub fn terminate(&self) -> io::Result<()> {
        // SAFETY: an open process, with the right to end it.
        succeeded(unsafe { TerminateProcess(self.0.as_raw_handle(), 1) })
    }
}

/// Starts a program without a console in a session, as the user who is logged on there and without
/// the rights of an administrator. Only the operating system itself may do that; any user can in
/// their own session, with the rights that they have.
///
/// # Errors
/// What Windows says; for instance that nobody is logged on there.
pub fn start_in_session(session: u32, program: &Path, arguments: &[&str]) -> io::Result<Running> {
    match token_of_session(session) {
        Ok(token) => start_as(&token, program, arguments),
        Err(_) if may_start_itself(session, this_session()?, Sid::of_this_user()?.as_str()) => {
            start_here(program, arguments)
        }
        Err(error) => Err(error),
    }
}

/// Whether a process of `this` session and user may start something in `session` with its own rights:
/// the operating system must not.
fn may_start_itself(session: u32, this: u32, user: &str) -> bool {
    session == this && user != LOCAL_SYSTEM
}

fn token_of_session(session: u32) -> io::Result<OwnedHandle> {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: a number, and a place for the answer, which is ours to close.
    unsafe {
        succeeded(WTSQueryUserToken(session, &raw mut token))?;
        own(token)
    }
}

fn start_here(program: &Path, arguments: &[&str]) -> io::Result<Running> {
    use std::os::windows::process::CommandExt as _;

    let child = std::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .creation_flags(CREATE_NO_WINDOW)
        .spawn()?;
    Ok(Running(child.into()))
}

/// The environment of a user.
struct Environment(*mut core::ffi::c_void);

impl Drop for Environment {
    fn drop(&mut self) {
        // SAFETY: made by `CreateEnvironmentBlock`, and destroyed once.
        unsafe { DestroyEnvironmentBlock(self.0) };
    }
}

fn start_as(token: &OwnedHandle, program: &Path, arguments: &[&str]) -> io::Result<Running> {
    let mut block = std::ptr::null_mut();
    // SAFETY: a place for the answer, and an open token.
    succeeded(unsafe { CreateEnvironmentBlock(&raw mut block, token.as_raw_handle(), 0) })?;
    let environment = Environment(block);
    let quoted = format!("\"{}\"", program.display());
    let words: Vec<_> = std::iter::once(quoted.as_str())
        .chain(arguments.iter().copied())
        .collect();
    let mut line = wide(words.join(" "));
    let mut desktop = wide(r"winsta0\default");
    // SAFETY: zeros are good for each of their fields.
    let (mut startup, mut started): (STARTUPINFOW, PROCESS_INFORMATION) =
        unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    startup.cb = size_of::<STARTUPINFOW>() as u32;
    startup.lpDesktop = desktop.as_mut_ptr();
    let folder = program.parent().map(wide);
    // SAFETY: texts with zeros at their ends, the environment and the structures live until the
    // call returns; the two handles that it gives are ours to close.
    unsafe {
        succeeded(CreateProcessAsUserW(
            token.as_raw_handle(),
            wide(program).as_ptr(),
            line.as_mut_ptr(),
            std::ptr::null(),
            std::ptr::null(),
            0,
            CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW,
            environment.0,
            folder.as_ref().map_or(std::ptr::null(), |f| f.as_ptr()),
            &raw const startup,
            &raw mut started,
        ))?;
        drop(own(started.hThread));
        Ok(Running(own(started.hProcess)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_among_all_of_them() {
        let all = processes().unwrap();
        let this = all.iter().find(|listed| listed.id == std::process::id());
        let name = std::env::current_exe().unwrap();
        let name = name.file_name().unwrap().to_string_lossy().into_owned();
        assert!(this.unwrap().name.eq_ignore_ascii_case(&name));
    }

    #[test]
    fn what_is_started_in_this_session_tells_how_it_ended() {
        let shell = Path::new(r"C:\windows\system32\cmd.exe");
        let session = this_session().unwrap();
        let started = start_in_session(session, shell, &["/c", "exit", "7"]).unwrap();
        let ended = started.wait(Duration::from_secs(30)).unwrap();
        assert_eq!(ended, Some(7));
    }

    #[test]
    fn nothing_is_started_with_the_rights_of_the_operating_system() {
        let user = "S-1-5-21-0-0-0-1000";
        assert!(may_start_itself(1, 1, user));
        assert!(!may_start_itself(2, 1, user));
        assert!(!may_start_itself(1, 1, "S-1-5-18"));
        assert!(!may_start_itself(0, 0, "S-1-5-18"));
    }

    #[test]
    fn what_does_not_end_is_terminated() {
        let shell = Path::new(r"C:\windows\system32\cmd.exe");
        let session = this_session().unwrap();
        let started = start_in_session(session, shell, &["/k"]).unwrap();
        started.terminate().unwrap();
        assert_eq!(started.wait(Duration::from_secs(30)).unwrap(), Some(1));
    }
}
