//! Linux: signals (signal(7)), the XDG folders, the panel.

mod drawing;
mod indicator;
mod private;
mod process;

use std::io;
use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};

use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;

use crate::failure::DesktopError;
use crate::picture::{Scale, Theme};
pub(crate) use drawing::{draw_without_gl, own_variable};
pub(crate) use indicator::check as check_tray;
pub(crate) use private::{append_private, create_private_folder};
pub(crate) use process::Process;

/// The agent's program.
pub(crate) const AGENT: &str = "cardea";

/// The signals by which the user or the system says that the tray is to end.
pub(crate) struct AskedToStop {
    signals: [Signals; 3],
}

impl AskedToStop {
    /// Listens for them from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// Waits for the first. Safe to drop and call again.
    pub(crate) async fn wait(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// Keeps Ctrl-C in a terminal from reaching the agent before the tray has ended the session.
pub(crate) fn of_its_own(command: &mut Command) -> &mut Command {
    if let Some(name) = own_variable() {
        command.env_remove(name);
    }
    command.process_group(0)
}

/// Asks a child to end.
pub(crate) fn ask_to_stop(child: &mut Child) -> io::Result<()> {
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    // A child that was waited for has no id any more, so that no other process is meant.
    let Some(id) = id else { return Ok(()) };
    Ok(kill_process(id, Signal::TERM)?)
}

/// Whether there is a desktop: the window system panics where there is none.
pub(crate) fn check_desktop() -> Result<(), DesktopError> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err(DesktopError::NoDesktop)
}

/// Where Cardea keeps what is this user's.
pub(crate) fn state() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("cardea"))
}

/// Has `lost` called when the process that shows the page is gone.
pub(crate) fn watch_page(window: &WebviewWindow, lost: fn(&str)) {
    let watched = window.with_webview(move |page| {
        page.inner()
            .connect_web_process_terminated(move |_, why| lost(&format!("{why:?}")));
    });
    if let Err(error) = watched {
        tracing::warn!(%error, "a page that is lost will not be noticed");
    }
}

/// Panels do not say which they are; most are dark.
pub(crate) fn theme() -> Theme {
    Theme::Dark
}

/// Panels scale what they are given.
pub(crate) fn scale() -> Scale {
    Scale::S48
}
