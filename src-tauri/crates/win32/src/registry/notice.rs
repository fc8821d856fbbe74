//! Notices of changes of a key.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _, BorrowedHandle};

use windows_sys::Win32::System::Registry::{
    KEY_NOTIFY, KEY_READ, REG_NOTIFY_CHANGE_LAST_SET, REG_NOTIFY_CHANGE_NAME,
    REG_NOTIFY_CHANGE_SECURITY, REG_NOTIFY_FILTER, REG_NOTIFY_THREAD_AGNOSTIC,
    RegNotifyChangeKeyValue,
};

use super::Hive;
use super::key::{OpenKey, succeeded};
use crate::Event;

/// How many times keys may come and go while they are looked for.
const TRIES: usize = 8;

/// Tells once when something below a key changes, or the key comes or goes. While the key is not
/// there, the nearest one above it that is there is looked after. Wait for it with
/// [`crate::wait_for_any`].
#[derive(Debug)]
pub struct KeyNotice {
    /// Open for as long as they are looked after.
    _keys: Vec<OpenKey>,
    changed: Event,
}

impl KeyNotice {
    /// Looks after a key from now on.
    ///
    /// # Errors
    /// What Windows says, as when not even the hive can be looked after.
    pub fn arm(hive: Hive, path: &str) -> io::Result<Self> {
        for _ in 0..TRIES {
            let changed = Event::new()?;
            let (keys, nearest) = look_after(hive, path, &changed)?;
            // What came before the key above it was looked after has told nobody.
            if nearest == nearest_of(hive, path)? {
                return Ok(Self {
                    _keys: keys,
                    changed,
                });
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }
}

impl AsHandle for KeyNotice {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.changed.as_handle()
    }
}

/// Looks after the nearest key to `path` that is there, and the one above that: a key that goes
/// tells those who look after the one above. Gives the nearest one's path.
fn look_after<'a>(
    hive: Hive,
    path: &'a str,
    changed: &Event,
) -> io::Result<(Vec<OpenKey>, &'a str)> {
    let nearest = nearest_of(hive, path)?;
    let mut keys = Vec::new();
    let (filter, depth) = if nearest == path {
        let everything = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
        (everything | REG_NOTIFY_CHANGE_SECURITY, Depth::Subtree)
    } else {
        (REG_NOTIFY_CHANGE_NAME, Depth::Subkeys)
    };
    keys.extend(notify(hive, nearest, filter, depth, changed)?);
    if let Some(above) = above(nearest) {
        // Somebody else's key, perhaps: then there is only the one below it.
        let names = REG_NOTIFY_CHANGE_NAME;
        let key = notify(hive, above, names, Depth::Subkeys, changed);
        keys.extend(key.ok().flatten());
    }
    Ok((keys, nearest))
}

/// The path itself, or the nearest one above it where there is a key.
fn nearest_of(hive: Hive, path: &str) -> io::Result<&str> {
    let mut nearest = path;
    while OpenKey::open(hive, nearest, KEY_READ)?.is_none() {
        let Some(above) = above(nearest) else { break };
        nearest = above;
    }
    Ok(nearest)
}

/// The hive itself has an empty path, and nothing above it.
fn above(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    Some(path.rsplit_once('\\').map_or("", |(above, _)| above))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Subkeys,
    Subtree,
}

