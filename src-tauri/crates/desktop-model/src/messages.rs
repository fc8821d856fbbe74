//! What is said where there is no window to say it in.

/// The window's process ended by itself.
pub const WINDOW_ENDED: &str = "Cardea's window ended unexpectedly. Nothing else has changed: who \
    was signed in still is. Open it again from the tray. If this stays, tell the help desk.";

/// The window does not answer; a question.
pub const WINDOW_HANGS: &str = "Cardea's window does not answer. Close it and open a new one? Who \
    is signed in stays signed in.";

/// The agent does not run: what happened, and what to do.
pub const NOT_RUNNING: (&str, &str) = (
    "Cardea is not running",
    "Wait a moment: the tray starts it. If it stays so, tell the help desk",
);

/// Whether another program is to open the pages of signing in; a question.
#[must_use]
pub fn open_with(program: &str) -> String {
    format!(
        "Is this program to open the page on which you sign in, from now on?\n\n{program}\n\nSay \
         yes only if you have just chosen it in Cardea's window."
    )
}

/// The window cannot be made.
pub const NO_WEB_VIEW: &str = "Cardea's window cannot be shown: the part of the system that shows \
    it is missing (Microsoft Edge WebView2 on Windows, WebKitGTK on Linux). Signing in and out work \
    from the tray. Ask IT to install it.";
