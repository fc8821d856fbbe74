//! Rules: what a setting may be, how it is read, shown and described. Each setting has one.

use std::fmt;
use std::time::Duration;

use super::duration;
use super::origin::{Origin, Spot};
use super::raw::Located;

/// What a setting may be. Errors, `config show` and the policy template come from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// A whole number within these limits, both included.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A duration within these limits, both included.
    Duration {
        /// The least.
        min: Duration,
        /// The most.
        max: Duration,
        /// A word that may stand instead.
        or: Option<&'static str>,
    },
    /// A text as described.
    Text(&'static str),
    /// A list with at most so many of these.
    List {
        /// What each is.
        each: Box<Self>,
        /// How many.
        max: usize,
    },
    /// A list of tables, told apart by their `id`; all places add to it.
    Entries {
        /// What is in each.
        fields: Vec<Field>,
        /// How many.
        max: usize,
    },
}

/// One key of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub key: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Whether an entry must have it.
    pub required: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true or false"),
            Self::Choice(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
                write!(f, "one of {}", quoted.join(", "))
            }
            Self::Number { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Duration { min, max, or } => {
                let (min, max) = (duration::show(*min), duration::show(*max));
                write!(
                    f,
                    "a duration such as \"90s\" or \"5m\", from {min} to {max}"
                )?;
                or.map_or(Ok(()), |word| write!(f, ", or {word:?}"))
            }
            Self::Text(allowed) => f.write_str(allowed),
            Self::List { each, max } => write!(f, "a list of at most {max}, each {each}"),
            Self::Entries { fields, max } => {
                let keys: Vec<_> = fields.iter().map(|field| field.key).collect();
                write!(f, "a list of at most {max} tables with {}", keys.join(", "))
            }
        }
    }
}

/// What a value is not.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Which part of the value, as it follows the key: `[2]`, `[0].scopes`.
    pub(super) part: String,
    /// Where, when that is another spot than the setting's own.
    pub(super) at: Option<Spot>,
    pub(super) kind: MisfitKind,
}

#[derive(Debug)]
pub(super) enum MisfitKind {
    Wrong { found: String, allowed: String },
    Missing { allowed: String },
    UnknownKey { allowed: String },
}

impl Misfit {
    pub(super) fn wrong(value: &Located, allowed: impl fmt::Display) -> Self {
        Self::found(value, value.raw.to_string(), allowed)
    }

    pub(super) fn found(value: &Located, found: String, allowed: impl fmt::Display) -> Self {
        Self {
            part: String::new(),
            at: value.at.clone(),
            kind: MisfitKind::Wrong {
                found,
                allowed: allowed.to_string(),
            },
        }
    }

    /// The same without what was found.
    pub(super) fn unshown(self) -> Self {
        let kind = match self.kind {
            MisfitKind::Wrong { allowed, .. } => MisfitKind::Wrong {
                found: "something else (not shown)".to_owned(),
                allowed,
            },
            kind @ (MisfitKind::Missing { .. } | MisfitKind::UnknownKey { .. }) => kind,
        };
        Self { kind, ..self }
    }

    pub(super) fn within(self, part: impl fmt::Display) -> Self {
        Self {
            part: format!("{part}{}", self.part),
            ..self
        }
    }
}

/// What came of reading a value: with misfits the value is not to be used, unless all of them are
/// keys that a newer agent may know.
pub(super) struct Reading<T> {
    pub(super) value: Option<T>,
    pub(super) misfits: Vec<Misfit>,
}

impl<T> Reading<T> {
    pub(super) fn fits(value: T) -> Self {
        Self {
            value: Some(value),
            misfits: Vec::new(),
        }
    }

    pub(super) fn misfit(misfit: Misfit) -> Self {
        Self {
            value: None,
            misfits: vec![misfit],
        }
    }
}

/// What a setting may be.
pub(super) trait Rule {
    /// What programs get.
    type Value;

    fn shape(&self) -> Shape;

    fn read(&self, value: &Located) -> Reading<Self::Value>;

    /// The value as TOML, without what may be secret.
    fn show(&self, value: &Self::Value) -> String;

    /// Joins what several places say, highest first; there is at least one. As a rule the highest
    /// place has its way.
    fn join(&self, found: Vec<(Self::Value, Origin)>) -> Option<(Self::Value, Vec<Shown>)> {
        let (value, origin) = found.into_iter().next()?;
        let shown = self.show(&value);
        Some((value, vec![Shown::whole(shown, origin)]))
    }
}

/// A value, or an entry of one, as `config show` lists it.
pub(super) struct Shown {
    /// The entry's id; none for the whole value.
    pub(super) entry: Option<String>,
    pub(super) value: String,
    pub(super) origin: Origin,
}

impl Shown {
    pub(super) fn whole(value: String, origin: Origin) -> Self {
        Self {
            entry: None,
            value,
            origin,
        }
    }
}
