//! `cardea-desktop`: the tray, and with `window` the window.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod agent_process;
mod arguments;
mod controller;
mod errand;
mod failure;
mod inquiry;
mod instance;
mod logs;
mod message;
mod notifier;
mod os;
mod own_settings;
mod picture;
mod screen;
mod tools;
mod tray;
mod window;

use std::io::{self, Write as _};
use std::process::ExitCode;

use tokio::runtime::Runtime;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let ended =
        Arguments::parse(std::env::args_os().skip(1)).and_then(|arguments| match arguments {
            Arguments::Tray { agent, at_log_on } => tray::run(agent, at_log_on),
            Arguments::Window { view, agent } => window::run(view, agent),
            Arguments::Message(message) => message::tell(message),
            Arguments::Version => say(&format!("cardea-desktop {}", env!("CARGO_PKG_VERSION"))),
            Arguments::Help => say(arguments::HELP.trim_end()),
        });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told when this fails.
            let _ = writeln!(io::stderr(), "cardea-desktop: {error}");
            error.exit_code()
        }
    }
}

/// What waits for the agent and the system; the window system has the main thread.
fn runtime() -> Result<Runtime, failure::DesktopError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(failure::DesktopError::Threads)
}

fn say(text: &str) -> Result<(), failure::DesktopError> {
    // Who closes the pipe wants to read no more.
    let _ = writeln!(io::stdout(), "{text}");
    Ok(())
}
