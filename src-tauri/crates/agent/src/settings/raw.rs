//! What is written in a place, before anything is known about its being right.

use std::borrow::Cow;
use std::fmt;

use toml::de::{DeTable, DeValue};

use super::origin::Spot;

/// A value as it is written.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Located>),
    Table(Vec<Item>),
    /// What no setting can be: named, not kept.
    Unfit(Cow<'static, str>),
}

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) raw: Raw,
    pub(super) at: Option<Spot>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: String,
    /// Where the key is written.
    pub(super) at: Option<Spot>,
    pub(super) value: Located,
}

/// What does not follow the rules of TOML. The message never holds a value.
#[derive(Clone, Debug)]
pub(super) struct SyntaxError {
    pub(super) at: Option<Spot>,
    pub(super) message: String,
}

/// How many syntax errors of one file are worth naming.
const MAX_SYNTAX_ERRORS: usize = 20;

/// How much of a wrong text an error shows, in characters.
const MAX_SHOWN: usize = 60;

/// Reads TOML.
///
/// # Errors
/// Every place where it is not TOML. What could be read around them is not used: an error in one
/// line changes what the next ones mean.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, Vec<SyntaxError>> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(lines.items(table.get_ref()));
    }
    Err(errors
        .into_iter()
        .take(MAX_SYNTAX_ERRORS)
        .map(|error| SyntaxError {
            at: error.span().map(|span| lines.spot(span.start)),
            message: error.message().to_owned(),
        })
        .collect())
}

/// The offsets at which lines begin, but for the first.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    fn spot(&self, offset: usize) -> Spot {
        Spot::Line(self.0.partition_point(|&start| start <= offset) + 1)
    }

    fn items(&self, table: &DeTable<'_>) -> Vec<Item> {
        table
            .iter()
            .map(|(key, value)| Item {
                key: key.get_ref().to_string(),
                at: Some(self.spot(key.span().start)),
                value: self.located(value),
            })
            .collect()
    }

    fn located(&self, value: &toml::Spanned<DeValue<'_>>) -> Located {
        let raw = match value.get_ref() {
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or(
                    Raw::Unfit("a number that is far too large".into()),
                    Raw::Integer,
                ),
            DeValue::Float(_) => Raw::Unfit("a number with a fraction".into()),
            DeValue::Boolean(boolean) => Raw::Boolean(*boolean),
            DeValue::Datetime(_) => Raw::Unfit("a date or time".into()),
            DeValue::Array(list) => Raw::List(list.iter().map(|each| self.located(each)).collect()),
            DeValue::Table(table) => Raw::Table(self.items(table)),
        };
        Located {
            raw,
            at: Some(self.spot(value.span().start)),
        }
    }
}

/// As an error shows it.
impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                let shown: String = text.chars().take(MAX_SHOWN).collect();
                let more = if shown.len() < text.len() { " ..." } else { "" };
                write!(f, "{shown:?}{more}")
            }
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::List(_) => f.write_str("a list"),
            Self::Table(_) => f.write_str("a table"),
            Self::Unfit(what) => f.write_str(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_knows_its_line() {
        let items = parse("a = 1\n[b]\nc = [\n  true,\n  0x10,\n]\n").unwrap();
        let line = |line| Some(Spot::Line(line));
        assert_eq!(items[0].at, line(1));
        let Raw::Table(inner) = &items[1].value.raw else {
            panic!("a table");
        };
        assert_eq!(inner[0].at, line(3));
        let Raw::List(list) = &inner[0].value.raw else {
            panic!("a list");
        };
        assert_eq!((&list[0].at, &list[1].at), (&line(4), &line(5)));
        assert!(matches!(list[1].raw, Raw::Integer(16)));
    }

    #[test]
    fn every_syntax_error_is_named_with_its_line() {
        let errors = parse("a = \nb = 1\nb = 2\nc = \"open\n").unwrap_err();
        let spots: Vec<_> = errors.iter().filter_map(|error| error.at.clone()).collect();
        assert_eq!(spots, [1, 3, 4].map(Spot::Line), "{errors:?}");
    }

    #[test]
    fn long_texts_are_cut_when_shown() {
        let shown = Raw::Text("x".repeat(500)).to_string();
        assert_eq!(shown.len(), MAX_SHOWN + 2 + 4);
    }
}
