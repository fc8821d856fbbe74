//! What Windows knows of users, sessions, processes, rights and the registry: safe functions over
//! the Win32 API, for the Windows modules of our other crates. Knows nothing of Cardea. Empty on
//! other systems.

#![cfg(windows)]
#![expect(
    unsafe_code,
    reason = "this crate is the one place for what only the Win32 API says"
)]

mod administrator;
mod console;
pub mod credential;
pub mod desktop;
pub mod event_log;
mod file;
mod folder;
mod handle;
mod itself;
mod keepers;
pub mod key;
mod language;
mod lock;
mod message;
mod pipe;
mod process;
pub mod proxy;
pub mod registry;
mod rights;
pub mod sessions;
mod shell;
mod sid;
mod signer;
mod sleep;
pub mod smartcard;
mod socket;
mod taskbar;
mod tcp;
mod text;
mod version;
mod wait;

pub use administrator::is_administrator;
#[cfg(feature = "test-support")]
pub use console::{ConsoleOfThis, console_of_this};
pub use console::{InputMode, close_own_console};
pub use file::{
    IfThere, create_private, create_private_folder, hold_private, is_private,
    open_private_to_append, replace,
};
pub use folder::{FolderNotice, Told};
#[cfg(any(test, feature = "test-support"))]
pub use itself::let_everyone_write;
pub use itself::{Itself, final_path, is_on_disk, is_on_fixed_drive, open_itself};
pub use keepers::{Hold, Keepers, Kept, Outsider};
pub use language::preferred_languages;
pub use lock::Lock;
pub use message::{Buttons, message_box};
pub use pipe::{Instance, make_pipe, pipe_client, pipe_server};
pub use process::{Process, computer_name, dns_host_name, this_session};
pub use rights::{Rights, SecurityAttributes};
pub use shell::{open_address, program_data};
pub use sid::Sid;
pub use signer::signer_of;
pub use sleep::time_slept;
pub use socket::use_exclusively;
pub use taskbar::small_icon_side;
pub use tcp::process_of_connection;
pub use version::{WindowsVersion, windows_version};
pub use wait::{Event, wait_for_any};
