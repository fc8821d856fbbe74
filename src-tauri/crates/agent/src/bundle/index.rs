//! The first file of a bundle: what is in it, what is missing, and what was taken out.

use std::fmt::Write as _;

use super::cleaner::{Kind, Replaced};

/// Everything here went through the cleaner already.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) state: State,
}

pub(super) enum State {
    There {
        bytes: usize,
        /// How many bytes it had, when not all of it is there, and which part is.
        cut: Option<(usize, &'static str)>,
    },
    Missing(String),
}

/// The text of the index.
pub(super) fn text(made_at: &str, entries: &[Entry], replaced: &Replaced) -> String {
    let mut text = format!("Support bundle of Cardea, made {made_at}\n\n");
    let is_there = |entry: &&Entry| matches!(entry.state, State::There { .. });
    let width = entries.iter().map(|entry| entry.name.len()).max();
    let width = width.unwrap_or_default();
    for Entry { name, about, state } in entries.iter().filter(is_there) {
        if let State::There { bytes, cut } = state {
            let cut = cut.map_or_else(String::new, |(all, which)| {
                format!(" ({which} of {all} bytes)")
            });
            line(
                &mut text,
                format_args!("{name:<width$}  {bytes:>9} bytes  {about}{cut}"),
            );
        }
    }
    let mut missing = entries.iter().filter(|entry| !is_there(entry)).peekable();
    if missing.peek().is_some() {
        text.push_str("\nMissing:\n");
    }
    for Entry { name, about, state } in missing {
        if let State::Missing(why) = state {
            line(&mut text, format_args!("{name:<width$}  {about}: {why}"));
        }
    }
    text.push_str("\nTaken out:\n");
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| !kind.is_in_second_net())
    {
        line(
            &mut text,
            format_args!("{:>9}  {}", replaced.of(kind), kind.in_words()),
        );
    }
    text.push_str("\nTaken out by the second net; more than 0 is worth an eye:\n");
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_in_second_net()) {
        line(
            &mut text,
            format_args!("{:>9}  {}", replaced.of(kind), kind.in_words()),
        );
    }
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A text takes everything.
    let _ = writeln!(text, "{line}");
}
