//! `sample.reg`: every setting with its default, to be taken over line by line.

use toml::Value;

use super::KEY;
use super::policies::default;
use crate::settings::Definition;
use crate::settings::rule::Shape;
use crate::settings::tables::{TABLES, definitions};

const HEAD: &str = "\
Windows Registry Editor Version 5.00

; Every setting of Cardea as a policy, with its default. As it stands this file sets nothing: take away the
; semicolon before the quotation mark of what is to be set, and before the bracket of its key.
; Made of the settings' definitions.
";

/// Stands for an entry of each list.
const ENTRIES: &[(&str, &str)] = &[
    (
        "api.apps",
        "\
;[KEY\\docman]
;\"name\"=\"Docman\"
;\"token_sha256\"=\"1111111111111111111111111111111111111111111111111111111111111111\"
;[KEY\\docman\\scopes]
;\"1\"=\"session:read\"
;\"2\"=\"identity:read\"
;[KEY\\docman\\origins]
;\"1\"=\"https://docman.example\"
",
    ),
    (
        "card.patterns",
        "\
;[KEY\\new-card]
;\"name\"=\"A new kind of card\"
;\"atr\"=\"3B F9 18 00\"
;\"mask\"=\"FF FF 00 00\"
",
    ),
];

/// With the line ends of Windows, for whose editors it is.
pub(super) fn write() -> String {
    let tables: String = TABLES
        .iter()
        .map(|(name, about)| table(name, about))
        .collect();
    format!("{HEAD}{tables}").replace('\n', "\r\n")
}

fn table(name: &str, about: &str) -> String {
    let settings = definitions();
    let (single, keys): (Vec<_>, Vec<_>) = settings
        .iter()
        .filter(|definition| definition.table == name)
        .partition(|definition| !has_a_key(&definition.shape));
    let path = format!(r"HKEY_LOCAL_MACHINE\{KEY}\{name}");
    let single: String = single
        .into_iter()
        .map(|definition| {
            let value = value(&default(definition));
            format!("{};\"{}\"={value}\n", about_it(definition), definition.key)
        })
        .collect();
    let keys: String = keys
        .into_iter()
        .map(|definition| below(definition, &path))
        .collect();
    format!("\n; {about}\n;[{path}]\n{single}{keys}")
}

/// Lists and entries are keys of their own.
fn has_a_key(shape: &Shape) -> bool {
    matches!(shape, Shape::List { .. } | Shape::Entries { .. })
}

fn about_it(definition: &Definition) -> String {
    let (description, shape) = (definition.description, &definition.shape);
    format!("\n; {description}\n; {shape}\n")
}

fn below(definition: &Definition, table: &str) -> String {
    let path = format!(r"{table}\{}", definition.key);
    let setting = format!("{}.{}", definition.table, definition.key);
    let content = match ENTRIES.iter().find(|(name, _)| *name == setting) {
        Some((_, entry)) => entry.replace("KEY", &path),
        None => {
            let default = default(definition);
            let values = default.as_array().into_iter().flatten().enumerate();
            let values: String = values
                .map(|(index, each)| {
                    let text = each.as_str().map_or(each.to_string(), str::to_owned);
                    format!(";\"{}\"={}\n", index + 1, value(&Value::from(text)))
                })
                .collect();
            format!(";[{path}]\n{values}")
        }
    };
    format!("{}{content}", about_it(definition))
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")),
        Value::Boolean(boolean) => format!("dword:{:08x}", u8::from(*boolean)),
        Value::Integer(number) => format!("dword:{number:08x}"),
        Value::Array(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => {
            panic!("no single setting is one: {value}")
        }
    }
}
