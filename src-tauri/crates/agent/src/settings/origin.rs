//! Where a value comes from.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

/// A place that settings come from. The first one that has a value wins; this is their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// What IT locks.
    Policy,
    /// What the installer was told; Windows only.
    Installation,
    /// The file named by `--config`, else the machine's file.
    File,
    /// The user's own file; `[desktop]` only.
    User,
    /// What holds when no place says anything.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "policy",
            Self::Installation => "installation",
            Self::File => "file",
            Self::User => "user",
            Self::Default => "default",
        })
    }
}

/// Where exactly a value, or what is wrong with one, is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Origin {
    /// The place.
    pub place: Place,
    /// The file or registry key; none for a default.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_shown")]
    pub path: Option<PathBuf>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The name of the value in that registry key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_name: Option<String>,
}

/// Where in a place something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The line of a file, from 1.
    Line(usize),
    /// A registry key, and a value in it.
    Key { key: String, value: Option<String> },
}

impl Origin {
    pub(super) const DEFAULT: Self = Self {
        place: Place::Default,
        path: None,
        line: None,
        value_name: None,
    };

    /// A place's file, or its registry key as it is shown.
    pub(super) fn whole(place: Place, path: impl Into<PathBuf>) -> Self {
        Self {
            place,
            path: Some(path.into()),
            ..Self::DEFAULT
        }
    }

    /// A spot in the same place, or the same again.
    pub(super) fn at(&self, spot: Option<&Spot>) -> Self {
        match spot {
            None => self.clone(),
            Some(Spot::Line(line)) => Self {
                line: Some(*line),
                ..self.clone()
            },
            Some(Spot::Key { key, value }) => Self {
                path: Some(key.into()),
                value_name: value.clone(),
                ..self.clone()
            },
        }
    }

    /// Whether IT locks the value.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        self.place == Place::Policy
    }
}

/// A path need not be UTF-8; JSON must.
fn as_shown<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => serializer.collect_str(&path.display()),
        None => serializer.serialize_none(),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(path) = &self.path {
            write!(f, " {}", path.display())?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(name) = &self.value_name {
            write!(f, ", value {name}")?;
        }
        Ok(())
    }
}
