//! Settings and reports in JSON.

use cardea_readers::{CardPattern, CardSettings};
use cardea_session::{Atr, Card, Insertion, Reader, ReaderEvent, ReaderName, ServiceLoss, Slot};
use serde_json::{Value, json};

/// The order to follow these settings.
#[must_use]
pub fn settings_to_json(settings: &CardSettings) -> Value {
    let patterns = settings.patterns.iter();
    let patterns: Vec<_> = patterns
        .map(|pattern| json!([pattern.id, pattern.name, pattern.atr, pattern.mask]))
        .collect();
    json!({"ignore_readers": settings.ignore_readers, "patterns": patterns})
}

/// The settings of an order.
///
/// # Panics
/// When it is no such order.
#[must_use]
pub fn settings_from_json(json: &Value) -> CardSettings {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let patterns = list(&json["patterns"])
        .into_iter()
        .map(|pattern| CardPattern {
            id: text(&pattern[0]),
            name: text(&pattern[1]),
            atr: bytes(&pattern[2]),
            mask: bytes(&pattern[3]),
        });
    CardSettings {
        ignore_readers: list(&json["ignore_readers"]).iter().map(text).collect(),
        patterns: patterns.collect(),
    }
}

/// The line of a report.
#[must_use]
pub fn event_to_json(event: &ReaderEvent) -> Value {
    let slot = |slot: &Slot| match slot {
        Slot::Empty => json!("empty"),
        Slot::Mute => json!("mute"),
        Slot::Unavailable => json!("unavailable"),
        Slot::Ignored => json!("ignored"),
        Slot::Present(card) => json!([card.insertion.0, card.atr.as_bytes(), card.known_as]),
    };
    match event {
        ReaderEvent::ServiceLost(ServiceLoss::Stopped) => json!({"lost": "stopped"}),
        ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone) => json!({"lost": "last reader"}),
        ReaderEvent::Readers(readers) => {
            let readers = readers.iter();
            let readers: Vec<_> = readers
                .map(|reader| json!([reader.name.as_bytes(), slot(&reader.slot)]))
                .collect();
            json!({"readers": readers})
        }
    }
}

/// The report in a line; none when it is another line of the process.
///
/// # Panics
/// When it is neither.
#[must_use]
pub fn event_from_json(json: &Value) -> Option<ReaderEvent> {
    if let Some(lost) = json.get("lost") {
        let loss = match lost.as_str() {
            Some("stopped") => ServiceLoss::Stopped,
            Some("last reader") => ServiceLoss::LastReaderGone,
            Some(_) | None => panic!("{lost}"),
        };
        return Some(ReaderEvent::ServiceLost(loss));
    }
    let readers = json
        .get("readers")?
        .as_array()?
        .iter()
        .map(|reader| Reader {
            name: ReaderName::new(bytes(&reader[0])),
            slot: match reader[1].as_str() {
                Some("empty") => Slot::Empty,
                Some("mute") => Slot::Mute,
                Some("unavailable") => Slot::Unavailable,
                Some("ignored") => Slot::Ignored,
                Some(other) => panic!("{other}"),
                None => Slot::Present(Card {
                    insertion: Insertion(reader[1][0].as_u64().unwrap()),
                    atr: Atr::new(bytes(&reader[1][1])),
                    known_as: reader[1][2].as_str().map(str::to_owned),
                }),
            },
        });
    Some(ReaderEvent::Readers(readers.collect()))
}

fn bytes(json: &Value) -> Vec<u8> {
    serde_json::from_value(json.clone()).unwrap()
}
