//! Why the desktop cannot be.

use std::io;
use std::process::ExitCode;

use cardea_client::ClientError;

/// The exit code of a window that could not be made: the user has been told why.
pub(crate) const TOLD: u8 = 3;

/// Why the program ended. Each says what, why and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DesktopError {
    /// The arguments are none of ours.
    #[error("{0:?} is not understood; see cardea-desktop --help")]
    Usage(String),
    /// There is nowhere to show anything.
    #[error(
        "there is no desktop to show the tray on (neither DISPLAY nor WAYLAND_DISPLAY is set); \
         start it in the user's desktop session, or run \"cardea run\" where there is none"
    )]
    #[cfg_attr(windows, expect(dead_code, reason = "Windows always has one"))]
    NoDesktop,
    /// Something looks into the window.
    #[error("{0} is set, by which another program would look into the window; start it without")]
    Watched(&'static str),
    /// What puts icons into panels is not installed.
    #[error(
        "the tray cannot be shown: libayatana-appindicator3.so.1 is not there; install the \
         package libayatana-appindicator3-1 (Debian, Ubuntu) or libayatana-appindicator-gtk3"
    )]
    #[cfg_attr(windows, expect(dead_code, reason = "only Linux desktops need it"))]
    NoIndicator,
    /// The folder of the desktop session cannot be used.
    #[error("{0}; {remedy}", remedy = .0.remedy())]
    NoFolder(#[source] ClientError),
    /// Where this program is, and so the agent's, is not known.
    #[error("the operating system does not say where this program is: {0}; install Cardea again")]
    NoProgram(#[source] io::Error),
    /// Nobody can say whether another one runs.
    #[error("cannot see whether Cardea is open already: {0}; check the rights of its folder")]
    Instance(#[source] io::Error),
    /// The window's process did not start.
    #[error("the window cannot be opened: {0}; check that the program may be run")]
    WindowProcess(#[source] io::Error),
    /// The window system or the web view did not make the window.
    #[error(
        "the window cannot be shown: {0}; on Windows check that the WebView2 runtime is there, on \
         Linux WebKitGTK 4.1"
    )]
    Window(#[source] tauri::Error),
    /// The runtime did not start.
    #[error("the operating system gives no threads: {0}; restart the computer")]
    Threads(#[source] io::Error),
    /// The window system did not take the tray.
    #[error("the tray cannot be shown: {0}; log off and on again")]
    Tray(#[source] tauri::Error),
    /// The operating system does not tell when to stop.
    #[error("the operating system does not say when to stop: {0}; restart the computer")]
    Signals(#[source] io::Error),
}

impl DesktopError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Window(_) => ExitCode::from(TOLD),
            Self::NoDesktop
            | Self::Watched(_)
            | Self::NoIndicator
            | Self::NoFolder(_)
            | Self::NoProgram(_)
            | Self::Instance(_)
            | Self::WindowProcess(_)
            | Self::Threads(_)
            | Self::Tray(_)
            | Self::Signals(_) => ExitCode::FAILURE,
        }
    }
}
