//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::DesktopError;
use crate::message::Message;

pub(crate) const HELP: &str = "\
The tray of Cardea: starts the agent, shows who is signed in, and has everything there is to do.

Usage: cardea-desktop [--autostart] [--config FILE]
       cardea-desktop window [--view VIEW] [--config FILE]

  --autostart    the user has logged on: ends at once where [desktop] autostart says so
  --config FILE  settings that the agent is started with, as of \"cardea run --config\"; for the
                 window, those that it shows
  --view VIEW    what the window opens at: now, programs, computer or about

Example: cardea-desktop window --view programs
";

/// What the program is asked to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// The tray.
    Tray {
        agent: AgentArguments,
        /// It is started because the user has logged on, and not by the user.
        at_log_on: bool,
    },
    /// The window.
    Window {
        view: View,
        agent: AgentArguments,
    },
    /// A message of the window system: how the tray tells what a lost window cannot.
    Message(Message),
    Version,
    Help,
}

/// What the agent is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AgentArguments {
    pub(crate) config: Option<PathBuf>,
}

/// What the window opens at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Now,
    Programs,
    Computer,
    About,
}

impl View {
    const ALL: [Self; 4] = [Self::Now, Self::Programs, Self::Computer, Self::About];

    /// The view of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Programs => "programs",
            Self::Computer => "computer",
            Self::About => "about",
        }
    }
}

impl Arguments {
    pub(crate) fn parse(given: impl IntoIterator<Item = OsString>) -> Result<Self, DesktopError> {
        let given: Vec<OsString> = given.into_iter().collect();
        let words: Vec<&str> = given
            .iter()
            .map(|word| word.to_str().unwrap_or(""))
            .collect();
        let usage = || DesktopError::Usage(words.join(" "));
        let file = |index: usize| given.get(index).map(PathBuf::from);
        match words.as_slice() {
            ["window", options @ ..] => {
                let (mut view, mut agent) = (View::Now, AgentArguments::default());
                for (index, option) in options.chunks(2).enumerate() {
                    match option {
                        ["--view", name] => view = View::named(name).ok_or_else(usage)?,
                        ["--config", _] => agent.config = file(2 * index + 2),
                        _ => return Err(usage()),
                    }
                }
                Ok(Self::Window { view, agent })
            }
            [] | ["--autostart"] | ["--config", _] | ["--autostart", "--config", _] => {
                let at_log_on = words.first() == Some(&"--autostart");
                let config = file(if at_log_on { 2 } else { 1 });
                let agent = AgentArguments { config };
                Ok(Self::Tray { agent, at_log_on })
            }
            ["message", name] => Message::named(name).map(Self::Message).ok_or_else(usage),
            ["--version" | "-V"] => Ok(Self::Version),
            ["--help" | "-h"] => Ok(Self::Help),
            _ => Err(usage()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Arguments> {
        Arguments::parse(text.split_whitespace().map(OsString::from)).ok()
    }

    #[test]
    fn what_is_asked_is_understood_and_nothing_else_is() {
        let tray = |at_log_on, config: Option<&str>| {
            let config = config.map(PathBuf::from);
            let agent = AgentArguments { config };
            Some(Arguments::Tray { agent, at_log_on })
        };
        let file = Some("/c.toml");
        assert_eq!(parsed(""), tray(false, None));
        assert_eq!(parsed("--autostart"), tray(true, None));
        assert_eq!(parsed("--config /c.toml"), tray(false, file));
        assert_eq!(parsed("--autostart --config /c.toml"), tray(true, file));
        let window = |view, config: Option<&str>| {
            let config = config.map(PathBuf::from);
            let agent = AgentArguments { config };
            Some(Arguments::Window { view, agent })
        };
        assert_eq!(parsed("window"), window(View::Now, None));
        for view in View::ALL {
            let text = format!("window --view {}", view.as_str());
            assert_eq!(parsed(&text), window(view, None));
            let text = format!("window --config /c.toml --view {}", view.as_str());
            assert_eq!(parsed(&text), window(view, Some("/c.toml")));
        }
        for message in Message::ALL {
            let text = format!("message {}", message.as_str());
            assert_eq!(parsed(&text), Some(Arguments::Message(message)));
        }
        for other in [
            "--config",
            "window --view x",
            "window --view",
            "windows",
            "--view now",
            "message x",
        ] {
            assert_eq!(parsed(other), None, "{other}");
        }
    }
}
