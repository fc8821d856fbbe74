//! The card service, the readers and the card.

use cardea_readers::{ContextState, LastError};
use cardea_session::{Card, FailureCode, Reader, ReaderEvent, Recognise, ServiceLoss, Slot};

use super::super::finding::Finding;
use super::super::workstation::{CardsSeen, Workstation};
use super::without_settings;

use crate::settings::Environment;

#[cfg(target_os = "linux")]
const SERVICE_NOTE: &str = "drivers-notes/pcscd.md";
#[cfg(windows)]
const SERVICE_NOTE: &str = "drivers-notes/windows-service.md";

/// Names of readers, in lower case, and the page about their family.
const FAMILIES: [(&str, &str); 14] = [
    ("windows hello", "drivers-notes/windows-hello.md"),
    ("virtual smart card", "drivers-notes/windows-hello.md"),
    ("omnikey", "drivers-notes/omnikey.md"),
    ("gemalto", "drivers-notes/gemalto-thales.md"),
    ("gemplus", "drivers-notes/gemalto-thales.md"),
    ("gemtwin", "drivers-notes/gemalto-thales.md"),
    ("gempc", "drivers-notes/gemalto-thales.md"),
    ("thales", "drivers-notes/gemalto-thales.md"),
    ("identiv", "drivers-notes/identiv.md"),
    ("identive", "drivers-notes/identiv.md"),
    ("scm microsystems", "drivers-notes/identiv.md"),
    ("cherry", "drivers-notes/cherry-keyboards.md"),
    ("remote desktop", "drivers-notes/remote-desktop-citrix.md"),
    ("citrix", "drivers-notes/remote-desktop-citrix.md"),
];

/// Whether the card service answers.
pub(in super::super) async fn service(workstation: &Workstation) -> Finding {
    let Some(seen) = workstation.readers().await else {
        return match workstation.settings().await {
            Some(_) => stopped("The smartcard service does not answer."),
            None => without_settings(),
        };
    };
    match &seen.event {
        Some(ReaderEvent::Readers(_)) => {
            Finding::ok("The smartcard service answers.").details(losses(seen))
        }
        Some(ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone)) => {
            Finding::ok("No reader is connected, and Windows stops its smartcard service then.")
        }
        Some(ReaderEvent::ServiceLost(ServiceLoss::Stopped)) => {
            lost(seen.diagnostics.last_error).details(losses(seen))
        }
        // The agent's source has said nothing since it started.
        None if seen.diagnostics.context == ContextState::Connected => {
            Finding::ok("The smartcard service answers.")
        }
        None => stopped("The smartcard service has not answered yet."),
    }
}

fn lost(error: Option<LastError>) -> Finding {
    match error {
        Some(LastError::Silent) => stopped("The smartcard service does not answer."),
        Some(error) if cfg!(target_os = "linux") && error.is_refusal() => {
            stopped("The smartcard service refuses this user.").remedy(
                "Run the agent in the user's own desktop session, or allow the user org.debian.pcsc-lite.access_pcsc by a rule of polkit.",
            )
        }
        Some(LastError::Pcsc(_) | LastError::Panic) | None => {
            stopped("The smartcard service cannot be reached.")
        }
    }
}

fn stopped(summary: &str) -> Finding {
    let finding = Finding::failure(FailureCode::CardServiceStopped, summary).note(SERVICE_NOTE);
    if cfg!(windows) {
        finding.remedy(
            "Start the service \"Smart Card\" (SCardSvr) and set it to start by itself: sc config SCardSvr start= demand. \
             Cardea goes on by itself when it is back.",
        )
    } else {
        finding.remedy(
            "Start pcscd: systemctl enable --now pcscd.socket. Cardea goes on by itself when it is back.",
        )
    }
}

fn losses(seen: &CardsSeen) -> Option<String> {
    let error = seen.diagnostics.last_error?;
    Some(match seen.diagnostics.losses {
        0 | 1 => format!("PC/SC said: {error}."),
        losses => format!("The connection was lost {losses} times; PC/SC said last: {error}."),
    })
}

/// Which readers there are, and why some do not count.
pub(in super::super) async fn readers(workstation: &Workstation) -> Finding {
    let readers = listed(workstation).await;
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    let card = loaded.settings.cards();
    let counting = readers
        .iter()
        .filter(|reader| reader.slot != Slot::Ignored)
        .count();
    let unavailable = readers
        .iter()
        .any(|reader| reader.slot == Slot::Unavailable);
    let lines = readers.iter().map(|reader| {
        let why = match &reader.slot {
            Slot::Ignored => match card.ignored_by(&reader.name) {
                Some(pattern) => {
                    format!("ignored: its name fits \"{pattern}\" of [card] ignore_readers")
                }
                None => "ignored by [card] ignore_readers".to_owned(),
            },
            Slot::Empty => "no card".to_owned(),
            Slot::Present(_) => "a card".to_owned(),
            Slot::Mute => "a card that does not answer".to_owned(),
            Slot::Unavailable => "cannot say what is in it".to_owned(),
        };
        format!("{}: {why}", reader.name)
    });
    let note = readers.iter().find_map(|reader| page_of(reader));
    let finding = match (readers.len(), counting) {
        (0, _) => no_reader(is_remote()),
        (_, 0) => Finding::warning(
            "Every card reader is ignored.",
            "Connect the reader that staff use, or take its pattern out of [card] ignore_readers.",
        ),
        (_, 1) if !unavailable => Finding::ok("One card reader counts."),
        (_, _) if !unavailable => Finding::ok(format!("{counting} card readers count.")),
        _ => Finding::warning(
            "A card reader cannot say what is in it.",
            "Close the program that holds the reader for itself, or unplug the reader and plug it in again.",
        ),
    };
    finding.details(lines).note(note)
}

