//! The arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::DesktopError;

pub(crate) const HELP: &str = "\
The tray of Cardea: starts the agent, shows who is signed in, and has everything there is to do.

Usage: cardea-desktop [--config FILE]
       cardea-desktop window [--view VIEW]

  --config FILE  settings that the agent is started with, as of \"cardea run --config\"
  --view VIEW    what the window opens at: now, programs, computer or about

Example: cardea-desktop window --view programs
";

/// What the program is asked to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// The tray.
    Tray(AgentArguments),
    /// The window.
    Window(View),
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
        match words.as_slice() {
            [] => Ok(Self::Tray(AgentArguments::default())),
            ["--config", _] => Ok(Self::Tray(AgentArguments {
                config: given.last().map(PathBuf::from),
            })),
            ["window"] => Ok(Self::Window(View::Now)),
            ["window", "--view", name] => View::ALL
                .into_iter()
                .find(|view| view.as_str() == *name)
                .map(Self::Window)
                .ok_or_else(|| DesktopError::Usage((*name).to_owned())),
            ["--version" | "-V"] => Ok(Self::Version),
            ["--help" | "-h"] => Ok(Self::Help),
            other => Err(DesktopError::Usage(other.join(" "))),
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
        let tray = |config: Option<&str>| {
            let config = config.map(PathBuf::from);
            Some(Arguments::Tray(AgentArguments { config }))
        };
        assert_eq!(parsed(""), tray(None));
        assert_eq!(parsed("--config /c.toml"), tray(Some("/c.toml")));
        assert_eq!(parsed("window"), Some(Arguments::Window(View::Now)));
        for view in View::ALL {
            let text = format!("window --view {}", view.as_str());
            assert_eq!(parsed(&text), Some(Arguments::Window(view)));
        }
        for other in ["--config", "window --view x", "windows", "--view now"] {
            assert_eq!(parsed(other), None, "{other}");
        }
    }
}
