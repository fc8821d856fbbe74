//! Asks PC/SC: lists readers, looks at them, waits for them to change.

use std::collections::HashMap;
use std::ffi::CString;
use std::time::Duration;

use cardea_session::ReaderName;
use pcsc::{Context, Error, ReaderState, State};

use crate::observe::Sight;
use crate::plan::{MAX_ENTRIES, Plan};

const LIST_ATTEMPTS: usize = 10;

/// The readers of one context, and the state of each as PC/SC gave it last. The states are kept as
/// they are, because the event count in them tells PC/SC what is news.
pub(crate) struct Watch<'c> {
    context: &'c Context,
    plug_and_play: Option<ReaderState>,
    states: HashMap<ReaderName, ReaderState>,
}

/// How a look or a wait ended.
#[derive(Debug)]
pub(crate) enum Woken {
    /// These readers look so now.
    Seen(Vec<(ReaderName, Sight)>),
    /// Nothing happened.
    Limit,
    /// The readers have to be listed again: one of them is not there any more, or somebody wants
    /// the thread's attention.
    ListAgain,
}

impl<'c> Watch<'c> {
    pub(crate) fn new(context: &'c Context) -> Self {
        Self {
            context,
            plug_and_play: Some(unaware(pcsc::PNP_NOTIFICATION().to_owned())),
            states: HashMap::new(),
        }
    }

    /// The readers there are.
    ///
    /// # Errors
    /// What PC/SC answered, when the context is of no more use.
    pub(crate) fn list(&mut self) -> Result<Vec<ReaderName>, Error> {
        let mut listed = self.context.list_readers_owned();
        for _ in 0..LIST_ATTEMPTS {
            // A reader came between the two calls that this makes.
            if listed == Err(Error::InsufficientBuffer) {
                listed = self.context.list_readers_owned();
            }
        }
        let listed = listed?;
        let names: Vec<_> = listed
            .into_iter()
            .map(|name| ReaderName::new(name.into_bytes()))
            .collect();
        self.states.retain(|name, _| names.contains(name));
        Ok(names)
    }

    /// Looks at all these readers afresh, whatever was seen of them before.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) fn look(&mut self, names: &[ReaderName]) -> Result<Woken, Error> {
        self.states.clear();
        let mut seen = Vec::new();
        for names in names.chunks(MAX_ENTRIES) {
            match self.ask(names, false, Duration::ZERO)? {
                Woken::Seen(some) => seen.extend(some),
                Woken::Limit => {}
                Woken::ListAgain => return Ok(Woken::ListAgain),
            }
        }
        Ok(Woken::Seen(seen))
    }

    /// Waits until something changes; readers not seen before count as a change.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) fn wait(&mut self, plan: &Plan) -> Result<Woken, Error> {
        self.ask(&plan.readers, plan.plug_and_play, plan.limit)
    }

    fn ask(
        &mut self,
        names: &[ReaderName],
        plug_and_play: bool,
        limit: Duration,
    ) -> Result<Woken, Error> {
        let mut entries: Vec<ReaderState> = names
            .iter()
            .filter_map(|name| self.states.remove(name).or_else(|| reader_entry(name)))
            .collect();
        let readers = entries.len();
        if plug_and_play {
            entries.extend(self.plug_and_play.take());
        }

        let answer = self.context.get_status_change(limit, &mut entries);

        let mut seen = Vec::with_capacity(readers);
        for (index, mut entry) in entries.into_iter().enumerate() {
            if answer.is_ok() {
                entry.sync_current_state();
            }
            if index == readers {
                self.plug_and_play = Some(entry);
                continue;
            }
            let name = ReaderName::new(entry.name().to_bytes());
            let sight = Sight::new(entry.event_state(), entry.event_count(), entry.atr());
            if sight != Sight::Gone {
                self.states.insert(name.clone(), entry);
            }
            seen.push((name, sight));
        }
        match answer {
            Ok(()) => Ok(Woken::Seen(seen)),
            Err(Error::Timeout) => Ok(Woken::Limit),
            Err(Error::UnknownReader | Error::ReaderUnavailable | Error::Cancelled) => {
                Ok(Woken::ListAgain)
            }
            Err(error) => Err(error),
        }
    }
}

fn reader_entry(name: &ReaderName) -> Option<ReaderState> {
    CString::new(name.as_bytes()).ok().map(unaware)
}

fn unaware(name: CString) -> ReaderState {
    ReaderState::new(name, State::UNAWARE)
}
