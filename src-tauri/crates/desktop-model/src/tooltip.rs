//! The sentence that says how things are: above the icon, and as the menu's first line.

use cardea_session::{ProviderEnvironment, SessionView, Snapshot, State, WaitingFor};

use crate::{Agent, Known, texts};

/// Windows shows no more characters of a tooltip.
const LONGEST: usize = 127;

/// The tooltip; never empty, and with the user's name only where the settings allow it.
#[must_use]
pub fn tooltip(known: &Known) -> String {
    let program = match known.snapshot().map(|snapshot| snapshot.environment) {
        None | Some(ProviderEnvironment::Live) => texts::PROGRAM,
        Some(
            ProviderEnvironment::Int
            | ProviderEnvironment::Custom
            | ProviderEnvironment::Simulated
            | ProviderEnvironment::Unknown,
        ) => texts::PROGRAM_NOT_LIVE,
    };
    shortened(&format!("{program}: {}", state_line(known)))
}

/// How things are, in a sentence without a full stop.
pub(crate) fn state_line(known: &Known) -> String {
    match &known.agent {
        Agent::Starting => texts::STARTING.to_owned(),
        Agent::Restarting => texts::RESTARTING.to_owned(),
        Agent::Down => texts::DOWN.to_owned(),
        Agent::Running(snapshot) => of_running(known, snapshot),
    }
}

fn of_running(known: &Known, snapshot: &Snapshot) -> String {
    let failure = known.failure().map(|failure| failure.message.as_str());
    let otherwise = |line: &str| failure.unwrap_or(line).trim_end_matches('.').to_owned();
    match snapshot.state {
        State::Unavailable => otherwise(texts::NO_CARD_SERVICE),
        State::NoReader => otherwise(texts::NO_READER),
        State::NoCard => otherwise(texts::NO_CARD),
        State::CardPresent => otherwise(texts::CARD_PRESENT),
        State::SigningIn => signing_in(snapshot).to_owned(),
        State::Active => signed_in(known, snapshot.session.as_ref()),
        State::Unknown => otherwise(texts::NOT_KNOWN),
    }
}

fn signing_in(snapshot: &Snapshot) -> &'static str {
    match snapshot.login.as_ref().map(|login| login.waiting) {
        Some(WaitingFor::Browser) => texts::SIGNING_IN_BROWSER,
        Some(WaitingFor::Port) => texts::SIGNING_IN_PORT,
        Some(WaitingFor::Provider | WaitingFor::Unknown) | None => texts::SIGNING_IN,
    }
}

fn signed_in(known: &Known, session: Option<&SessionView>) -> String {
    let who = known.name().map_or_else(
        || texts::SIGNED_IN.to_owned(),
        |name| format!("{}{name}", texts::SIGNED_IN_AS),
    );
    match session {
        Some(session) if session.expiring => who + texts::AND_ENDS_SOON,
        Some(session) if !session.card_bound => who + texts::AND_NOT_CARD_BOUND,
        Some(_) | None => who,
    }
}

fn shortened(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units < LONGEST
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests;
