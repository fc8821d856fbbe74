//! For the fuzz targets (`tests/fuzz`): ways in, without a file or registry to write settings in, and
//! the judgement that they share with our own tests.

mod shape;

use toml::{Table, Value as Toml};

use super::registry::{Tree, Value};
use super::source::{Content, Gathered, Source, Standing};
use super::{Build, Loaded, Origin, Place, loaded};

pub use shape::{is_of, millis};

/// Who could have written it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// Administrators alone.
    Administrator,
    /// The user who runs the agent, too.
    User,
}

/// Loads TOML, as if it were written in this place and nothing in the others.
#[must_use]
pub fn load_text(place: Place, writer: Writer, text: &str) -> Loaded {
    load(place, writer, Content::Text(text.to_owned()))
}

/// Loads the same from a registry key, each value of the kind that IT would give it.
#[must_use]
pub fn load_keys(place: Place, table: &Table) -> Loaded {
    load(place, Writer::Administrator, Content::Keys(tree(table)))
}

fn load(place: Place, writer: Writer, content: Content) -> Loaded {
    let source = Source {
        origin: Origin::whole(place, format!("/{place}")),
        standing: match writer {
            Writer::Administrator => Standing::Administrator,
            Writer::User => Standing::User,
        },
        content,
    };
    let gathered = Gathered {
        sources: vec![source],
        errors: Vec::new(),
    };
    loaded(gathered, Build::Release)
}

fn tree(table: &Table) -> Tree {
    let mut tree = Tree::default();
    for (name, written) in table {
        let subkey = match written {
            Toml::Table(below) => Some(self::tree(below)),
            Toml::Array(list) => numbered(list),
            Toml::String(_)
            | Toml::Integer(_)
            | Toml::Float(_)
            | Toml::Boolean(_)
            | Toml::Datetime(_) => None,
        };
        match subkey {
            Some(below) => tree.subkeys.push((name.clone(), below)),
            None => tree.values.push((name.clone(), value(written))),
        }
    }
    tree
}

/// Entries, each in a subkey; what names them is in it. None when they are not all tables.
fn numbered(list: &[Toml]) -> Option<Tree> {
    let subkey = |(number, entry): (usize, &Toml)| {
        let below = tree(entry.as_table()?);
        Some((number.to_string(), below))
    };
    let subkeys = list.iter().enumerate().map(subkey);
    let subkeys = subkeys.collect::<Option<Vec<_>>>()?;
    (!subkeys.is_empty()).then(|| Tree {
        values: Vec::new(),
        subkeys,
    })
}

fn value(written: &Toml) -> Value {
    let text = |each: &Toml| match each {
        Toml::String(text) => Some(text.clone()),
        Toml::Integer(number) => Some(number.to_string()),
        Toml::Boolean(_) | Toml::Float(_) | Toml::Datetime(_) | Toml::Array(_) | Toml::Table(_) => {
            None
        }
    };
    let value = match written {
        Toml::String(text) => Some(Value::Text(text.clone())),
        Toml::Integer(number) => u64::try_from(*number).ok().map(Value::Number),
        Toml::Boolean(is) => Some(Value::Number((*is).into())),
        Toml::Array(list) => {
            let texts = list.iter().map(text).collect::<Option<_>>();
            texts.map(Value::Texts)
        }
        Toml::Float(_) | Toml::Datetime(_) | Toml::Table(_) => None,
    };
    value.unwrap_or_else(|| Value::Other("REG_BINARY".to_owned()))
}
