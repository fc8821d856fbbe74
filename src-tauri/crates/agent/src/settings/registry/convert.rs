//! From what is written in the registry to what the reader of TOML gives. The registry has fewer
//! types than TOML, so what a value means depends on what its setting may be.

use super::tree::{Tree, Value};
use crate::settings::definition::Definition;
use crate::settings::origin::{Origin, Spot};
use crate::settings::raw::{Item, Located, Raw};
use crate::settings::rule::Shape;
use crate::settings::tables::TABLES;

/// How the registry editor shows a value without a name.
const DEFAULT_VALUE: &str = "(Default)";

/// A setting, or a key of an entry, and what it may be.
type Known<'a> = (&'a str, &'a Shape);

/// The tables in a place's key.
pub(in crate::settings) fn items(
    tree: &Tree,
    place: &Origin,
    definitions: &[Definition],
) -> Vec<Item> {
    let path = place.path.as_deref().map(|path| path.display().to_string());
    let key = Key {
        tree,
        path: path.unwrap_or_default(),
    };
    let name_of = |name: &str| {
        let known = TABLES.iter().map(|(known, _)| *known);
        known
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name))
    };
    let strays = key.values(|name, value, at| {
        let raw = Raw::Unfit(format!("a {}", value.kind()).into());
        item(name_of(name).unwrap_or(name), raw, at)
    });
    let tables = key.subkeys(|name, table| {
        let known: Vec<_> = definitions
            .iter()
            .filter(|definition| Some(definition.table) == name_of(name))
            .map(|definition| (definition.key, &definition.shape))
            .collect();
        let raw = Raw::Table(table.fields(&known));
        item(name_of(name).unwrap_or(name), raw, table.spot())
    });
    strays.chain(tables).collect()
}

/// A key, and its path as it is shown.
struct Key<'a> {
    tree: &'a Tree,
    path: String,
}

impl<'a> Key<'a> {
    fn spot(&self) -> Spot {
        Spot::Key {
            key: self.path.clone(),
            value: None,
        }
    }

    fn values<T>(&self, each: impl Fn(&'a str, &'a Value, Spot) -> T) -> impl Iterator<Item = T> {
        self.tree.values().map(move |(name, value)| {
            let name = if name.is_empty() { DEFAULT_VALUE } else { name };
            let at = Spot::Key {
                key: self.path.clone(),
                value: Some(name.to_owned()),
            };
            each(name, value, at)
        })
    }

