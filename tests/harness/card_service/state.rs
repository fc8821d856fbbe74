//! What the service of Windows would answer: readers, contexts, waits. No I/O and no clock.

use std::collections::BTreeMap;

use super::Loss;
use super::code::{self, flag};

/// The name by which a wait asks for readers that come and go.
const PLUG_AND_PLAY: &[u8] = br"\\?PnP?\Notification";

/// A function of `winscard.dll`, as far as a test tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Establish,
    Release,
    IsValid,
    Cancel,
    List,
    /// `SCardGetStatusChange`.
    Wait,
    /// `SCardAccessStartedEvent`.
    Started,
    /// Any that needs a card.
    Card,
}

/// The service with its readers.
#[derive(Default)]
pub struct State {
    /// Starts and stops; the service runs after an odd number of them.
    pub changes: u64,
    pub readers: Vec<Reader>,
    contexts: BTreeMap<u64, Context>,
    minted: u64,
    scripts: Vec<Script>,
    calls: BTreeMap<Call, u64>,
    /// What happens to contexts when the last reader goes; nothing where the service stays.
    pub stops_with_last_reader: Option<Loss>,
    /// The service starts for a program that asks, and not for a reader only.
    pub starts_when_asked: bool,
    /// A wait for a reader that is not there fails as a whole.
    pub refuses_unknown_readers: bool,
    /// The entry for plug and play is always changed.
    pub always_plugs: bool,
}

pub struct Reader {
    pub name: Vec<u8>,
    /// Insertions and removals so far.
    pub count: u16,
    pub content: Content,
    /// Added to the state of a card: in use, exclusive, without power.
    pub flags: u32,
}

pub enum Content {
    Nothing,
    Card(Vec<u8>),
    Mute,
    Unavailable,
}

#[derive(Default)]
struct Context {
    lost: Option<Loss>,
    /// What the wait under way is for.
    wait: Option<Vec<Entry>>,
    cancelled: bool,
}

/// Answers of a call that have nothing to do with the rest.
struct Script {
    call: Call,
    code: u32,
    /// How many more; none for ever.
    times: Option<u32>,
}

/// A reader that a wait is for, and what the caller knows of it.
pub struct Entry {
    pub name: Vec<u8>,
    pub known: u32,
}

/// What a wait shows of a reader.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    pub state: u32,
    pub atr: Vec<u8>,
}

impl State {
    pub fn runs(&self) -> bool {
        self.changes % 2 == 1
    }

    pub fn start(&mut self) {
        self.changes += u64::from(!self.runs());
    }

    /// Stops the service; every context is lost for good.
    pub fn stop(&mut self, loss: Loss) {
        self.changes += u64::from(self.runs());
        self.lose_contexts(loss);
    }

    pub fn lose_contexts(&mut self, loss: Loss) {
        for context in self.contexts.values_mut() {
            context.lost.get_or_insert(loss);
        }
    }

    /// A reader arrives, which starts the service.
    pub fn plug(&mut self, name: &[u8]) {
        self.readers.push(Reader {
            name: name.to_owned(),
            count: 0,
            content: Content::Nothing,
            flags: 0,
        });
        self.start();
    }

    pub fn unplug(&mut self, name: &[u8]) {
        self.readers.retain(|reader| reader.name != name);
        if self.readers.is_empty()
            && let Some(loss) = self.stops_with_last_reader
        {
            self.stop(loss);
        }
    }

    pub fn script(&mut self, call: Call, code: u32, times: Option<u32>) {
        self.scripts.push(Script { call, code, times });
    }

    pub fn forget_scripts(&mut self) {
        self.scripts.clear();
    }

    pub fn calls(&self, call: Call) -> u64 {
        self.calls.get(&call).copied().unwrap_or(0)
    }

    /// Some program waits, and has been shown all there is.
    pub fn is_waited_for(&self) -> bool {
        self.contexts
            .values()
            .any(|context| context.wait.is_some() && self.answer(context).is_none())
    }

    pub fn establish(&mut self) -> Result<u64, u32> {
        self.begin(Call::Establish)?;
        if self.starts_when_asked {
            self.start();
        }
        if !self.runs() {
            return Err(code::NO_SERVICE);
        }
        self.minted += 1;
        self.contexts.insert(self.minted, Context::default());
        Ok(self.minted)
    }

    pub fn release(&mut self, context: u64) -> Result<(), u32> {
        self.begin(Call::Release)?;
        let released = self.contexts.remove(&context);
        released.map(drop).ok_or(code::INVALID_HANDLE)
    }

    pub fn is_valid(&mut self, context: u64) -> Result<(), u32> {
        self.begin(Call::IsValid)?;
        self.context(context).map(drop)
    }

    /// Ends the wait under way; without one it does nothing.
    pub fn cancel(&mut self, context: u64) -> Result<(), u32> {
        self.begin(Call::Cancel)?;
        let context = self.context(context)?;
        context.cancelled = context.wait.is_some();
        Ok(())
    }

