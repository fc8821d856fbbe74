//! Keys of a terminal, or lines of anything else.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::thread;

use tokio::sync::mpsc;

use crate::terminal::Hidden;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Insert,
    Remove,
    Login,
    Quit,
    Unknown,
}

impl Key {
    fn of(typed: u8) -> Self {
        match typed.to_ascii_lowercase() {
            b'i' => Self::Insert,
            b'r' => Self::Remove,
            b'l' => Self::Login,
            b'q' => Self::Quit,
            _ => Self::Unknown,
        }
    }
}

/// The keys that are pressed. A terminal gives them one by one until this is dropped, then it is
/// as before.
pub(super) struct Keys {
    pressed: mpsc::Receiver<Key>,
    _single: Option<Hidden>,
}

impl Keys {
    /// Starts reading. A read cannot be called off, so its thread ends with the input or the
    /// process; the demo is all that this process does.
    pub(super) fn read() -> io::Result<Self> {
        let (sender, pressed) = mpsc::channel(16);
        let single = match io::stdin().is_terminal() {
            true => Some(Hidden::keys()?),
            false => None,
        };
        let read: fn(&mpsc::Sender<Key>) = match single {
            Some(_) => read_bytes,
            None => read_lines,
        };
        thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || read(&sender))?;
        Ok(Self {
            pressed,
            _single: single,
        })
    }

    /// The next key; none when the input has ended.
    pub(super) async fn next(&mut self) -> Option<Key> {
        self.pressed.recv().await
    }
}

fn read_bytes(keys: &mpsc::Sender<Key>) {
    for byte in io::stdin().lock().bytes().map_while(Result::ok) {
        if keys.blocking_send(Key::of(byte)).is_err() {
            return;
        }
    }
}

fn read_lines(keys: &mpsc::Sender<Key>) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let first = line.trim_start().bytes().next();
        if keys
            .blocking_send(first.map_or(Key::Unknown, Key::of))
            .is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_count_in_either_case() {
        assert_eq!(Key::of(b'i'), Key::Insert);
        assert_eq!(Key::of(b'R'), Key::Remove);
        assert_eq!(Key::of(b'q'), Key::Quit);
        assert_eq!(Key::of(b'\n'), Key::Unknown);
    }
}