    fn subkeys<T>(&self, each: impl Fn(&'a str, Self) -> T) -> impl Iterator<Item = T> {
        self.tree.subkeys().map(move |(name, tree)| {
            let path = format!(r"{}\{name}", self.path);
            each(name, Self { tree, path })
        })
    }

    /// The settings of a table, or the keys of an entry.
    fn fields(&self, known: &[Known<'_>]) -> Vec<Item> {
        let find = |name: &str| known.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let mut fields: Vec<_> = self
            .values(|name, value, at| match find(name) {
                Some((key, shape)) => item(key, of_value(value, shape, &at), at),
                None => item(name, Raw::Unfit("a value".into()), at),
            })
            .collect();
        let subkeys: Vec<_> = self
            .subkeys(|name, below| {
                let key = find(name).map_or(name, |(key, _)| key);
                let twice = fields.iter().any(|field| field.key == *key);
                let raw = match find(name) {
                    _ if twice => Raw::Unfit("a subkey beside a value of the same name".into()),
                    Some((_, shape)) => below.of_subkey(shape),
                    None => Raw::Unfit("a subkey".into()),
                };
                item(key, raw, below.spot())
            })
            .collect();
        fields.extend(subkeys);
        fields
    }

    /// The setting that a subkey holds.
    fn of_subkey(&self, shape: &Shape) -> Raw {
        match shape {
            Shape::List { each, .. } => Raw::List(self.numbered(each)),
            Shape::Entries { fields, .. } => {
                let known: Vec<_> = fields
                    .iter()
                    .map(|field| (field.key, &field.shape))
                    .collect();
                Raw::List(self.entries(&known))
            }
            Shape::Boolean
            | Shape::Choice(_)
            | Shape::Number { .. }
            | Shape::Duration { .. }
            | Shape::Text(_) => {
                Raw::Unfit(format!("a subkey, where {} is needed", needed(shape)).into())
            }
        }
    }

    /// A list by numbered values, in the order of their numbers.
    fn numbered(&self, each: &Shape) -> Vec<Located> {
        let mut numbered: Vec<(Option<u64>, Located)> = self
            .values(|name, value, at| {
                let number = decimal(name).and_then(|number| u64::try_from(number).ok());
                let raw = match number {
                    Some(_) => of_value(value, each, &at),
                    None => Raw::Unfit("a value whose name is no number".into()),
                };
                (number, located(raw, at))
            })
            .collect();
        numbered.sort_by_key(|(number, _)| number.unwrap_or(u64::MAX));
        let strays = self.subkeys(|_, below| {
            located(
                Raw::Unfit("a subkey among numbered values".into()),
                below.spot(),
            )
        });
        let values = numbered.into_iter().map(|(_, value)| value);
        values.chain(strays).collect()
    }

    /// Tables by subkeys. The name of a subkey is the entry's `id`, unless it has a value of that
    /// name.
    fn entries(&self, known: &[Known<'_>]) -> Vec<Located> {
        let strays =
            self.values(|_, value, at| located(unfit(value, "a subkey for each entry"), at));
        let entries = self.subkeys(|name, entry| {
            let mut fields = entry.fields(known);
            if !fields.iter().any(|field| field.key == "id") {
                fields.push(item("id", Raw::Text(name.to_owned()), entry.spot()));
            }
            located(Raw::Table(fields), entry.spot())
        });
        strays.chain(entries).collect()
    }
}

/// What a value means for a setting of this shape.
fn of_value(value: &Value, shape: &Shape, at: &Spot) -> Raw {
    match (shape, value) {
        (Shape::Boolean, Value::Number(number)) => boolean(*number).unwrap_or_else(|| {
            Raw::Unfit(format!("{number}, where 1 means true and 0 false").into())
        }),
        (Shape::Boolean, Value::Text(text)) => decimal(text)
            .and_then(|number| boolean(u64::try_from(number).ok()?))
            .unwrap_or_else(|| unfit(value, needed(shape))),
        (Shape::Number { .. }, Value::Number(number)) => i64::try_from(*number).map_or(
            Raw::Unfit("a number that is far too large".into()),
            Raw::Integer,
        ),
        (Shape::Number { .. }, Value::Text(text)) => {
            decimal(text).map_or_else(|| Raw::Text(text.clone()), Raw::Integer)
        }
        (Shape::Choice(_) | Shape::Duration { .. } | Shape::Text(_), Value::Text(text)) => {
            Raw::Text(text.clone())
        }
        (Shape::List { each, .. }, Value::Texts(texts)) => {
            let texts = texts.iter().map(|text| Value::Text(text.clone()));
            let values = texts.map(|text| located(of_value(&text, each, at), at.clone()));
            Raw::List(values.collect())
        }
        (
            Shape::Boolean
            | Shape::Choice(_)
            | Shape::Number { .. }
            | Shape::Duration { .. }
            | Shape::Text(_)
            | Shape::List { .. }
            | Shape::Entries { .. },
            Value::Text(_) | Value::Number(_) | Value::Texts(_) | Value::Other(_),
        ) => unfit(value, needed(shape)),
    }
}

/// The kind of value that a setting of this shape needs.
fn needed(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "REG_DWORD 1 or 0",
        Shape::Number { .. } => "REG_DWORD",
        Shape::Choice(_) | Shape::Duration { .. } | Shape::Text(_) => "REG_SZ",
        Shape::List { .. } => "REG_MULTI_SZ or a subkey with numbered values",
        Shape::Entries { .. } => "a subkey for each entry",
    }
}

fn unfit(value: &Value, needed: &str) -> Raw {
    Raw::Unfit(format!("a {}, where {needed} is needed", value.kind()).into())
}

fn boolean(number: u64) -> Option<Raw> {
    match number {
        0 => Some(Raw::Boolean(false)),
        1 => Some(Raw::Boolean(true)),
        _ => None,
    }
}

/// A whole number in decimal digits, without a plus or spaces.
fn decimal(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn located(raw: Raw, at: Spot) -> Located {
    Located { raw, at: Some(at) }
}

fn item(key: &str, raw: Raw, at: Spot) -> Item {
    Item {
        key: key.to_owned(),
        at: Some(at.clone()),
        value: located(raw, at),
    }
}
