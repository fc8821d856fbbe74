//! Who is at the other end of a named pipe.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _};

use windows_sys::Win32::System::Pipes::{GetNamedPipeClientProcessId, GetNamedPipeServerProcessId};

use crate::Process;
use crate::handle::succeeded;

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