/// Whether the screen is on another computer, as Remote Desktop (`RDP-Tcp#0`) and Citrix (`ICA-…`) name
/// their sessions.
fn is_remote() -> bool {
    let session = std::env::var("SESSIONNAME").unwrap_or_default();
    ["RDP-", "ICA-"]
        .iter()
        .any(|start| session.starts_with(start))
}

fn no_reader(is_remote: bool) -> Finding {
    if is_remote {
        return Finding::warning(
            "No card reader is seen in this remote session.",
            "Let smartcards be redirected from the computer that the reader is connected to, and connect anew with the reader plugged in.",
        )
        .note("drivers-notes/remote-desktop-citrix.md");
    }
    Finding::warning(
        "No card reader is connected.",
        "Connect the reader. If one is connected, its driver is missing.",
    )
    .note("drivers-notes/README.md")
}

/// Which card is in a reader, and whether it is one that this computer accepts.
pub(in super::super) async fn card(workstation: &Workstation) -> Finding {
    let readers = listed(workstation).await;
    let Some(loaded) = workstation.settings().await else {
        return without_settings();
    };
    let recognise = loaded.settings.card.recognise;
    // Providers that somebody else runs may take any card.
    let at_cis2 = loaded.settings.cis2.environment != Environment::Custom;
    let cards: Vec<(&Reader, &Card)> = readers
        .iter()
        .filter_map(|reader| match &reader.slot {
            Slot::Present(card) => Some((reader, card)),
            Slot::Empty | Slot::Mute | Slot::Unavailable | Slot::Ignored => None,
        })
        .collect();
    if let Some(mute) = readers.iter().find(|reader| reader.slot == Slot::Mute) {
        return Finding::failure(
            FailureCode::CardUnreadable,
            format!("The card in {} cannot be read.", mute.name),
        );
    }
    if cards.is_empty() {
        return Finding::skipped("No card is in a reader; insert one to have it looked at.");
    }
    let lines: Vec<_> = cards
        .iter()
        .map(|(reader, card)| describe(reader, card))
        .collect();
    let withdrawn = cards.iter().find(|(_, card)| at_cis2 && is_withdrawn(card));
    if let Some((_, card)) = withdrawn {
        let name = card.known_as.as_deref().unwrap_or_default();
        return Finding::warning(
            format!("The card is a {name}, as NHS Smartcards of series 4 to 6 were; CIS2 accepts those no more."),
            "If signing in is refused, have the Registration Authority replace the card.",
        )
        .details(lines)
        .note("drivers-notes/gemalto-thales.md");
    }
    let strange = cards.iter().find(|(_, card)| card.known_as.is_none());
    match (strange, recognise) {
        (Some((_, card)), Recognise::Known) => {
            Finding::failure(FailureCode::CardNotRecognised, "The card is not one that this computer accepts.")
                .remedy(format!(
                    "If it is an NHS Smartcard, add its ATR to [card] patterns (atr = \"{}\") or set [card] recognise = \"any\".",
                    card.atr
                ))
                .note("drivers-notes/idemia-oberthur.md")
        }
        (Some(_), Recognise::Any) => {
            Finding::ok("The card is accepted; its kind is not known, and need not be ([card] recognise = \"any\").")
        }
        (None, _) => Finding::ok("The card is recognised."),
    }
    .details(lines)
}

/// Whether it is of a kind that NHS England has withdrawn.
fn is_withdrawn(card: &Card) -> bool {
    card.known_as
        .as_deref()
        .is_some_and(|name| name.starts_with("NHS Smartcard (JCOP41"))
}

fn describe(reader: &Reader, card: &Card) -> String {
    let kind = card.known_as.as_deref();
    let kind = kind.unwrap_or("a card of an unknown kind");
    format!("{}: {kind}, ATR {}", reader.name, card.atr)
}

async fn listed(workstation: &Workstation) -> &[Reader] {
    match workstation
        .readers()
        .await
        .and_then(|seen| seen.event.as_ref())
    {
        Some(ReaderEvent::Readers(readers)) => readers,
        Some(ReaderEvent::ServiceLost(_)) | None => &[],
    }
}

/// The page about readers of this name.
fn page_of(reader: &Reader) -> Option<&'static str> {
    let name = reader.name.to_string().to_lowercase();
    let family = FAMILIES.iter().find(|(part, _)| name.contains(part));
    family.map(|(_, page)| *page)
}

#[cfg(test)]
mod tests;
