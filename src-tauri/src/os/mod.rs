//! What differs between operating systems.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(windows)]
pub(crate) use windows::*;

use std::path::PathBuf;

use crate::failure::DesktopError;

/// By these another program would look into a web view.
const WATCHERS: [&str; 4] = [
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
    "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS",
];

/// Where logs are.
pub(crate) fn logs() -> Option<PathBuf> {
    Some(state()?.join("logs"))
}

/// Where the web view keeps what it makes for its page: below what `cardea reset --user` takes away. None
/// where it keeps nothing.
pub(crate) fn web_view_files() -> Option<PathBuf> {
    match cfg!(windows) {
        true => Some(state()?.join("webview2")),
        false => None,
    }
}

/// Refuses to show anything while another program could look into it. Tests do, and so does who
/// develops.
pub(crate) fn check_unwatched() -> Result<(), DesktopError> {
    match watcher() {
        Some(name) if !cfg!(debug_assertions) => Err(DesktopError::Watched(name)),
        _ => Ok(()),
    }
}

/// By what another program looks into the window, if one does.
pub(crate) fn watcher() -> Option<&'static str> {
    WATCHERS
        .into_iter()
        .find(|name| std::env::var_os(name).is_some())
}
