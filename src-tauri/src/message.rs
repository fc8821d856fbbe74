//! A message of the window system: for what cannot be said in a window that is not there.

#[cfg(target_os = "linux")]
#[path = "message/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "message/windows.rs"]
mod system;

use std::io;

use crate::failure::DesktopError;
use crate::os;

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The window's process ended by itself.
    WindowEnded,
    /// The window does not answer. Asks whether to end it.
    WindowHangs,
    /// The window cannot be made.
    NoWebView,
}

/// What the user answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
}

impl Message {
    pub(crate) const ALL: [Self; 3] = [Self::WindowEnded, Self::WindowHangs, Self::NoWebView];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WindowEnded => "window-ended",
            Self::WindowHangs => "window-hangs",
            Self::NoWebView => "no-web-view",
        }
    }

    /// The message of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    fn text(self) -> &'static str {
        use cardea_desktop_model::messages;
        match self {
            Self::WindowEnded => messages::WINDOW_ENDED,
            Self::WindowHangs => messages::WINDOW_HANGS,
            Self::NoWebView => messages::NO_WEB_VIEW,
        }
    }

    /// Whether it is a question; else it is only taken note of.
    fn is_question(self) -> bool {
        match self {
            Self::WindowHangs => true,
            Self::WindowEnded | Self::NoWebView => false,
        }
    }
}

/// Shows the message in this process, to its end.
pub(crate) fn tell(message: Message) -> Result<(), DesktopError> {
    os::check_desktop()?;
    show(message);
    Ok(())
}

/// Shows it until the user answers. Where it cannot be shown nothing is done.
pub(crate) fn show(message: Message) -> Answer {
    answer(system::show(message.text(), message.is_question()))
}

/// Asks the user, on the thread of the window system. Where that cannot be the answer is no.
pub(crate) fn ask(question: &str) -> Answer {
    answer(system::show(question, true))
}

fn answer(shown: io::Result<Answer>) -> Answer {
    shown.unwrap_or_else(|error| {
        tracing::error!(%error, "the user cannot be told");
        Answer::No
    })
}
