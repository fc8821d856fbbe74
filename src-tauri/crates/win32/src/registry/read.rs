//! Reading a tree of keys.

use std::io;

use windows_sys::Win32::Foundation::{ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS};
use windows_sys::Win32::Security::Authorization::SE_REGISTRY_KEY;
use windows_sys::Win32::System::Registry::{KEY_READ, RegEnumKeyExW, RegEnumValueW};

use super::decode::decode;
use super::key::{OpenKey, succeeded};
use super::{Hive, Key, Value};
use crate::{Keepers, Kept};

/// The longest name of a value (Microsoft, "Registry element size limits"), in UTF-16 units; those
/// of keys are shorter.
const LONGEST_NAME: usize = 16_383;

/// How much of a tree is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many keys deep, the first one not counted.
    pub depth: usize,
    /// How many keys and values in all.
    pub entries: usize,
    /// How many bytes the values have in all.
    pub bytes: usize,
}

/// Reads a key and everything below it, and looks who beside the keepers may change each key; none
/// when there is no such key. Each key is judged and read by one handle.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] when there is more than the limits allow, else what Windows says.
pub fn read_tree(
    hive: Hive,
    path: &str,
    keepers: &Keepers,
    limits: Limits,
) -> io::Result<Option<Key>> {
    let Some(key) = OpenKey::open(hive, path, KEY_READ)? else {
        return Ok(None);
    };
    Reader::new(limits)
        .key(&key, keepers, limits.depth)
        .map(Some)
}

/// Reads the values of one key, whatever is below it and whoever may change it; none when there is no
/// such key.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] when there is more than the limits allow, else what Windows says.
pub fn read_values(
    hive: Hive,
    path: &str,
    limits: Limits,
) -> io::Result<Option<Vec<(String, Value)>>> {
    let Some(key) = OpenKey::open(hive, path, KEY_READ)? else {
        return Ok(None);
    };
    Reader::new(limits).values(&key).map(Some)
}

/// The names of the keys right below one key, whoever may change them; none when there is no such
/// key.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] when there are more than the limits allow, else what Windows says.
pub fn read_subkeys(hive: Hive, path: &str, limits: Limits) -> io::Result<Option<Vec<String>>> {
    let Some(key) = OpenKey::open(hive, path, KEY_READ)? else {
        return Ok(None);
    };
    Reader::new(limits).subkeys(&key).map(Some)
}

struct Reader {
    entries_left: usize,
    bytes_left: usize,
    /// A place for names.
    name: Vec<u16>,
}

impl Reader {
    fn new(limits: Limits) -> Self {
        Self {
            entries_left: limits.entries,
            bytes_left: limits.bytes,
            name: vec![0; LONGEST_NAME + 1],
        }
    }

    fn key(&mut self, key: &OpenKey, keepers: &Keepers, depth_left: usize) -> io::Result<Key> {
        // SAFETY: an open key.
        let outsider = unsafe { keepers.outsider_of(key.raw(), SE_REGISTRY_KEY, Kept::Key) }?;
        let values = self.values(key)?;
        let mut subkeys = Vec::new();
        for name in self.subkeys(key)? {
            let depth_left = depth_left.checked_sub(1).ok_or_else(too_large)?;
            // One that went away in this moment is none.
            if let Some(subkey) = key.open_subkey(&name, KEY_READ)? {
                subkeys.push((name, self.key(&subkey, keepers, depth_left)?));
            }
        }
        Ok(Key {
            values,
            subkeys,
            outsider,
        })
    }