/// None when there is no such key any more.
fn notify(
    hive: Hive,
    path: &str,
    filter: REG_NOTIFY_FILTER,
    depth: Depth,
    changed: &Event,
) -> io::Result<Option<OpenKey>> {
    let Some(key) = OpenKey::open(hive, path, KEY_NOTIFY)? else {
        return Ok(None);
    };
    // Otherwise it would end with the thread that asks.
    let filter = filter | REG_NOTIFY_THREAD_AGNOSTIC;
    let subtree = i32::from(depth == Depth::Subtree);
    let event = changed.as_handle().as_raw_handle();
    let asynchronous = 1;
    // SAFETY: an open key, and an event that lives as long as the key does: both are kept together.
    succeeded(unsafe { RegNotifyChangeKeyValue(key.raw(), subtree, filter, event, asynchronous) })?;
    Ok(Some(key))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::registry::write::TestKey;
    use crate::registry::{Value, create_key, delete_tree, open_to_everyone, set_value};
    use crate::wait_for_any;

    const HIVE: Hive = Hive::CurrentUser;
    /// Only ends a test that would fail.
    const LIMIT: Duration = Duration::from_secs(5);

    fn is_told_within(notice: &KeyNotice, limit: Duration) -> bool {
        wait_for_any(&[notice.as_handle()], limit).unwrap() == Some(0)
    }

    /// Whether `change` is told to who looks after a key that `before` prepared.
    fn is_told(before: impl Fn(&str), change: impl Fn(&str)) -> bool {
        let key = TestKey::new();
        let path = format!(r"{}\policies\cardea", key.path());
        before(&path);
        let notice = KeyNotice::arm(HIVE, &path).unwrap();
        assert!(!is_told_within(&notice, Duration::ZERO));
        change(&path);
        is_told_within(&notice, LIMIT)
    }

    fn write(path: &str) {
        write_number(path, 1);
    }

    fn write_number(path: &str, number: u32) {
        set_value(HIVE, path, "number", &Value::Number(number)).unwrap();
    }

    #[test]
    fn every_change_below_a_key_is_told() {
        let there = |path: &str| create_key(HIVE, &format!(r"{path}\log\deep")).unwrap();
        assert!(is_told(there, write));
        assert!(is_told(there, |path| write(&format!(r"{path}\log\deep"))));
        assert!(is_told(there, |path| create_key(
            HIVE,
            &format!(r"{path}\new")
        )
        .unwrap()));
        assert!(is_told(there, |path| delete_tree(
            HIVE,
            &format!(r"{path}\log")
        )
        .unwrap()));
    }

    #[test]
    #[ignore = "Wine does not tell of changed rights"]
    fn a_change_of_rights_is_told() {
        let there = |path: &str| create_key(HIVE, path).unwrap();
        assert!(is_told(there, |path| open_to_everyone(HIVE, path).unwrap()));
    }

    #[test]
    fn a_key_that_goes_is_told() {
        let there = |path: &str| create_key(HIVE, path).unwrap();
        assert!(is_told(there, |path| delete_tree(HIVE, path).unwrap()));
    }

    #[test]
    fn a_key_that_comes_with_those_above_it_is_told() {
        assert!(is_told(|_| {}, |path| create_key(HIVE, path).unwrap()));
        let next_above = |path: &str| create_key(HIVE, path.rsplit_once('\\').unwrap().0).unwrap();
        assert!(is_told(|_| {}, next_above));
        assert!(is_told(next_above, |path| create_key(HIVE, path).unwrap()));
    }

    #[test]
    fn a_key_that_is_made_again_is_told_to_who_looks_anew() {
        let key = TestKey::new();
        let path = format!(r"{}\cardea", key.path());
        write(&path);
        delete_tree(HIVE, &path).unwrap();
        for number in 2..4 {
            let notice = KeyNotice::arm(HIVE, &path).unwrap();
            assert!(!is_told_within(&notice, Duration::ZERO));
            write_number(&path, number);
            assert!(is_told_within(&notice, LIMIT));
        }
    }

    #[test]
    fn it_outlives_the_thread_that_asked() {
        let key = TestKey::new();
        let path = format!(r"{}\cardea", key.path());
        write(&path);
        let notice = std::thread::scope(|scope| {
            let arm = scope.spawn(|| KeyNotice::arm(HIVE, &path).unwrap());
            arm.join().unwrap()
        });
        assert!(!is_told_within(&notice, Duration::ZERO));
        write_number(&path, 2);
        assert!(is_told_within(&notice, LIMIT));
    }
}
