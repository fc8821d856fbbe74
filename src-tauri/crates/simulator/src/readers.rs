//! Readers and cards without hardware: a card source that reports what its handle is told to do.

mod reporting;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cardea_readers::{
    CardSettings, CardSource, ContextState, Diagnostics, ReaderDiagnostics, Sink, StartError,
};
use cardea_session::{Atr, Card, Insertion, Reader, ReaderEvent, ReaderName, ServiceLoss, Slot};

use reporting::{Reporter, Reports};

/// The ATR of the standard NHS staff card of its time (cis2.md 9.1).
pub const NHS_ATR: [u8; 19] = *b"\x3b\xf9\x18\x00\x00\x81\x31\xfeEJCOP41V22\xaf";

/// The reader that is there from the start.
pub const DEFAULT_READER: &str = "Simulated Smart Card Reader 00 00";

/// There is no such reader, or it has no such card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuch {
    /// No reader of this name.
    #[error("there is no reader {0}")]
    Reader(ReaderName),
    /// No card in it.
    #[error("there is no card in the reader {0}")]
    Card(ReaderName),
}

/// The card source of the simulated readers: the agent's side. Its thread calls the sink; dropping
/// it stops and joins that thread.
pub struct SimulatedSource {
    readers: SimulatedReaders,
    _reporter: Reporter,
}

/// The simulated readers: the side of the person who inserts and removes cards. Clones are the
/// same readers. No call waits for whoever is told.
#[derive(Clone)]
pub struct SimulatedReaders(Arc<Mutex<State>>);

struct State {
    listener: Option<Listener>,
    readers: Vec<(ReaderName, Content)>,
    last_insertion: u64,
    service: Option<ServiceLoss>,
    reporting: Reporting,
}

struct Listener {
    settings: CardSettings,
    reports: Reports,
}

