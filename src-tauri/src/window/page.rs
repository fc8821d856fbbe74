//! The web view with the page in it, which can go nowhere else.

use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{AppHandle, Emitter as _, Url, WebviewUrl, WebviewWindow};

use super::{LABEL, OPEN};
use crate::arguments::View;
use crate::os;

const TITLE: &str = "Cardea";

/// Opens the window with the page at `view`.
pub(super) fn open(app: &AppHandle, view: View) -> tauri::Result<WebviewWindow> {
    let page = format!("index.html#{}", view.as_str());
    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()));
    if let Some(folder) = os::web_view_files() {
        window = window.data_directory(folder);
    }
    window
        .title(TITLE)
        .inner_size(960.0, 760.0)
        .min_inner_size(320.0, 400.0)
        .center()
        // Nothing of what it shows is kept. WebKit lets no page be driven where that is so.
        .incognito(os::watcher().is_none())
        .devtools(false)
        .general_autofill_enabled(false)
        .zoom_hotkeys_enabled(true)
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_document_title_changed(|window, title| {
            // A screen reader reads the window's title; one that stays behind does no harm.
            let _ = window.set_title(&title);
        })
        .build()
}

/// Whether this is the page in the program, at whatever place of it.
fn is_ours(address: &Url) -> bool {
    let is_the_programs = match (address.scheme(), address.host_str()) {
        ("tauri", Some("localhost")) => !cfg!(windows),
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        _ => false,
    };
    is_the_programs && address.port().is_none()
}

/// Puts the window in front of the others.
pub(super) fn come_forward(window: &WebviewWindow) {
    let come = || {
        window.unminimize()?;
        window.show()?;
        window.set_focus()?;
        window.emit_to(LABEL, OPEN, ())
    };
    if let Err(error) = come() {
        tracing::warn!(%error, "the window does not come forward");
    }
}

/// The process that shows the page is gone: the window is empty, and its end says so to the tray.
pub(super) fn lost(why: &str) {
    tracing::error!(why, "the page is lost");
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_can_go_nowhere_else() {
        let ours = match cfg!(windows) {
            true => "http://tauri.localhost",
            false => "tauri://localhost",
        };
        let is_ours = |address: &str| is_ours(&address.parse().unwrap());
        for path in ["", "/", "/index.html#programs"] {
            assert!(is_ours(&format!("{ours}{path}")), "{path}");
        }
        for other in [
            "https://cis2.example/",
            "http://localhost/",
            "http://127.0.0.1:28080/v1/session",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!is_ours(other), "{other}");
        }
        assert!(!is_ours(&format!("{ours}:8080/")));
    }
}
