//! Whether a value is of the shape that the documentation gives, judged without the code under test.

use std::collections::HashSet;

use toml::Value;

use crate::settings::{Field, Shape};

/// Whether a value is of this shape.
#[must_use]
pub fn is_of(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Boolean => value.is_bool(),
        Shape::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Shape::Number { min, max } => {
            let number = value.as_integer();
            number.is_some_and(|number| (*min..=*max).contains(&number))
        }
        Shape::Duration { min, max, or } => {
            let limits = min.as_millis()..=max.as_millis();
            millis(value).is_some_and(|millis| limits.contains(&millis))
                || or.is_some_and(|word| value.as_str() == Some(word))
        }
        Shape::Text(_) => value.is_str(),
        Shape::List { each, max } => {
            let list = value.as_array();
            list.is_some_and(|list| list.len() <= *max && list.iter().all(|one| is_of(each, one)))
        }
        Shape::Entries { fields, max } => {
            let list = value.as_array();
            list.is_some_and(|list| list.len() <= *max && are_entries(fields, list))
        }
    }
}

fn are_entries(fields: &[Field], list: &[Value]) -> bool {
    let is_entry = |value: &Value| {
        let Some(entry) = value.as_table() else {
            return false;
        };
        let fits = |field: &Field| match entry.get(field.key) {
            Some(value) => is_of(&field.shape, value),
            None => !field.required,
        };
        let known = |key: &String| fields.iter().any(|field| field.key == key);
        fields.iter().all(fits) && entry.keys().all(known)
    };
    let ids = list
        .iter()
        .map(|entry| entry.get("id").and_then(Value::as_str));
    let ids: HashSet<_> = ids.collect();
    list.iter().all(is_entry) && ids.len() == list.len()
}

/// How long a duration is, in milliseconds; none when it is not one.
#[must_use]
pub fn millis(value: &Value) -> Option<u128> {
    let text = value.as_str()?;
    let number = text.trim_end_matches(|char: char| char.is_ascii_lowercase());
    let unit = match &text[number.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(number.parse::<u128>().ok()? * unit)
}
