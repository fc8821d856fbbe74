//! Settings as IT writes them into the registry: the text of a `.reg` file.

use std::fmt::Write as _;

/// A value of the registry.
#[derive(Clone, Debug)]
pub enum Value {
    /// `REG_SZ`
    Text(String),
    /// `REG_DWORD`
    Number(u32),
    /// `REG_MULTI_SZ`
    List(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl<const N: usize> From<[&str; N]> for Value {
    fn from(list: [&str; N]) -> Self {
        Self::List(list.map(str::to_owned).to_vec())
    }
}

/// The part of a `.reg` file for one key below another.
pub fn key(root: &str, below: &str, values: &[(&str, Value)]) -> String {
    let mut text = format!("[{root}\\{below}]\n");
    for (name, value) in values {
        // Writing into a text does not fail.
        let _ = match value {
            Value::Text(text_of) => {
                let escaped = text_of.replace('\\', "\\\\").replace('"', "\\\"");
                writeln!(text, "\"{name}\"=\"{escaped}\"")
            }
            Value::Number(number) => writeln!(text, "\"{name}\"=dword:{number:08x}"),
            Value::List(list) => writeln!(text, "\"{name}\"=hex(7):{}", multi(list)),
        };
    }
    text.push('\n');
    text
}

/// Each entry with a zero, and one more at the end; in the older form of `.reg` files a byte for
/// each character.
fn multi(list: &[String]) -> String {
    let mut bytes = String::new();
    for byte in list.iter().flat_map(|entry| entry.bytes().chain([0])) {
        let _ = write!(bytes, "{byte:02x},");
    }
    bytes.push_str("00");
    bytes
}
