//! What the user is told of when something changes. Nothing depends on its being seen.

use cardea_session::{EndReason, SessionView, State};

use crate::{Agent, CardNotice, Known, texts};

/// A kind of notification, as `[desktop] notifications` names it; [`Kind::Card`] is switched by
/// `[card] on_insert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A card was put in.
    Card,
    /// Somebody signed in.
    SignedIn,
    /// The user was signed out.
    SignedOut,
    /// The session ends soon.
    Expiring,
    /// Something needs the user.
    Attention,
    /// A program asks to be let in.
    Pairing,
}

impl Kind {
    /// The kind that the setting names so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "signed_in" => Some(Self::SignedIn),
            "signed_out" => Some(Self::SignedOut),
            "expiring" => Some(Self::Expiring),
            "attention" => Some(Self::Attention),
            "pairing" => Some(Self::Pairing),
            _ => None,
        }
    }
}

/// A notification. It has nothing personal in it, except the name where the settings say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Which kind; a newer one of a kind takes the place of the older.
    pub kind: Kind,
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub body: String,
    /// What the user can do from it.
    pub offer: Option<Offer>,
}

/// What a notification offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offer {
    /// Start a login.
    SignIn,
    /// Say that somebody is there.
    StaySignedIn,
    /// Open the window at how things are now.
    Open,
    /// Open the window at the programs.
    OpenPrograms,
}

impl Offer {
    /// As the user reads it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SignIn => texts::SIGN_IN,
            Self::StaySignedIn => texts::STAY_SIGNED_IN,
            Self::Open | Self::OpenPrograms => texts::SHOW,
        }
    }
}

/// What is said once to who closes the window.
#[must_use]
pub fn tray_stays() -> Notification {
    let (title, body) = texts::TRAY_STAYS;
    Notification {
        kind: Kind::Attention,
        title: title.to_owned(),
        body: body.to_owned(),
        offer: None,
    }
}

/// What the user is told when what is known becomes `after`, in order: an end first.
#[must_use]
pub fn notifications(before: &Known, after: &Known) -> Vec<Notification> {
    let all = [
        signed_out(before, after),
        attention(before, after),
        signed_in(before, after),
        expiring(before, after),
        card(before, after),
        pairing(before, after),
    ];
    let is_wanted = |notification: &Notification| match notification.kind {
        Kind::Card => after.settings.on_insert == CardNotice::Told,
        kind @ (Kind::SignedIn
        | Kind::SignedOut
        | Kind::Expiring
        | Kind::Attention
        | Kind::Pairing) => after.settings.notifications.contains(kind),
    };
    all.into_iter().flatten().filter(is_wanted).collect()
}

/// That what the user asked for was not done, and `why` and what to do, as the client says them. It
/// is an answer, so that no setting switches it off.
#[must_use]
pub fn refused(why: &str, remedy: &str) -> Notification {
    Notification {
        kind: Kind::Attention,
        title: texts::REFUSED_TITLE.to_owned(),
        body: format!("{} {}", texts::sentence(why), texts::sentence(remedy)),
        offer: Some(Offer::Open),
    }
}

fn signed_out(before: &Known, after: &Known) -> Option<Notification> {
    let ended = before.session()?;
    if is_still_there(ended, after) {
        return None;
    }
    let body = match &after.agent {
        Agent::Starting | Agent::Restarting | Agent::Down => texts::AGENT_LOST,
        Agent::Running(snapshot) => {
            let end = snapshot.last_end.as_ref();
            let end = end.filter(|end| end.session_id == ended.id);
            match end.map(|end| end.reason) {
                Some(reason) => texts::signed_out(reason),
                None if is_another_run(before, after) => texts::AGENT_LOST,
                None => texts::signed_out(EndReason::Unknown),
            }
        }
    };
    Some(Notification {
        kind: Kind::SignedOut,
        title: texts::SIGNED_OUT_TITLE.to_owned(),
        body: body.to_owned(),
        offer: None,
    })
}

fn is_still_there(session: &SessionView, after: &Known) -> bool {
    after.session().is_some_and(|other| other.id == session.id)
}

fn is_another_run(before: &Known, after: &Known) -> bool {
    let boot = |known: &Known| known.snapshot().map(|snapshot| snapshot.boot.clone());
    boot(before) != boot(after)
}

/// A failure that was not there before. What the agent's end means for the session is told as such.
fn attention(before: &Known, after: &Known) -> Option<Notification> {
    let failure = after.failure()?;
    if before.failure().map(|old| old.code) == Some(failure.code) {
        return None;
    }
    Some(Notification {
        kind: Kind::Attention,
        title: texts::ATTENTION_TITLE.to_owned(),
        body: failure.message.clone(),
        offer: Some(Offer::Open),
    })
}

fn signed_in(before: &Known, after: &Known) -> Option<Notification> {
    let session = after.session()?;
    // The first look at an agent that runs already is no news.
    let is_news = before.snapshot().is_some() && !is_still_there(session, before);
    if !is_news {
        return None;
    }
    let title = match after.name() {
        Some(name) => format!("{}{name}", texts::SIGNED_IN_AS),
        None => texts::SIGNED_IN_TITLE.to_owned(),
    };
    let body = match session.card_bound {
        true => texts::SIGNED_IN_BODY,
        false => texts::SIGNED_IN_UNBOUND_BODY,
    };
    Some(Notification {
        kind: Kind::SignedIn,
        title,
        body: body.to_owned(),
        offer: None,
    })
}

fn expiring(before: &Known, after: &Known) -> Option<Notification> {
    let session = after.session().filter(|session| session.expiring)?;
    let was = before.session().filter(|was| was.id == session.id);
    if was.is_some_and(|was| was.expiring) {
        return None;
    }
    let ends_by_idleness = session.idle_expires_at < session.expires_at;
    let (body, offer) = match ends_by_idleness {
        true => (texts::EXPIRING_IDLE, Offer::StaySignedIn),
        false => (texts::EXPIRING_LIFETIME, Offer::Open),
    };
    Some(Notification {
        kind: Kind::Expiring,
        title: texts::EXPIRING_TITLE.to_owned(),
        body: body.to_owned(),
        offer: Some(offer),
    })
}

/// A card that came, not one that stayed when somebody was signed out or an attempt failed.
fn card(before: &Known, after: &Known) -> Option<Notification> {
    let was = before.snapshot()?.state;
    let came = match was {
        State::Unavailable | State::NoReader | State::NoCard => true,
        State::CardPresent | State::SigningIn | State::Active | State::Unknown => false,
    };
    let snapshot = after.snapshot()?;
    if !came || snapshot.state != State::CardPresent || after.failure().is_some() {
        return None;
    }
    let (title, body) = texts::CARD_SEEN;
    Some(Notification {
        kind: Kind::Card,
        title: title.to_owned(),
        body: body.to_owned(),
        offer: Some(Offer::SignIn),
    })
}

fn pairing(before: &Known, after: &Known) -> Option<Notification> {
    if after.snapshot().is_none() || after.pairings <= before.pairings {
        return None;
    }
    Some(Notification {
        kind: Kind::Pairing,
        title: texts::PAIRING_TITLE.to_owned(),
        body: texts::PAIRING_BODY.to_owned(),
        offer: Some(Offer::OpenPrograms),
    })
}

#[cfg(test)]
mod tests;
