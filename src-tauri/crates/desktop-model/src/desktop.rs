//! The settings that say what the desktop may show (contract, section 2).

use toml::{Table, Value};

use crate::Kind;

/// What of `[desktop]` and `[card]` the tray obeys. The defaults are the agent's: they hold until
/// it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desktop {
    /// Whether the user's name is shown in tooltip and notifications.
    pub show_name: bool,
    /// Whether the user may quit Cardea.
    pub allow_quit: bool,
    /// Which notifications are shown.
    pub notifications: Kinds,
    /// `[card] on_insert`.
    pub on_insert: CardNotice,
}

/// Whether a card that is put in is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardNotice {
    /// It is (`on_insert = "notify"`).
    Told,
    /// Nothing is said: nothing happens, or signing in starts by itself.
    Silent,
}

/// Some kinds of notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    /// Those with these names; names that nobody knows count for nothing.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().filter_map(Kind::named).collect())
    }

    /// Whether this kind is among them.
    #[must_use]
    pub fn contains(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }
}

impl Default for Desktop {
    fn default() -> Self {
        Self {
            show_name: false,
            allow_quit: true,
            notifications: Kinds(vec![
                Kind::SignedOut,
                Kind::Expiring,
                Kind::Attention,
                Kind::Pairing,
            ]),
            on_insert: CardNotice::Told,
        }
    }
}

impl Desktop {
    /// Takes the effective settings as the agent lists them: `table.key` and the value as TOML.
    /// What is missing or of another type is as it is by default.
    pub fn of_rows<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut desktop = Self::default();
        for (key, value) in rows {
            desktop.take(key, value);
        }
        desktop
    }

    fn take(&mut self, key: &str, value: &str) {
        match (key, setting_value(value)) {
            ("desktop.show_name", Some(Value::Boolean(show))) => self.show_name = show,
            ("desktop.allow_quit", Some(Value::Boolean(allow))) => self.allow_quit = allow,
            ("desktop.notifications", Some(Value::Array(names))) => {
                self.notifications = Kinds::named(names.iter().filter_map(Value::as_str));
            }
            ("card.on_insert", Some(Value::String(word))) => {
                self.on_insert = match word.as_str() {
                    "notify" => CardNotice::Told,
                    _ => CardNotice::Silent,
                };
            }
            _ => {}
        }
    }
}

/// The value of a setting as the agent lists it; none when that is no TOML.
#[must_use]
pub fn setting_value(value: &str) -> Option<Value> {
    let mut table: Table = format!("value = {value}").parse().ok()?;
    table.remove("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_taken_as_the_agent_lists_them() {
        let desktop = Desktop::of_rows([
            ("desktop.show_name", "true"),
            ("desktop.allow_quit", "false"),
            (
                "desktop.notifications",
                r#"["expiring", "signed_in", "later"]"#,
            ),
            ("card.on_insert", r#""login""#),
            ("desktop.language", r#""cy""#),
        ]);
        assert_eq!(
            desktop,
            Desktop {
                show_name: true,
                allow_quit: false,
                notifications: Kinds(vec![Kind::Expiring, Kind::SignedIn]),
                on_insert: CardNotice::Silent,
            }
        );
    }

    #[test]
    fn what_cannot_be_read_is_as_by_default() {
        let desktop = Desktop::of_rows([
            ("desktop.show_name", "\"yes\""),
            ("desktop.allow_quit", "fal"),
            ("desktop.notifications", "7"),
        ]);
        assert_eq!(desktop, Desktop::default());
    }
}
