//! Named pipes: making one with rights of its own, and who is at its other end.

use std::ffi::OsStr;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _};

use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use windows_sys::Win32::System::Pipes::{GetNamedPipeClientProcessId, GetNamedPipeServerProcessId};

use crate::handle::succeeded;
use crate::{Process, Rights};

/// Which instance of a pipe is made: each serves one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// The first one, which takes the name.
    First,
    /// One more beside others of ours.
    Further,
}

/// Makes an instance of a pipe that programs on this computer can open as far as `rights` allow.
///
/// # Errors
/// What Windows says; `PermissionDenied` when the first instance is to be made and somebody has
/// the name.
pub fn make_pipe(
    name: impl AsRef<OsStr>,
    rights: &Rights,
    instance: Instance,
) -> io::Result<NamedPipeServer> {
    let mut options = ServerOptions::new();
    options
        .first_pipe_instance(instance == Instance::First)
        .reject_remote_clients(true);
    let rights = rights.attributes()?;
    // SAFETY: the attributes live until the call returns, and are only read.
    unsafe { options.create_with_security_attributes_raw(name, rights.as_ptr().cast_mut()) }
}

/// The process that made the pipe which this client's end leads to.
///
/// # Errors
/// When Windows does not say, or the process does not let us look.
pub fn pipe_server(client: &impl AsHandle) -> io::Result<Process> {
    let mut id = 0;
    let client = client.as_handle().as_raw_handle();
    // SAFETY: an open handle, and a place for the answer.
    succeeded(unsafe { GetNamedPipeServerProcessId(client, &raw mut id) })?;
    Process::open(id)
}

/// The process that opened the pipe whose server's end this is.
///
/// # Errors
/// When Windows does not say, or the process does not let us look.
pub fn pipe_client(server: &impl AsHandle) -> io::Result<Process> {
    let mut id = 0;
    let server = server.as_handle().as_raw_handle();
    // SAFETY: an open handle, and a place for the answer.
    succeeded(unsafe { GetNamedPipeClientProcessId(server, &raw mut id) })?;
    Process::open(id)
}
