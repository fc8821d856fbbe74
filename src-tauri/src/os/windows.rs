//! Windows: console control events, the user's folders, the taskbar.

use std::io;
use std::path::PathBuf;

use tokio::process::{Child, Command};
use tokio::signal::windows::{CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown};
use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

use tauri::WebviewWindow;

use crate::failure::DesktopError;
use crate::picture::{Scale, Theme};

/// The agent's program.
pub(crate) const AGENT: &str = "cardea.exe";

const CREATE_NEW_PROCESS_GROUP: u32 = 0x0200;
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// The events by which the system says that the tray is to end.
pub(crate) struct AskedToStop {
    c: CtrlC,
    close: CtrlClose,
    log_off: CtrlLogoff,
    shut_down: CtrlShutdown,
}

impl AskedToStop {
    /// Listens for them from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            c: ctrl_c()?,
            close: ctrl_close()?,
            log_off: ctrl_logoff()?,
            shut_down: ctrl_shutdown()?,
        })
    }

    /// Waits for the first. Safe to drop and call again.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.c.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}

/// Without a console window of its own.
pub(crate) fn of_its_own(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW)
}

/// Ends a child: a process without a console of its own cannot be asked. Its session has been ended
/// before, so that nobody is left signed in.
pub(crate) fn ask_to_stop(child: &mut Child) -> io::Result<()> {
    child.start_kill()
}

/// There always is one.
#[expect(
    clippy::unnecessary_wraps,
    reason = "as on Linux, where there may be none"
)]
pub(crate) fn check_desktop() -> Result<(), DesktopError> {
    Ok(())
}

/// Where Cardea keeps what is this user's.
pub(crate) fn state() -> Option<PathBuf> {
    let local = std::env::var_os("LOCALAPPDATA").map(PathBuf::from)?;
    Some(local.join("Cardea"))
}

/// WebView2 starts the page again by itself, or says so in the window.
pub(crate) fn watch_page(_window: &WebviewWindow, _lost: fn(&str)) {}

/// The taskbar of Windows 10 and 11 is dark unless the user says otherwise.
pub(crate) fn theme() -> Theme {
    Theme::Dark
}

/// At 200 %; the taskbar scales it down.
pub(crate) fn scale() -> Scale {
    Scale::S32
}
