//! The smart-card service of Windows, played by the test: readers and cards come and go and the
//! service stops and starts at its word. Programs under Wine reach it through the `winscard.dll`
//! of `tests/winscard`. What it plays follows Microsoft's pages and what people saw; the notes on
//! it are in `drivers-notes/windows-service.md`.

pub mod code;
mod server;
mod state;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cardea_session::ReaderName;

pub use state::Call;
use state::{Content, State};

/// How long anything of a program may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(20);

/// How contexts end.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// The code that ends a wait under way.
    pub waiting: u32,
    /// The code of every later call.
    pub later: u32,
}

/// As Windows 10 stops it with the last reader: the wait that is under way is cancelled by the
/// system (https://github.com/LudovicRousseau/pyscard/issues/216), later calls say that the service
/// was stopped (https://github.com/LudovicRousseau/pyscard/issues/74), also when it is back
/// (https://github.com/LudovicRousseau/pyscard/issues/27).
pub const STOPPED: Loss = Loss {
    waiting: code::SYSTEM_CANCELLED,
    later: code::SERVICE_STOPPED,
};

/// The service. It is gone, for the programs that use it, when dropped.
pub struct CardService {
    service: Arc<Service>,
    port: u16,
}

/// A reader, plugged in or not.
pub struct WinReader {
    service: Arc<Service>,
    name: Vec<u8>,
}

/// The state and who waits for it to change.
#[derive(Default)]
struct Service {
    state: Mutex<(State, Gone)>,
    changed: Condvar,
}

#[derive(Default, PartialEq, Eq)]
enum Gone {
    #[default]
    No,
    Yes,
}

impl CardService {
    /// Of Windows 8 and later, without readers and so not started yet.
    pub fn new() -> Self {
        let service = Arc::new(Service::default());
        service.change(|state| state.stops_with_last_reader = Some(STOPPED));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = Arc::clone(&service);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.is_gone() {
                    return;
                }
                let service = Arc::clone(&serving);
                thread::spawn(move || server::serve(&service, stream));
            }
        });
        Self { service, port }
    }

    /// What programs have in their environment to find it.
    pub fn environment(&self) -> (&'static str, String) {
        ("SCRIPTED_WINSCARD_PORT", self.port.to_string())
    }

    /// Plugs in a reader, empty; the service starts, if it does not run.
    pub fn plug(&self, name: &str) -> WinReader {
        self.service.change(|state| state.plug(name.as_bytes()));
        WinReader {
            service: Arc::clone(&self.service),
            name: name.as_bytes().to_owned(),
        }
    }

    /// Starts the service, as an administrator does.
    pub fn start(&self) {
        self.service.change(State::start);
    }

    /// Stops the service.
    pub fn stop(&self, loss: Loss) {
        self.service.change(|state| state.stop(loss));
    }

    /// How the service stops with the last reader from now on; not at all without a loss.
    pub fn when_last_reader_goes(&self, loss: Option<Loss>) {
        self.service
            .change(|state| state.stops_with_last_reader = loss);
    }

    /// The service starts when a program asks it, as where there ever was a reader
    /// (https://github.com/kanidm/webauthn-rs/pull/321).
    pub fn start_when_asked(&self) {
        self.service.change(|state| state.starts_when_asked = true);
    }

    /// A remote session is disconnected: the redirected readers are gone and all contexts with
    /// them, and the service runs
    /// (https://github.com/Yubico/Yubico.NET.SDK/pull/445).
    pub fn disconnect_session(&self, loss: Loss) {
        self.service.change(|state| {
            state.readers.clear();
            state.lose_contexts(loss);
        });
    }

    /// The next calls of this kind answer so, the wait under way first.
    pub fn fail(&self, call: Call, code: u32, times: u32) {
        self.service
            .change(|state| state.script(call, code, Some(times)));
    }

    /// All calls of this kind answer so until [`Self::mend`].
    pub fn fail_always(&self, call: Call, code: u32) {
        self.service.change(|state| state.script(call, code, None));
    }

    pub fn mend(&self) {
        self.service.change(State::forget_scripts);
    }

    /// Whether a wait for a reader that is not there fails as a whole; otherwise that reader's entry
    /// says so.
    pub fn refuse_unknown_readers(&self, refuse: bool) {
        self.service
            .change(|state| state.refuses_unknown_readers = refuse);
    }

    /// Whether the entry for plug and play is changed in every wait, as it is for programs that do
    /// not hand back its count (https://github.com/Fedict/eid-mw/issues/161).
    pub fn always_plug(&self, always: bool) {
        self.service.change(|state| state.always_plugs = always);
    }

    /// How many of these calls there were.
    pub fn calls(&self, call: Call) -> u64 {
        self.service.change(|state| state.calls(call))
    }

    /// Waits until there were so many of these calls.
    pub fn until_calls(&self, call: Call, count: u64) {
        self.until(|state| state.calls(call) >= count);
    }

    /// Waits until a program waits for a change and has been shown all there is.
    pub fn until_waited_for(&self) {
        self.until(State::is_waited_for);
    }

    /// How many of these calls there are while the test itself calls so many times without a pause,
    /// which takes as long as it takes. A program that does not pause either makes as many.
    pub fn calls_while(&self, call: Call, times: u64) -> u64 {
        let before = self.calls(call);
        self.tick(|ticks| ticks == times);
        self.calls(call) - before
    }

    /// How many calls without a pause the test makes until there was one more of these.
    pub fn ticks_until_next(&self, call: Call) -> u64 {
        let before = self.calls(call);
        self.tick(|_| self.calls(call) > before)
    }

    fn tick(&self, mut enough: impl FnMut(u64) -> bool) -> u64 {
        let limit = Instant::now() + LIMIT;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut stream = BufReader::new(stream);
        let mut ticks = 0;
        while !enough(ticks) {
            assert!(Instant::now() < limit, "the program does it in time");
            stream.get_mut().write_all(b"Tick\n").unwrap();
            stream.read_line(&mut String::new()).unwrap();
            ticks += 1;
        }
        ticks
    }

    fn until(&self, reached: impl Fn(&State) -> bool) {
        let limit = Some(Instant::now() + LIMIT);
        self.service
            .until(limit, |state| reached(state).then_some(()))
            .expect("the program does it in time");
    }
}

