//! The tray's menu: every action there is, whether or not it can be done now.

use crate::tooltip::state_line;
use crate::{Known, texts};

/// The menu. Its entries stay the same ones in the same places, so that the shell changes texts
/// and does not build it anew under the user's pointer; only quitting may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// From top to bottom.
    pub entries: Vec<Entry>,
}

impl Menu {
    /// What can be done now, from top to bottom.
    pub fn enabled(&self) -> impl Iterator<Item = Action> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Action {
                action,
                enabled: true,
                ..
            } => Some(*action),
            Entry::Action { .. } | Entry::State(_) | Entry::Separator => None,
        })
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Says how things are; cannot be chosen.
    State(String),
    /// Between groups.
    Separator,
    /// Something that can be done.
    Action {
        /// What.
        action: Action,
        /// As the user reads it.
        label: String,
        /// Whether it can be done now.
        enabled: bool,
    },
}

/// What the user can ask the tray to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start a login.
    SignIn,
    /// Give up the login under way.
    Cancel,
    /// End the session.
    SignOut,
    /// Choose another role at CIS2.
    ChangeRole,
    /// Show the programs that ask to be let in.
    Pairings,
    /// Open the window.
    Open,
    /// Open the window at the doctor's checks.
    Check,
    /// Say which version this is.
    About,
    /// End Cardea.
    Quit,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::SignIn,
        Self::Cancel,
        Self::SignOut,
        Self::ChangeRole,
        Self::Pairings,
        Self::Open,
        Self::Check,
        Self::About,
        Self::Quit,
    ];

    /// The entry's id in the window system's menu.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Cancel => "cancel",
            Self::SignOut => "sign_out",
            Self::ChangeRole => "change_role",
            Self::Pairings => "pairings",
            Self::Open => "open",
            Self::Check => "check",
            Self::About => "about",
            Self::Quit => "quit",
        }
    }

    /// The action with this id.
    #[must_use]
    pub fn with_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == id)
    }

    fn can_be_done(self, known: &Known) -> bool {
        let is_heard = known.snapshot().is_some();
        let is_active = known.session().is_some();
        let login = known
            .snapshot()
            .and_then(|snapshot| snapshot.login.as_ref());
        match self {
            Self::SignIn => is_heard && !is_active && login.is_none(),
            Self::Cancel => login.is_some(),
            Self::SignOut => is_active,
            Self::ChangeRole => is_active && login.is_none(),
            Self::Pairings => is_heard && known.pairings > 0,
            Self::Open | Self::Check | Self::About | Self::Quit => true,
        }
    }

    fn label(self, known: &Known) -> String {
        match self {
            Self::SignIn => texts::SIGN_IN.to_owned(),
            Self::Cancel => texts::CANCEL.to_owned(),
            Self::SignOut => texts::SIGN_OUT.to_owned(),
            Self::ChangeRole => texts::CHANGE_ROLE.to_owned(),
            Self::Pairings => texts::pairing_requests(known.pairings),
            Self::Open => texts::OPEN.to_owned(),
            Self::Check => texts::CHECK.to_owned(),
            Self::About => texts::ABOUT.to_owned(),
            Self::Quit if known.session().is_some() => texts::QUIT_SIGNED_IN.to_owned(),
            Self::Quit => texts::QUIT.to_owned(),
        }
    }
}

/// The menu of what is known.
#[must_use]
pub fn menu(known: &Known) -> Menu {
    let entry = |action: Action| Entry::Action {
        action,
        label: action.label(known),
        enabled: action.can_be_done(known),
    };
    let session = [
        Action::SignIn,
        Action::Cancel,
        Action::SignOut,
        Action::ChangeRole,
    ];
    let window = [Action::Pairings, Action::Open, Action::Check, Action::About];

    let mut entries = vec![Entry::State(state_line(known)), Entry::Separator];
    entries.extend(session.map(entry));
    entries.push(Entry::Separator);
    entries.extend(window.map(entry));
    if known.settings.allow_quit {
        entries.push(Entry::Separator);
        entries.push(entry(Action::Quit));
    }
    Menu { entries }
}

#[cfg(test)]
mod tests;
