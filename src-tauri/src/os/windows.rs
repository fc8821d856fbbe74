//! Windows: console control events, the user's folders, the taskbar.

mod process;

use std::io;
use std::path::{Path, PathBuf};

use cardea_win32::registry::{Hive, Limits, Value, read_values};
use cardea_win32::small_icon_side;
use tokio::process::{Child, Command};
use tokio::signal::windows::{CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown};
use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

use tauri::WebviewWindow;

use crate::failure::DesktopError;
use crate::picture::{Scale, Theme};
pub(crate) use cardea_win32::open_private_to_append as append_private;
pub(crate) use process::Process;

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

/// Windows draws as it does.
pub(crate) fn draw_without_gl() {}

/// Nothing was added for this program alone.
pub(crate) fn own_variable() -> Option<&'static str> {
    None
}

/// Without a console window of its own.
pub(crate) fn of_its_own(command: &mut Command) -> &mut Command {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW)
}

/// Ends a child: a process without a console of its own cannot be told, and this one did not hear
/// its local socket either.
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

/// The taskbar needs nothing more.
#[expect(
    clippy::unnecessary_wraps,
    reason = "as on Linux, where something may be missing"
)]
pub(crate) fn check_tray() -> Result<(), DesktopError> {
    Ok(())
}

/// Where Cardea keeps what is this user's.
pub(crate) fn state() -> Option<PathBuf> {
    let local = std::env::var_os("LOCALAPPDATA").map(PathBuf::from)?;
    Some(local.join("Cardea"))
}

/// Makes a folder that this user alone can enter, and the folders above it.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    cardea_win32::create_private_folder(path)
}

/// WebView2 starts the page again by itself, or says so in the window.
pub(crate) fn watch_page(_window: &WebviewWindow, _lost: fn(&str)) {}

/// As the taskbar is; dark, as Windows has it first, where the user never said.
pub(crate) fn theme() -> Theme {
    const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";
    let values = read_values(Hive::CurrentUser, KEY, FEW).ok().flatten();
    let is_light = |(name, value): &(String, Value)| {
        name.eq_ignore_ascii_case("SystemUsesLightTheme") && *value == Value::Number(1)
    };
    match values.unwrap_or_default().iter().any(is_light) {
        true => Theme::Light,
        false => Theme::Dark,
    }
}

/// More than such a key has.
const FEW: Limits = Limits {
    depth: 0,
    entries: 1024,
    bytes: 1024 * 1024,
};

/// The next one that is not too small: the taskbar scales down better than up.
pub(crate) fn scale() -> Scale {
    match small_icon_side() {
        ..=16 => Scale::S16,
        17..=20 => Scale::S20,
        21..=24 => Scale::S24,
        25..=32 => Scale::S32,
        33..=40 => Scale::S40,
        41..=48 => Scale::S48,
        49.. => Scale::S64,
    }
}
