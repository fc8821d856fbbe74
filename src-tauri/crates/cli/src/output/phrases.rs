//! States and reasons in words.

use cardea_client::SignedOutReason;
use cardea_client::session::{
    EndReason, ProviderEnvironment, ReaderStateView, ReaderView, State, WaitingFor,
};

/// Completes "Nobody is signed in: ...".
pub(super) fn nobody_because(state: State) -> &'static str {
    match state {
        State::Unavailable => "the smartcard service cannot be reached",
        State::NoReader => "no smartcard reader is connected",
        State::NoCard => "no card is in a reader",
        State::CardPresent => "a card is in a reader, and nobody has signed in with it",
        State::SigningIn => "somebody is signing in",
        State::Active | State::Unknown => "the agent is in a state that this program does not know",
    }
}

/// Completes "Waiting for ...".
pub(crate) fn waiting_for(waiting: WaitingFor) -> &'static str {
    match waiting {
        WaitingFor::Port => "another user of this computer, who is signing in",
        WaitingFor::Browser => "you, in the browser",
        WaitingFor::Provider => "CIS2",
        WaitingFor::Unknown => "something that this program does not know",
    }
}

/// Completes "The session ended because ...", and stands alone.
pub(super) fn ended_because(reason: EndReason) -> &'static str {
    match reason {
        EndReason::CardRemoved => "the card was taken out",
        EndReason::CardSwapped => "the card was taken out and one put in again",
        EndReason::ReaderRemoved => "the reader was disconnected",
        EndReason::CardServiceLost => "the smartcard service stopped",
        EndReason::UserLogout => "the user signed out",
        EndReason::AppLogout => "a program signed the user out",
        EndReason::IdleTimeout => "nobody was active",
        EndReason::LifetimeExceeded => "it had lasted as long as it may",
        EndReason::WorkstationLocked => "the workstation was locked",
        EndReason::Suspended => "the computer went to sleep",
        EndReason::SessionDisconnected => "the desktop session was disconnected or switched",
        EndReason::OsLogoff => "the user logged off from the computer",
        EndReason::Replaced => "somebody else signed in",
        EndReason::RemoteLogout => "CIS2 ended it",
        EndReason::PolicyChanged => "the settings changed",
        EndReason::AgentStopping => "Cardea stopped",
        EndReason::Unknown => "the reason is one that this program does not know",
    }
}

/// Why programs have locked; none where an event of the agent has said it already.
pub(super) fn locked_because(reason: SignedOutReason) -> Option<&'static str> {
    match reason {
        SignedOutReason::AgentLost => Some("the agent cannot be reached; programs have locked"),
        SignedOutReason::AgentSilent => Some("the agent fell silent; programs have locked"),
        SignedOutReason::AgentRestarted => Some("the agent was restarted; programs have locked"),
        SignedOutReason::Refused => Some("the agent refuses this program"),
        SignedOutReason::OtherSession => Some("another session has begun; programs have locked"),
        SignedOutReason::NotSignedIn | SignedOutReason::Ended(_) => None,
    }
}

/// What is in a reader.
pub(super) fn content(reader: &ReaderView) -> String {
    match reader.state {
        ReaderStateView::Empty => "no card".to_owned(),
        ReaderStateView::Present => {
            match reader.card.as_ref().and_then(|card| card.name.as_ref()) {
                Some(name) => name.clone(),
                None => "a card".to_owned(),
            }
        }
        ReaderStateView::Mute => "a card that cannot be read; is it upside down?".to_owned(),
        ReaderStateView::Ignored => "not used (settings)".to_owned(),
        ReaderStateView::Unavailable => "cannot be used".to_owned(),
        ReaderStateView::Unknown => "in a state that this program does not know".to_owned(),
    }
}

/// Which CIS2.
pub(super) fn environment(environment: ProviderEnvironment) -> &'static str {
    match environment {
        ProviderEnvironment::Live => "live",
        ProviderEnvironment::Int => "integration, not for live use",
        ProviderEnvironment::Custom => "custom, not for live use",
        ProviderEnvironment::Simulated => "simulated, not for live use",
        ProviderEnvironment::Unknown => "one that this program does not know, not for live use",
    }
}
