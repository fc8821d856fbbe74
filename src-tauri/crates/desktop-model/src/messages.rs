//! What is said where there is no window to say it in.

/// The window's process ended by itself.
pub const WINDOW_ENDED: &str = "Cardea's window ended unexpectedly. Nothing else has changed: who \
    was signed in still is. Open it again from the tray. If this stays, tell the help desk.";

/// The window does not answer; a question.
pub const WINDOW_HANGS: &str = "Cardea's window does not answer. Close it and open a new one? Who \
    is signed in stays signed in.";

/// The window cannot be made.
pub const NO_WEB_VIEW: &str = "Cardea's window cannot be shown: the part of the system that shows \
    it is missing (Microsoft Edge WebView2 on Windows, WebKitGTK on Linux). Signing in and out work \
    from the tray. Ask IT to install it.";
