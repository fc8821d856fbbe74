//! Messages that go out together, in either form in which programs read them.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Whole messages. Clones are the same ones, and whoever first wants them as frames makes the
/// frames for all.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    events: Bytes,
    frames: Arc<OnceLock<Vec<Utf8Bytes>>>,
}

impl Batch {
    /// Of Server-Sent Events, each closed by its empty line.
    pub(crate) fn of(events: Bytes) -> Self {
        Self {
            events,
            frames: Arc::default(),
        }
    }

    /// As Server-Sent Events.
    pub(crate) fn events(&self) -> &Bytes {
        &self.events
    }

    /// As text frames of a WebSocket: the data of each event, with its id.
    pub(crate) fn frames(&self) -> &[Utf8Bytes] {
        self.frames.get_or_init(|| frames(&self.events).collect())
    }
}

fn frames(events: &[u8]) -> impl Iterator<Item = Utf8Bytes> {
    let events = str::from_utf8(events).unwrap_or_default();
    events.split_terminator("\n\n").filter_map(|event| {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let data = field("data: ")?;
        let rest = data.strip_prefix('{')?;
        Some(match field("id: ") {
            Some(id) => format!("{{\"id\":\"{id}\",{rest}").into(),
            None => data.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_a_frame_with_its_id() {
        let events = b"event: a\nid: b-7-0\ndata: {\"event\":\"a\"}\n\n\
            event: heartbeat\ndata: {\"event\":\"heartbeat\"}\n\n";
        assert_eq!(
            Batch::of(Bytes::from_static(events)).frames(),
            [
                Utf8Bytes::from_static(r#"{"id":"b-7-0","event":"a"}"#),
                Utf8Bytes::from_static(r#"{"event":"heartbeat"}"#),
            ]
        );
    }

    #[test]
    fn the_frames_are_made_once_for_all_who_read_them() {
        let batch = Batch::of(Bytes::from_static(b"event: a\ndata: {\"event\":\"a\"}\n\n"));
        let again = batch.clone();
        assert!(std::ptr::eq(batch.frames(), again.frames()));
    }
}