#[derive(Clone)]
enum Content {
    Nothing,
    Card(Insertion, Atr),
    Mute,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reporting {
    On,
    Lost,
}

impl SimulatedReaders {
    /// One empty reader, [`DEFAULT_READER`]; nobody is told of it yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            listener: None,
            readers: vec![(ReaderName::new(DEFAULT_READER), Content::Nothing)],
            last_insertion: 0,
            service: None,
            reporting: Reporting::On,
        })))
    }

    /// The same with a card source for it, see [`Self::connect`].
    ///
    /// # Errors
    /// [`StartError`] when the source's thread cannot be started.
    pub fn start(
        settings: CardSettings,
        sink: Sink,
    ) -> Result<(SimulatedSource, Self), StartError> {
        let readers = Self::new();
        Ok((readers.connect(settings, sink)?, readers))
    }

    /// Reports to `sink` from now on, each change and first of all what there is. A sink there was
    /// gets no more.
    ///
    /// # Errors
    /// [`StartError`] when the source's thread cannot be started.
    pub fn connect(
        &self,
        settings: CardSettings,
        sink: Sink,
    ) -> Result<SimulatedSource, StartError> {
        let reports = Reports::default();
        let reporter = Reporter::start(reports.clone(), sink)?;
        self.change(|state| state.listener = Some(Listener { settings, reports }));
        Ok(SimulatedSource {
            readers: self.clone(),
            _reporter: reporter,
        })
    }

    /// Plugs a reader in, empty. A name that is taken is that reader, plugged in anew.
    pub fn plug(&self, reader: &str) {
        let name = ReaderName::new(reader);
        self.change(|state| {
            state.readers.retain(|(known, _)| *known != name);
            state.readers.push((name.clone(), Content::Nothing));
        });
    }

    /// Unplugs a reader, with its card.
    ///
    /// # Errors
    /// [`NoSuch::Reader`].
    pub fn unplug(&self, reader: &str) -> Result<(), NoSuch> {
        self.try_change(|state| {
            state.content(reader)?;
            let name = ReaderName::new(reader);
            state.readers.retain(|(known, _)| *known != name);
            Ok(())
        })
    }

    /// Inserts a card; one that is there is swapped.
    ///
    /// # Errors
    /// [`NoSuch::Reader`].
    pub fn insert(&self, reader: &str, atr: &[u8]) -> Result<Insertion, NoSuch> {
        self.try_change(|state| {
            let insertion = Insertion(state.last_insertion + 1);
            *state.content(reader)? = Content::Card(insertion, Atr::new(atr));
            state.last_insertion = insertion.0;
            Ok(insertion)
        })
    }

    /// Removes the card, mute or not.
    ///
    /// # Errors
    /// [`NoSuch`].
    pub fn remove(&self, reader: &str) -> Result<(), NoSuch> {
        self.try_change(|state| {
            let content = state.content(reader)?;
            if matches!(content, Content::Nothing) {
                return Err(NoSuch::Card(ReaderName::new(reader)));
            }
            *content = Content::Nothing;
            Ok(())
        })
    }

    /// Inserts a card that does not answer, for instance upside down.
    ///
    /// # Errors
    /// [`NoSuch::Reader`].
    pub fn mute(&self, reader: &str) -> Result<(), NoSuch> {
        self.try_change(|state| {
            *state.content(reader)? = Content::Mute;
            Ok(())
        })
    }

    /// Stops the card service. Readers and cards stay where they are, unseen.
    pub fn stop_service(&self, loss: ServiceLoss) {
        self.change(|state| state.service = Some(loss));
    }

    /// Starts the card service again. Every card there counts as a new insertion, as nobody knows
    /// whether it stayed.
    pub fn start_service(&self) {
        self.change(|state| {
            state.service = None;
            for (_, content) in &mut state.readers {
                if let Content::Card(insertion, _) = content {
                    state.last_insertion += 1;
                    *insertion = Insertion(state.last_insertion);
                }
            }
        });
    }

    /// Reports nothing from now on, like a driver that loses events and a look that sees nothing:
    /// what Cardea must notice in a test of its tests.
    pub fn lose_reports(&self) {
        self.lock().reporting = Reporting::Lost;
    }

    /// Whether there is a readable card in the reader.
    #[must_use]
    pub fn has_card(&self, reader: &str) -> bool {
        let content = self.lock().content(reader).cloned();
        matches!(content, Ok(Content::Card(..)))
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.report();
    }

    fn try_change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, NoSuch>,
    ) -> Result<T, NoSuch> {
        let mut state = self.lock();
        let done = change(&mut state)?;
        state.report();
        Ok(done)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for SimulatedReaders {
    fn default() -> Self {
        Self::new()
    }
}

impl CardSource for SimulatedSource {
    fn apply(&self, settings: CardSettings) {
        self.readers.change(|state| {
            if let Some(listener) = &mut state.listener {
                listener.settings = settings;
            }
        });
    }

    fn diagnostics(&self) -> Diagnostics {
        let state = self.readers.lock();
        let reader = |(name, content): &(ReaderName, Content)| ReaderDiagnostics {
            name: name.clone(),
            event_count: None,
            atr: match content {
                Content::Card(_, atr) => Some(atr.clone()),
                Content::Nothing | Content::Mute => None,
            },
        };
        Diagnostics {
            context: match state.service {
                None => ContextState::Connected,
                Some(_) => ContextState::Lost,
            },
            readers: state.readers.iter().map(reader).collect(),
            ..Diagnostics::default()
        }
    }
}

impl State {
    fn content(&mut self, reader: &str) -> Result<&mut Content, NoSuch> {
        let name = ReaderName::new(reader);
        let found = self.readers.iter_mut().find(|(known, _)| *known == name);
        found
            .map(|(_, content)| content)
            .ok_or(NoSuch::Reader(name))
    }

    fn report(&self) {
        match (&self.listener, self.reporting) {
            (Some(listener), Reporting::On) => listener.reports.add(self.event(&listener.settings)),
            (None, _) | (_, Reporting::Lost) => {}
        }
    }

    fn event(&self, settings: &CardSettings) -> ReaderEvent {
        if let Some(loss) = self.service {
            return ReaderEvent::ServiceLost(loss);
        }
        let reader = |(name, content): &(ReaderName, Content)| Reader {
            name: name.clone(),
            slot: match content {
                _ if settings.ignores(name) => Slot::Ignored,
                Content::Nothing => Slot::Empty,
                Content::Mute => Slot::Mute,
                Content::Card(insertion, atr) => Slot::Present(Card {
                    insertion: *insertion,
                    atr: atr.clone(),
                    known_as: settings.name_of(atr).map(str::to_owned),
                }),
            },
        };
        ReaderEvent::Readers(self.readers.iter().map(reader).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// The longest that a report may take.
    const LIMIT: Duration = Duration::from_secs(30);

    struct Told(mpsc::Receiver<ReaderEvent>);

    impl Told {
        fn next(&self) -> ReaderEvent {
            self.0.recv_timeout(LIMIT).unwrap()
        }
    }

    fn sink() -> (Sink, Told) {
        let (sender, told) = mpsc::channel();
        (
            Box::new(move |event| sender.send(event).unwrap()),
            Told(told),
        )
    }

    /// Readers whose first report has been taken.
    fn start() -> (SimulatedSource, SimulatedReaders, Told) {
        let (sink, told) = sink();
        let (source, readers) = SimulatedReaders::start(CardSettings::default(), sink).unwrap();
        assert_eq!(slots(&told.next()), [Slot::Empty]);
        (source, readers, told)
    }

    fn slots(event: &ReaderEvent) -> Vec<Slot> {
        match event {
            ReaderEvent::Readers(readers) => readers.iter().map(|r| r.slot.clone()).collect(),
            ReaderEvent::ServiceLost(loss) => panic!("{loss:?}"),
        }
    }

    fn insertion(event: &ReaderEvent) -> Insertion {
        match slots(event).as_slice() {
            [Slot::Present(card)] => card.insertion,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_change_is_reported_and_each_stay_has_its_number() {
        let (_source, readers, told) = start();
        readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        readers.remove(DEFAULT_READER).unwrap();
        readers.mute(DEFAULT_READER).unwrap();
        assert_ne!(insertion(&told.next()), insertion(&told.next()));
        assert_eq!(slots(&told.next()), [Slot::Empty]);
        assert_eq!(slots(&told.next()), [Slot::Mute]);
    }

    #[test]
    fn the_nhs_card_is_known() {
        let (_source, readers, told) = start();
        readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        let slots = slots(&told.next());
        assert!(matches!(slots.as_slice(), [Slot::Present(card)] if card.known_as.is_some()));
    }

    #[test]
    fn readers_come_and_go() {
        let (_source, readers, told) = start();
        readers.plug("Second reader");
        readers.unplug(DEFAULT_READER).unwrap();
        assert_eq!(slots(&told.next()).len(), 2);
        assert_eq!(slots(&told.next()).len(), 1);
    }

    #[test]
    fn a_card_that_outlasts_the_service_is_a_new_insertion() {
        let (_source, readers, told) = start();
        let before = readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        assert_eq!(insertion(&told.next()), before);
        readers.stop_service(ServiceLoss::Stopped);
        readers.start_service();
        assert_eq!(told.next(), ReaderEvent::ServiceLost(ServiceLoss::Stopped));
        assert!(insertion(&told.next()) > before);
    }

    #[test]
    fn new_settings_change_what_is_reported() {
        let (source, _readers, told) = start();
        source.apply(CardSettings {
            ignore_readers: vec!["Simulated*".into()],
            ..CardSettings::default()
        });
        assert_eq!(slots(&told.next()), [Slot::Ignored]);
    }

    #[test]
    fn what_is_not_there_is_an_error_and_no_report() {
        let (source, readers, told) = start();
        let missing = ReaderName::new("Missing");
        assert_eq!(readers.remove("Missing"), Err(NoSuch::Reader(missing)));
        let default = ReaderName::new(DEFAULT_READER);
        assert_eq!(readers.remove(DEFAULT_READER), Err(NoSuch::Card(default)));
        drop(source);
        assert_eq!(told.0.try_iter().count(), 0);
    }

    #[test]
    fn what_was_there_before_the_source_is_reported_with_it() {
        let readers = SimulatedReaders::new();
        let inserted = readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        let (sink, told) = sink();
        let source = readers.connect(CardSettings::default(), sink).unwrap();
        assert_eq!(insertion(&told.next()), inserted);
        drop(source);
        assert!(
            told.0.recv_timeout(LIMIT).is_err(),
            "the sink goes with the source"
        );
    }

    #[test]
    fn lost_reports_are_lost() {
        let (source, readers, told) = start();
        readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        insertion(&told.next());
        readers.lose_reports();
        readers.remove(DEFAULT_READER).unwrap();
        assert!(!readers.has_card(DEFAULT_READER));
        drop(source);
        assert_eq!(told.0.try_iter().count(), 0);
    }

    #[test]
    fn a_slow_listener_holds_nobody_up() {
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let sink: Sink = Box::new(move |_| {
            // Ends when the test drops its end.
            let _ = held.lock().unwrap().recv();
        });
        let (source, readers) = SimulatedReaders::start(CardSettings::default(), sink).unwrap();
        for _ in 0..3_000 {
            readers.insert(DEFAULT_READER, &NHS_ATR).unwrap();
        }
        drop(release);
        drop(source);
    }
}
