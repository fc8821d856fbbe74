//! Looks at this process's own memory as Linux shows it (proc_pid_mem(5)), also where nothing lives
//! any more.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Where a text or bytes lie.
pub(crate) struct Place {
    address: u64,
    held: Vec<u8>,
}

impl Place {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            address: bytes.as_ptr().addr() as u64,
            held: bytes.to_vec(),
        }
    }

    /// How many bytes are still what they were. The allocator may have written to some of them.
    pub(crate) fn left(&self) -> usize {
        let mut now = vec![0; self.held.len()];
        let memory = File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut now, self.address).unwrap();
        let pairs = now.iter().zip(&self.held);
        pairs.filter(|(now, held)| now == held).count()
    }
}

/// As long as a token; no byte of it is zero.
pub(crate) fn token() -> String {
    "eyJ".repeat(400)
}
