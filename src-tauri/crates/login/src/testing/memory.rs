//! Looks at this process's own memory as Linux shows it (proc_pid_mem(5)), also where nothing lives
//! any more.

use std::cell::RefCell;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::fs::FileExt as _;

/// Where a text or bytes lie.
pub(crate) struct Place {
    address: u64,
    held: Vec<u8>,
    memory: File,
    /// Made before the text goes: made afterwards it could be put where that was, and clear it.
    now: RefCell<Vec<u8>>,
}

impl Place {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            address: bytes.as_ptr().addr() as u64,
            held: bytes.to_vec(),
            memory: File::open("/proc/self/mem").unwrap(),
            now: RefCell::new(vec![0; bytes.len()]),
        }
    }

    /// How many bytes are still what they were. The allocator may have written to some of them.
    pub(crate) fn left(&self) -> usize {
        let mut now = self.now.borrow_mut();
        self.memory.read_exact_at(&mut now, self.address).unwrap();
        let pairs = now.iter().zip(&self.held);
        pairs.filter(|(now, held)| now == held).count()
    }
}

/// Fewer bytes than this two tokens have in common at the same places: one in sixteen of 1200, and
/// much room.
pub(crate) const ALIKE: usize = 200;

/// As long as a token; no byte of it is zero. Each is another one: a test beside this one that is
/// given the same place for its own must not look like something that was left.
pub(crate) fn token() -> String {
    let random = RandomState::new();
    let words = (0..75).map(|part| format!("{:016x}", random.hash_one(part)));
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_wiped_is_found() {
        let is_found = |_| {
            let text = token();
            let place = Place::of(text.as_bytes());
            drop(text);
            place.left() > 1000
        };
        // Another thread may be given the place before it is looked at.
        assert!((0..100).any(is_found));
    }
}
