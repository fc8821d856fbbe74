//! Reads those members of a JSON object that a judgement looks at. What is in the others may be more
//! than a program can hold: a number without end, half of a character, bytes that are no text.

use std::fmt;

use serde::de::{Deserializer as _, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Deserializer, Map, Value};

/// The members of these names, each there once at most.
pub(crate) fn of(json: &[u8], names: &[&str]) -> Value {
    let mut deserializer = Deserializer::from_slice(json);
    let members = deserializer.deserialize_map(Members(names));
    let members = members.expect("what is accepted is an object");
    deserializer.end().expect("there is one object");
    Value::Object(members)
}

struct Members<'a>(&'a [&'a str]);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if !self.0.contains(&name.as_str()) {
                map.next_value::<IgnoredAny>()?;
            } else if members.insert(name, map.next_value()?).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(members)
    }
}
