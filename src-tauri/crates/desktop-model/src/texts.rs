//! Every word of tray and notifications, in English. What failures say is the agent's.

use cardea_session::EndReason;

pub(crate) const PROGRAM: &str = "Cardea";
pub(crate) const PROGRAM_NOT_LIVE: &str = "Cardea (not live)";

pub(crate) const STARTING: &str = "Starting";
pub(crate) const RESTARTING: &str = "Restarting; nobody is signed in";
pub(crate) const DOWN: &str = "Not running; nobody is signed in";
pub(crate) const NO_CARD_SERVICE: &str = "The smartcard service is not running";
pub(crate) const NO_READER: &str = "No card reader";
pub(crate) const NO_CARD: &str = "No card in the reader";
pub(crate) const CARD_PRESENT: &str = "Card in the reader, nobody signed in";
pub(crate) const SIGNING_IN: &str = "Signing in";
pub(crate) const SIGNING_IN_BROWSER: &str = "Signing in: go on in the browser";
pub(crate) const SIGNING_IN_PORT: &str =
    "Signing in: waiting for another user of this computer to finish";
pub(crate) const SIGNED_IN: &str = "Signed in";
pub(crate) const SIGNED_IN_AS: &str = "Signed in: ";
pub(crate) const AND_ENDS_SOON: &str = "; you will be signed out soon";
pub(crate) const AND_NOT_CARD_BOUND: &str = "; taking the card out does not sign you out";
pub(crate) const NOT_KNOWN: &str = "Nobody is signed in; restart Cardea to finish its update";

pub(crate) const SIGN_IN: &str = "Log in with my Care Identity";
pub(crate) const CANCEL: &str = "Cancel signing in";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const CHANGE_ROLE: &str = "Change role…";
pub(crate) const OPEN: &str = "Open Cardea";
pub(crate) const CHECK: &str = "Check this computer…";
pub(crate) const ABOUT: &str = "About Cardea";
pub(crate) const QUIT: &str = "Quit Cardea";
pub(crate) const QUIT_SIGNED_IN: &str = "Sign out and quit Cardea";

pub(crate) const STAY_SIGNED_IN: &str = "Stay signed in";
pub(crate) const SHOW: &str = "Show";

pub(crate) const CARD_SEEN: (&str, &str) = (
    "Card seen",
    "Log in with your Care Identity when you are ready.",
);
pub(crate) const SIGNED_IN_TITLE: &str = "Signed in";
pub(crate) const SIGNED_IN_BODY: &str = "Leave your card in the reader. Taking it out signs you \
     out of the programs connected to Cardea.";
pub(crate) const SIGNED_IN_UNBOUND_BODY: &str =
    "Taking the card out does not sign you out: sign out before you leave.";
pub(crate) const SIGNED_OUT_TITLE: &str = "Signed out";
pub(crate) const AGENT_LOST: &str = "Cardea stopped, so you were signed out.";
pub(crate) const EXPIRING_TITLE: &str = "You will be signed out soon";
pub(crate) const EXPIRING_IDLE: &str = "Nobody has been active for a while.";
pub(crate) const EXPIRING_LIFETIME: &str =
    "The session reaches its longest time. Save your work and sign in again.";
pub(crate) const TRAY_STAYS: (&str, &str) = (
    "Cardea is still running",
    "Closing the window signs nobody out. Cardea stays in the tray, beside the clock.",
);
pub(crate) const ATTENTION_TITLE: &str = "Cardea needs attention";
pub(crate) const REFUSED_TITLE: &str = "That did not work";
pub(crate) const PAIRING_TITLE: &str = "A program asks to connect";
pub(crate) const PAIRING_BODY: &str =
    "Open Cardea to see which one, and let it in only if you asked for it.";

pub(crate) fn pairing_requests(count: usize) -> String {
    match count {
        0 => "No connection requests".to_owned(),
        1 => "1 connection request…".to_owned(),
        more => format!("{more} connection requests…"),
    }
}

/// What errors say, which begins small and has no full stop, as a sentence.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Why somebody was signed out, as a sentence to them.
pub(crate) fn signed_out(reason: EndReason) -> &'static str {
    match reason {
        EndReason::CardRemoved => "Your card was taken out.",
        EndReason::CardSwapped => "Your card was taken out and a card put in again.",
        EndReason::ReaderRemoved => "The card reader was unplugged.",
        EndReason::CardServiceLost => "The smartcard service stopped.",
        EndReason::UserLogout => "You signed out.",
        EndReason::AppLogout => "A program signed you out.",
        EndReason::IdleTimeout => "Nobody was active for too long.",
        EndReason::LifetimeExceeded => "The session reached its longest time.",
        EndReason::WorkstationLocked => "The computer was locked.",
        EndReason::Suspended => "The computer went to sleep.",
        EndReason::SessionDisconnected => "The desktop was disconnected.",
        EndReason::OsLogoff => "You logged off from the computer.",
        EndReason::Replaced => "Somebody else signed in.",
        EndReason::RemoteLogout => "CIS2 signed you out.",
        EndReason::PolicyChanged => "The settings of this computer changed.",
        EndReason::AgentStopping => "Cardea was stopped.",
        EndReason::Unknown => "The session ended.",
    }
}
