//! The note of which of the computer's keys signs: in the registry, where administrators write and
//! every user reads.

use std::io;

use cardea_win32::Keepers;
use cardea_win32::registry::{Hive, Limits, Value, read_tree, set_value};

const NAME: &str = "InUse";

/// More than a note needs.
const LIMITS: Limits = Limits {
    depth: 1,
    entries: 8,
    bytes: 1024,
};

/// Not below `Software\\Cardea`, where every key is a table of settings.
fn path(keys: &str) -> String {
    format!(r"Software\{keys}")
}

/// The note about the keys of this name, when there is one.
pub(super) fn read(keys: &str) -> io::Result<Option<String>> {
    let path = path(keys);
    let key = read_tree(
        Hive::LocalMachine,
        &path,
        &Keepers::administrators(),
        LIMITS,
    )?;
    let Some(key) = key else {
        return Ok(None);
    };
    if key.outsider.is_some() {
        let why = "somebody beside administrators could have written which key signs";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let value = key.values.into_iter().find(|(name, _)| name == NAME);
    Ok(value.map(|(_, value)| match value {
        Value::Text(text) => text,
        // No note, which is told from none.
        Value::Expandable(_)
        | Value::Number(_)
        | Value::Large(_)
        | Value::Texts(_)
        | Value::Other(_)
        | Value::Malformed(_) => String::new(),
    }))
}

/// Keeps the note.
pub(super) fn write(keys: &str, note: &str) -> io::Result<()> {
    let value = Value::Text(note.to_owned());
    set_value(Hive::LocalMachine, &path(keys), NAME, &value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = "Cardea test key";

    /// One test for all: the computer has one note of a name. It is left as it was.
    #[test]
    fn the_note_is_read_as_it_was_written() {
        let before = read(KEYS).unwrap();
        for note in ["kid 1760000000", "another 1760000001"] {
            write(KEYS, note).unwrap();
            assert_eq!(read(KEYS).unwrap().as_deref(), Some(note));
        }
        write(KEYS, before.as_deref().unwrap_or_default()).unwrap();
    }
}
