//! What single keys of the registry say in texts, whoever wrote them.

use cardea_win32::registry::{Hive, Limits, Value, read_subkeys, read_values};

/// More than one key has that is looked at; keys below it are looked at by themselves.
const LIMITS: Limits = Limits {
    depth: 0,
    entries: 16 * 1024,
    bytes: 1024 * 1024,
};

/// The values of one key that are texts.
#[derive(Debug)]
pub(crate) struct Texts(Vec<(String, String)>);

impl Texts {
    /// None when there is no such key, and also when it cannot be read: what it says is not known
    /// then.
    pub(crate) fn of(hive: Hive, path: &str) -> Option<Self> {
        let values = read_values(hive, path, LIMITS).ok().flatten()?;
        let texts = values.into_iter().filter_map(|(name, value)| match value {
            Value::Text(text) | Value::Expandable(text) => Some((name, text)),
            Value::Number(_)
            | Value::Large(_)
            | Value::Texts(_)
            | Value::Other(_)
            | Value::Malformed(_) => None,
        });
        Some(Self(texts.collect()))
    }

    /// The text of this name, however that is written.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        let mut texts = self.0.iter();
        let (_, text) = texts.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(text)
    }

    /// All texts, whatever their names.
    pub(crate) fn into_all(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(_, text)| text)
    }
}

/// What each key right below this one says; those that cannot be read are left out.
pub(crate) fn below(hive: Hive, path: &str) -> impl Iterator<Item = Texts> {
    let names = read_subkeys(hive, path, LIMITS).ok().flatten();
    let names = names.unwrap_or_default().into_iter();
    names.filter_map(move |name| Texts::of(hive, &format!(r"{path}\{name}")))
}
