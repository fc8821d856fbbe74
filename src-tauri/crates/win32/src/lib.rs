//! What Windows knows of users, sessions, processes and rights: safe functions over the Win32 API,
//! for the Windows modules of our other crates. Knows nothing of Cardea. Empty on other systems.

#![cfg(windows)]
#![expect(
    unsafe_code,
    reason = "this crate is the one place for what only the Win32 API says"
)]

mod console;
pub mod credential;
pub mod desktop;
pub mod event_log;
mod file;
mod handle;
mod lock;
mod pipe;
mod process;
mod rights;
mod shell;
mod sid;
mod socket;
mod tcp;
mod text;

pub use console::InputMode;
pub use file::{IfThere, create_private, create_private_folder, open_private_to_append};
pub use lock::Lock;
pub use pipe::{Instance, make_pipe, pipe_client, pipe_server};
pub use process::{Process, computer_name, this_session};
pub use rights::{Rights, SecurityAttributes};
pub use shell::open_address;
pub use sid::Sid;
pub use socket::use_exclusively;
pub use tcp::process_of_connection;
