//! What a bench found out.

use serde_json::{Map, Value, json};

use crate::machine;

/// Keys and values, in the order in which they are told.
pub struct Report(Vec<(&'static str, Value)>);

impl Report {
    pub fn new(bench: &'static str) -> Self {
        Self(vec![
            ("bench", json!(bench)),
            ("machine", machine::describe()),
        ])
    }

    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// A number, to three digits after the point.
    pub fn with_number(self, key: &'static str, value: f64) -> Self {
        self.with(key, (value * 1000.0).round() / 1000.0)
    }

    /// One object, or one line for each key.
    pub fn print(self, as_json: bool) {
        if as_json {
            println!(
                "{}",
                Value::Object(Map::from_iter(
                    self.0
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                ))
            );
        } else {
            for (key, value) in self.0 {
                println!("{key:<20} {value}");
            }
        }
    }
}
