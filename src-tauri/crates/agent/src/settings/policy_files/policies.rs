//! The policies that an administrator sees: one a setting, and some for each list of entries.

use toml::{Table, Value};

use super::{KEY, SLOTS};
use crate::settings::Definition;
use crate::settings::rule::{Field, Shape};
use crate::settings::tables::definitions;

/// One policy.
pub(super) struct Policy {
    /// Its name, unlike any other's.
    pub(super) name: String,
    /// The table of the setting.
    pub(super) table: &'static str,
    /// The registry key that it writes in, without the hive.
    pub(super) key: String,
    /// What the editor calls it.
    pub(super) title: String,
    /// What the editor tells of it.
    pub(super) explanation: String,
    /// What is chosen.
    pub(super) control: Control,
}

/// How the value is chosen.
pub(super) enum Control {
    /// Enabled is true, Disabled is false: the name of the value, and the default.
    Toggle(&'static str, bool),
    /// What is filled in when it is enabled.
    Elements(Vec<Element>),
}

/// One value of a policy.
pub(super) struct Element {
    /// The name of the value.
    pub(super) value_name: &'static str,
    /// What the editor calls it.
    pub(super) label: String,
    /// Whether it cannot be left empty.
    pub(super) required: bool,
    /// What may be filled in.
    pub(super) kind: Kind,
}

/// What may be filled in.
pub(super) enum Kind {
    /// One of these words; the default's number.
    Words(Vec<&'static str>, usize),
    /// A whole number.
    Number { min: i64, max: i64, default: i64 },
    /// A line, and the default.
    Line(String),
    /// Lines: the default, and how many at most.
    Lines(Vec<String>, usize),
}

/// Every policy, in the order of the documentation.
pub(super) fn policies() -> Vec<Policy> {
    definitions().iter().flat_map(of_definition).collect()
}

fn of_definition(definition: &Definition) -> Vec<Policy> {
    let Definition { table, key, .. } = definition;
    if let Shape::Entries { fields, .. } = &definition.shape {
        let slots = 1..=SLOTS;
        return slots
            .map(|slot| of_slot(definition, fields, slot))
            .collect();
    }
    vec![Policy {
        name: format!("{table}_{key}"),
        table,
        key: format!(r"{KEY}\{table}"),
        title: title(key),
        explanation: explanation(definition),
        control: control(key, &definition.shape, &default(definition)),
    }]
}

fn control(key: &'static str, shape: &Shape, default: &Value) -> Control {
    if let (Shape::Boolean, Value::Boolean(default)) = (shape, default) {
        return Control::Toggle(key, *default);
    }
    Control::Elements(vec![Element {
        value_name: key,
        label: title(key),
        required: *default != Value::from("") && !matches!(shape, Shape::List { .. }),
        kind: kind(shape, Some(default)),
    }])
}

/// An entry's subkey is named by its slot; its id is a value.
fn of_slot(definition: &Definition, fields: &[Field], slot: usize) -> Policy {
    let Definition { table, key, .. } = definition;
    let elements = fields.iter().map(|field| Element {
        value_name: field.key,
        label: title(field.key),
        required: field.required && !matches!(field.shape, Shape::List { .. }),
        kind: kind(&field.shape, None),
    });
    Policy {
        name: format!("{table}_{key}_{slot}"),
        table,
        key: format!(r"{KEY}\{table}\{key}\{slot}"),
        title: format!("{} {slot:02}", title(key)),
        explanation: explanation_of_slots(definition, fields),
        control: Control::Elements(elements.collect()),
    }
}

fn kind(shape: &Shape, default: Option<&Value>) -> Kind {
    let text = default.and_then(Value::as_str).unwrap_or_default();
    match shape {
        Shape::Choice(words) => {
            let default = words.iter().position(|word| *word == text);
            Kind::Words(words.clone(), default.unwrap_or_default())
        }
        Shape::Number { min, max } => Kind::Number {
            min: *min,
            max: *max,
            default: default.and_then(Value::as_integer).unwrap_or(*min),
        },
        Shape::Duration { .. } | Shape::Text(_) => Kind::Line(text.to_owned()),
        Shape::List { max, .. } => {
            let defaults = default.and_then(Value::as_array).into_iter().flatten();
            let line = |each: &Value| each.as_str().map_or(each.to_string(), str::to_owned);
            Kind::Lines(defaults.map(line).collect(), *max)
        }
        Shape::Boolean | Shape::Entries { .. } => panic!("no entry has one: {shape}"),
    }
}

/// The default as a value.
pub(super) fn default(definition: &Definition) -> Value {
    let written = format!("x = {}", definition.default).parse::<Table>();
    written.unwrap().remove("x").unwrap()
}

const TOGGLE: &str = "Enabled: true. Disabled: false. Neither can be changed on the computer.\n\
     Not Configured: what the installer was told holds, else what the file says, else the default.";

const ELEMENTS: &str = "Enabled: what is filled in holds and cannot be changed on the computer.\n\
     Disabled, Not Configured: what the installer was told holds, else what the file says, else the \
     default.";

fn explanation(definition: &Definition) -> String {
    let Definition {
        table,
        key,
        description,
        shape,
        default,
    } = definition;
    let (lines, means) = match shape {
        Shape::Boolean => ("", TOGGLE),
        Shape::List { .. } => (
            "One on each line. Enabled without a line is an empty list, and not the default.\n",
            ELEMENTS,
        ),
        // The editor takes no empty text where one is wanted.
        Shape::Text(allowed) if allowed.contains("\"\"") && default != "\"\"" => (
            "For \"\" write an empty text to the registry: it cannot be filled in here.\n",
            ELEMENTS,
        ),
        Shape::Choice(_)
        | Shape::Number { .. }
        | Shape::Duration { .. }
        | Shape::Text(_)
        | Shape::Entries { .. } => ("", ELEMENTS),
    };
    format!(
        "{description}\n\nSetting: [{table}] {key}\nAllowed: {shape}\nDefault: {default}\n{lines}\n{means}"
    )
}

fn explanation_of_slots(definition: &Definition, fields: &[Field]) -> String {
    let Definition {
        table,
        key,
        description,
        ..
    } = definition;
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            let optional = if field.required { "" } else { " May be empty." };
            let (key, description, shape) = (field.key, field.description, &field.shape);
            format!("{key}: {description}{optional}\n    {shape}\n")
        })
        .collect();
    format!(
        "{description}\n\nSetting: [{table}] {key}; one entry in each of the {SLOTS} policies of \
         this name, with an id of its own. More entries: by the registry, a subkey each. Entries \
         of the installer and of the file count too, unless one of the same id is here.\n\n\
         {}\nOf a list, one on each line.\n\nEnabled: the entry counts.\nDisabled, Not \
         Configured: there is no such entry.",
        fields.concat()
    )
}

/// A name as a title: `idle_timeout` as "Idle timeout".
pub(super) fn title(name: &str) -> String {
    const ABBREVIATIONS: [&str; 9] = [
        "acr", "api", "atr", "cis2", "id", "mb", "pkce", "url", "sha256",
    ];
    let words: Vec<_> = name
        .split('_')
        .map(|word| match ABBREVIATIONS.contains(&word) {
            true => word.to_ascii_uppercase(),
            false => word.to_owned(),
        })
        .collect();
    let mut title = words.join(" ");
    title[..1].make_ascii_uppercase();
    title
}