impl Drop for CardService {
    fn drop(&mut self) {
        self.service.state.lock().unwrap().1 = Gone::Yes;
        self.service.changed.notify_all();
        // Wakes the thread that listens, which then ends.
        let _woken = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl WinReader {
    pub fn name(&self) -> ReaderName {
        ReaderName::new(self.name.clone())
    }

    /// Puts in a card that answers so to reset.
    pub fn insert(&self, atr: &[u8]) {
        self.change(|reader| reader.put(Content::Card(atr.to_owned())));
    }

    /// Puts in a card that does not answer.
    pub fn insert_mute(&self) {
        self.change(|reader| reader.put(Content::Mute));
    }

    /// Takes out the card.
    pub fn remove(&self) {
        self.change(|reader| reader.put(Content::Nothing));
    }

    /// Takes out the card and puts in another before anybody can look.
    pub fn swap(&self, atr: &[u8]) {
        self.change(|reader| {
            reader.put(Content::Nothing);
            reader.put(Content::Card(atr.to_owned()));
        });
    }

    /// From now on the reader cannot say what is in it.
    pub fn fail(&self) {
        self.change(|reader| reader.content = Content::Unavailable);
    }

    /// Another program uses the card so: flags of [`code::flag`].
    pub fn use_card(&self, flags: u32) {
        self.change(|reader| reader.flags = flags);
    }

    /// Insertions and removals so far.
    pub fn set_event_count(&self, count: u16) {
        self.change(|reader| reader.count = count);
    }

    /// Pulls the reader out, and the card in it with it.
    pub fn unplug(&self) {
        self.service.change(|state| state.unplug(&self.name));
    }

    fn change(&self, change: impl FnOnce(&mut state::Reader)) {
        self.service.change(|state| {
            let mut readers = state.readers.iter_mut();
            let reader = readers.find(|reader| reader.name == self.name);
            change(reader.expect("the reader is plugged in"));
        });
    }
}

impl Service {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state.lock().unwrap().0);
        self.changed.notify_all();
        changed
    }

    /// Waits until `look` finds what it looks for; none after the limit or when the service is gone.
    fn until<T>(
        &self,
        limit: Option<Instant>,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        loop {
            if state.1 == Gone::Yes {
                return None;
            }
            if let Some(found) = look(&mut state.0) {
                return Some(found);
            }
            let left = match limit {
                Some(limit) => limit.checked_duration_since(Instant::now())?,
                None => LIMIT,
            };
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    fn is_gone(&self) -> bool {
        self.state.lock().unwrap().1 == Gone::Yes
    }
}