    fn subkeys(&mut self, key: &OpenKey) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        while let Some(name) = self.subkey_name(key, names.len() as u32)? {
            names.push(name);
        }
        Ok(names)
    }

    fn values(&mut self, key: &OpenKey) -> io::Result<Vec<(String, Value)>> {
        let mut values = Vec::new();
        while let Some(value) = self.value(key, values.len() as u32)? {
            values.push(value);
        }
        Ok(values)
    }

    fn value(&mut self, key: &OpenKey, index: u32) -> io::Result<Option<(String, Value)>> {
        let mut data = vec![0_u8; 1024.min(self.bytes_left)];
        loop {
            let (mut name_length, mut kind) = (self.name.len() as u32, 0);
            let mut length = data.len() as u32;
            // SAFETY: an open key, and places of these lengths for the answers.
            let code = unsafe {
                RegEnumValueW(
                    key.raw(),
                    index,
                    self.name.as_mut_ptr(),
                    &raw mut name_length,
                    std::ptr::null(),
                    &raw mut kind,
                    data.as_mut_ptr(),
                    &raw mut length,
                )
            };
            match code {
                ERROR_NO_MORE_ITEMS => return Ok(None),
                // It says how much it needs, and may have grown again by the next try.
                ERROR_MORE_DATA if length as usize > data.len() => {
                    if length as usize > self.bytes_left {
                        return Err(too_large());
                    }
                    data.resize(length as usize, 0);
                }
                code => {
                    succeeded(code)?;
                    self.count(length as usize)?;
                    let value = decode(kind, &data[..length as usize]);
                    return Ok(Some((self.name(name_length), value)));
                }
            }
        }
    }

    fn subkey_name(&mut self, key: &OpenKey, index: u32) -> io::Result<Option<String>> {
        let mut length = self.name.len() as u32;
        // SAFETY: an open key, and a place of this length for the name; nothing else is asked for.
        let code = unsafe {
            RegEnumKeyExW(
                key.raw(),
                index,
                self.name.as_mut_ptr(),
                &raw mut length,
                std::ptr::null(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        };
        if code == ERROR_NO_MORE_ITEMS {
            return Ok(None);
        }
        succeeded(code)?;
        self.count(0)?;
        Ok(Some(self.name(length)))
    }

    fn name(&self, length: u32) -> String {
        String::from_utf16_lossy(&self.name[..length as usize])
    }

    fn count(&mut self, bytes: usize) -> io::Result<()> {
        self.entries_left = self.entries_left.checked_sub(1).ok_or_else(too_large)?;
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

fn too_large() -> io::Error {
    io::ErrorKind::FileTooLarge.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::write::TestKey;
    use crate::registry::{create_key, delete_tree, open_to_everyone, set_value};
    use crate::{Hold, Outsider};

    const LIMITS: Limits = Limits {
        depth: 4,
        entries: 100,
        bytes: 10_000,
    };

    fn read(key: &TestKey, limits: Limits) -> io::Result<Option<Key>> {
        let keepers = Keepers::administrators_and_this_user()?;
        read_tree(Hive::CurrentUser, key.path(), &keepers, limits)
    }

    #[test]
    fn a_tree_is_read_with_the_kinds_of_its_values() {
        let key = TestKey::new();
        let values = [
            ("text", Value::Text("Jörg".to_owned())),
            ("number", Value::Number(u32::MAX)),
            ("large", Value::Large(u64::MAX)),
            ("list", Value::Texts(vec!["a".to_owned(), "b".to_owned()])),
            ("expandable", Value::Expandable("%TEMP%".to_owned())),
            ("long", Value::Text("x".repeat(3000))),
            ("", Value::Text("default".to_owned())),
        ];
        for (name, value) in &values {
            set_value(Hive::CurrentUser, key.path(), name, value).unwrap();
        }
        let below = format!(r"{}\api\apps", key.path());
        set_value(Hive::CurrentUser, &below, "port", &Value::Number(1)).unwrap();

        let shallow = Limits { depth: 0, ..LIMITS };
        let alone = read_values(Hive::CurrentUser, key.path(), shallow);
        assert_eq!(alone.unwrap().unwrap().len(), values.len());
        let below = read_subkeys(Hive::CurrentUser, key.path(), shallow);
        assert_eq!(below.unwrap().unwrap(), ["api"]);
        let read = read(&key, LIMITS).unwrap().unwrap();
        for (name, value) in &values {
            let found = read.values.iter().find(|(found, _)| found == name);
            assert_eq!(found.map(|(_, value)| value), Some(value), "{name}");
        }
        let [(api, inner)] = read.subkeys.as_slice() else {
            panic!("one subkey");
        };
        assert_eq!(api, "api");
        assert_eq!(
            inner.subkeys[0].1.values,
            [("port".to_owned(), Value::Number(1))]
        );
    }

    #[test]
    fn what_is_not_there_is_none() {
        let key = TestKey::new();
        delete_tree(Hive::CurrentUser, key.path()).unwrap();
        assert_eq!(read(&key, LIMITS).unwrap(), None);
        let below = read_subkeys(Hive::CurrentUser, key.path(), LIMITS);
        assert_eq!(below.unwrap(), None);
    }

    #[test]
    fn more_than_the_limits_is_refused() {
        let key = TestKey::new();
        let deep = format!(r"{}\1\2", key.path());
        set_value(
            Hive::CurrentUser,
            &deep,
            "a",
            &Value::Text("x".repeat(2000)),
        )
        .unwrap();
        let too_large = |limits| {
            let error = read(&key, limits).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        };
        assert!(
            read(
                &key,
                Limits {
                    depth: 2,
                    entries: 3,
                    bytes: 4002
                }
            )
            .is_ok()
        );
        too_large(Limits { depth: 1, ..LIMITS });
        too_large(Limits {
            entries: 2,
            ..LIMITS
        });
        too_large(Limits {
            bytes: 4001,
            ..LIMITS
        });
    }

    #[test]
    fn a_key_that_others_can_change_is_told_wherever_it_is() {
        let key = TestKey::new();
        let open = format!(r"{}\closed\open", key.path());
        create_key(Hive::CurrentUser, &open).unwrap();
        open_to_everyone(Hive::CurrentUser, &open).unwrap();
        let read = read(&key, LIMITS).unwrap().unwrap();
        assert_eq!(read.outsider, None);
        let closed = &read.subkeys[0].1;
        assert_eq!(closed.outsider, None);
        let everyone = Outsider {
            who: "Everyone",
            by: Hold::Rights,
        };
        assert_eq!(closed.subkeys[0].1.outsider, Some(everyone));
    }
}
