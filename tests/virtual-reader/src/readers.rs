//! The readers that are plugged in, and what is in them.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::Duration;

/// A reader, as long as it is plugged in.
pub struct Reader {
    /// Chosen by the test.
    pub id: u32,
    /// USB vendor and product in hexadecimal; pcscd knows the reader's name by them.
    pub vendor: String,
    pub product: String,
    /// Becomes part of the name; may be no UTF-8.
    pub serial: Option<Vec<u8>>,
    slot: Mutex<Slot>,
    changed: Condvar,
}

/// What is in a reader.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Nothing,
    /// A card and its answer to reset.
    Card(Vec<u8>),
    /// A card that does not answer.
    MuteCard,
    /// The reader itself does not answer.
    Failure,
}

struct Slot {
    now: Content,
    /// Not yet seen by pcscd.
    next: VecDeque<Content>,
    /// pcscd has dealt with everything and waits.
    settled: bool,
    stopping: bool,
}

impl Reader {
    pub fn new(id: u32, vendor: &str, product: &str, serial: Option<Vec<u8>>) -> Self {
        Self {
            id,
            vendor: vendor.to_owned(),
            product: product.to_owned(),
            serial,
            slot: Mutex::new(Slot {
                now: Content::Nothing,
                next: VecDeque::new(),
                settled: false,
                stopping: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// The test: changes what is in the reader.
    pub fn put(&self, content: Content) {
        let mut slot = self.slot.lock().unwrap();
        slot.next.push_back(content);
        slot.settled = false;
        self.changed.notify_all();
    }

    /// The test: waits until pcscd has dealt with every change.
    pub fn settle(&self) {
        let slot = self.slot.lock().unwrap();
        let settled = self
            .changed
            .wait_while(slot, |slot| !slot.settled && !slot.stopping);
        drop(settled.unwrap());
    }

    /// pcscd: opens the reader. What was put in until now is simply there.
    pub fn open(&self) {
        let mut slot = self.slot.lock().unwrap();
        slot.stopping = false;
        if let Some(last) = slot.next.pop_back() {
            slot.now = last;
        }
        slot.next.clear();
    }

    pub fn content(&self) -> Content {
        self.slot.lock().unwrap().now.clone()
    }

    /// pcscd: waits for the next change, at most for `limit`.
    pub fn wait(&self, limit: Duration) {
        let mut slot = self.slot.lock().unwrap();
        slot.settled = slot.next.is_empty();
        self.changed.notify_all();
        let (mut slot, _) = self
            .changed
            .wait_timeout_while(slot, limit, |slot| slot.next.is_empty() && !slot.stopping)
            .unwrap();
        if let Some(next) = slot.next.pop_front() {
            slot.now = next;
        }
    }

    /// pcscd: ends [`Self::wait`].
    pub fn stop(&self) {
        self.slot.lock().unwrap().stopping = true;
        self.changed.notify_all();
    }
}

/// The readers plugged in, and the news of them that pcscd has not yet fetched.
pub struct Bus {
    readers: Mutex<Vec<Arc<Reader>>>,
    events: Mutex<VecDeque<(Action, Arc<Reader>)>>,
    /// One byte for each event, for pcscd to poll.
    bell: UnixStream,
    ringer: UnixStream,
}

#[derive(Clone, Copy)]
pub enum Action {
    Add,
    Remove,
}

pub static BUS: LazyLock<Bus> = LazyLock::new(|| {
    let (bell, ringer) = UnixStream::pair().unwrap();
    Bus {
        readers: Mutex::default(),
        events: Mutex::default(),
        bell,
        ringer,
    }
});

impl Bus {
    pub fn readers(&self) -> Vec<Arc<Reader>> {
        self.readers.lock().unwrap().clone()
    }

    pub fn reader(&self, id: u32) -> Option<Arc<Reader>> {
        self.readers().into_iter().find(|reader| reader.id == id)
    }

    pub fn plug(&self, reader: Reader) {
        let reader = Arc::new(reader);
        self.readers.lock().unwrap().push(Arc::clone(&reader));
        self.announce(Action::Add, reader);
    }

    pub fn unplug(&self, reader: Arc<Reader>) {
        self.readers
            .lock()
            .unwrap()
            .retain(|other| other.id != reader.id);
        self.announce(Action::Remove, reader);
    }

    pub fn bell(&self) -> RawFd {
        self.bell.as_raw_fd()
    }

    /// The next event; blocks until there is one.
    pub fn next_event(&self) -> Option<(Action, Arc<Reader>)> {
        (&self.bell).read_exact(&mut [0]).unwrap();
        self.events.lock().unwrap().pop_front()
    }

    fn announce(&self, action: Action, reader: Arc<Reader>) {
        self.events.lock().unwrap().push_back((action, reader));
        (&self.ringer).write_all(&[0]).unwrap();
    }
}
