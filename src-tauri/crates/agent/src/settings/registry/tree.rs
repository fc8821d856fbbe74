//! What is written in a registry key.

/// A key with everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::settings) struct Tree {
    pub(in crate::settings) values: Vec<(String, Value)>,
    pub(in crate::settings) subkeys: Vec<(String, Self)>,
}

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(any(windows, test, feature = "fuzzing")),
    expect(dead_code, reason = "only Windows has a registry to read")
)]
pub(in crate::settings) enum Value {
    /// `REG_SZ`.
    Text(String),
    /// `REG_DWORD` or `REG_QWORD`.
    Number(u64),
    /// `REG_MULTI_SZ`.
    Texts(Vec<String>),
    /// What no setting can be: its kind.
    Other(String),
}

impl Tree {
    /// Whether nothing is set by it. What is left of a policy that was taken back is empty keys, and
    /// the default value of a key may be there without a meaning.
    pub(in crate::settings) fn is_empty(&self) -> bool {
        self.values().next().is_none() && self.subkeys().next().is_none()
    }

    /// The values, without an empty default value.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        let values = self.values.iter();
        let meaningless = |name: &str, value: &Value| {
            name.is_empty() && matches!(value, Value::Text(text) if text.is_empty())
        };
        values
            .filter(move |(name, value)| !meaningless(name, value))
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The subkeys in which something is set.
    pub(super) fn subkeys(&self) -> impl Iterator<Item = (&str, &Self)> {
        let subkeys = self.subkeys.iter().filter(|(_, tree)| !tree.is_empty());
        subkeys.map(|(name, tree)| (name.as_str(), tree))
    }
}

impl Value {
    /// What it is, as the registry editor says.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Text(_) => "REG_SZ",
            Self::Number(number) if u32::try_from(*number).is_ok() => "REG_DWORD",
            Self::Number(_) => "REG_QWORD",
            Self::Texts(_) => "REG_MULTI_SZ",
            Self::Other(kind) => kind,
        }
    }
}