    pub fn list(&mut self, context: u64) -> Result<Vec<Vec<u8>>, u32> {
        self.begin(Call::List)?;
        self.context(context)?;
        if self.readers.is_empty() {
            return Err(code::NO_READERS_AVAILABLE);
        }
        let names = self.readers.iter().map(|reader| reader.name.clone());
        Ok(names.collect())
    }

    pub fn started(&mut self) -> u64 {
        let _counted = self.begin(Call::Started);
        self.changes
    }

    pub fn card(&mut self) -> u32 {
        match self.begin(Call::Card) {
            Ok(()) => code::UNSUPPORTED_FEATURE,
            Err(code) => code,
        }
    }

    pub fn begin_wait(&mut self, context: u64, entries: Vec<Entry>) -> Result<(), u32> {
        self.begin(Call::Wait)?;
        let context = self.context(context)?;
        context.wait = Some(entries);
        context.cancelled = false;
        Ok(())
    }

    /// What a wait that has begun answers now; nothing while it goes on.
    pub fn wait(&mut self, context: u64) -> Option<Result<Vec<Shown>, u32>> {
        if let Some(code) = self.scripted(Call::Wait) {
            return Some(Err(code));
        }
        match self.contexts.get(&context) {
            Some(context) => self.answer(context),
            None => Some(Err(code::CANCELLED)),
        }
    }

    /// Ends a wait; returns what its readers look like.
    pub fn end_wait(&mut self, context: u64) -> Vec<Shown> {
        let context = self.contexts.get_mut(&context);
        let entries = context.and_then(|context| context.wait.take());
        let entries = entries.unwrap_or_default();
        entries.iter().map(|entry| self.show(entry)).collect()
    }

    fn answer(&self, context: &Context) -> Option<Result<Vec<Shown>, u32>> {
        if let Some(loss) = context.lost {
            return Some(Err(loss.waiting));
        }
        if context.cancelled {
            return Some(Err(code::CANCELLED));
        }
        let entries = context.wait.as_deref().unwrap_or_default();
        if self.refuses_unknown_readers && entries.iter().any(|entry| !self.knows(entry)) {
            return Some(Err(code::UNKNOWN_READER));
        }
        let shown: Vec<_> = entries.iter().map(|entry| self.show(entry)).collect();
        let news = shown.iter().any(|shown| shown.state & flag::CHANGED != 0);
        news.then_some(Ok(shown))
    }

    fn knows(&self, entry: &Entry) -> bool {
        entry.name == PLUG_AND_PLAY || self.readers.iter().any(|reader| reader.name == entry.name)
    }

    /// As Microsoft's page on `SCARD_READERSTATE` and [MS-RDPESC] 2.2.7 say.
    fn show(&self, entry: &Entry) -> Shown {
        if entry.known & flag::IGNORE != 0 {
            return Shown::without_card(flag::IGNORE);
        }
        if entry.name == PLUG_AND_PLAY {
            let count = (self.readers.len() as u32) << 16;
            let news = count != entry.known & !flag::ALL || self.always_plugs;
            return Shown::without_card(count | if news { flag::CHANGED } else { 0 });
        }
        let Some(reader) = self.readers.iter().find(|reader| reader.name == entry.name) else {
            return Shown::without_card(flag::UNKNOWN | flag::CHANGED | flag::IGNORE);
        };
        let mut shown = reader.show();
        if entry.known & !flag::CHANGED != shown.state {
            shown.state |= flag::CHANGED;
        }
        shown
    }

    fn begin(&mut self, call: Call) -> Result<(), u32> {
        *self.calls.entry(call).or_default() += 1;
        self.scripted(call).map_or(Ok(()), Err)
    }

    fn scripted(&mut self, call: Call) -> Option<u32> {
        let index = self.scripts.iter().position(|script| script.call == call)?;
        let script = &mut self.scripts[index];
        let code = script.code;
        if let Some(times) = &mut script.times {
            *times -= 1;
            if *times == 0 {
                self.scripts.remove(index);
            }
        }
        Some(code)
    }

    fn context(&mut self, context: u64) -> Result<&mut Context, u32> {
        let context = self.contexts.get_mut(&context);
        let context = context.ok_or(code::INVALID_HANDLE)?;
        match context.lost {
            Some(loss) => Err(loss.later),
            None => Ok(context),
        }
    }
}

impl Shown {
    fn without_card(state: u32) -> Self {
        let atr = Vec::new();
        Self { state, atr }
    }
}

impl Reader {
    /// Puts something in or takes it out, each of which counts.
    pub fn put(&mut self, content: Content) {
        self.content = content;
        self.flags = 0;
        self.count = self.count.wrapping_add(1);
    }

    fn show(&self) -> Shown {
        let count = u32::from(self.count) << 16;
        match &self.content {
            Content::Nothing => Shown::without_card(count | flag::EMPTY),
            Content::Unavailable => Shown::without_card(count | flag::UNAVAILABLE),
            Content::Mute => Shown::without_card(count | flag::PRESENT | flag::MUTE),
            Content::Card(atr) => Shown {
                state: count | flag::PRESENT | self.flags,
                atr: atr.clone(),
            },
        }
    }
}
