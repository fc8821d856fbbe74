//! Names of this user and this computer, and folders that have one in them.

use std::path::Path;

use super::{Found, Identity, Kind, before, following, run};

/// Shorter names are words of the language too often; they count only in paths.
const SHORTEST_WORD: usize = 3;

/// What to look for.
#[derive(Clone, Debug)]
pub(super) struct Names {
    folders: Vec<Vec<Unit>>,
    words: Vec<Word>,
}

/// A name, in lower case, and what is put in its place.
#[derive(Clone, Debug)]
struct Word {
    kind: Kind,
    with: &'static str,
    letters: Vec<char>,
}

/// A piece of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// `/` or `\`, or several of them: texts within texts double `\`, and a server's name has two.
    Separator,
    /// A letter, in lower case.
    Letter(char),
}

impl Names {
    pub(super) fn of(identity: &Identity) -> Self {
        let folders: Vec<_> = identity.folders.iter().filter_map(|f| units(f)).collect();
        // Of a folder within another one the rest says something.
        let is_outermost = |folder: &&Vec<Unit>| {
            let within = |other: &Vec<Unit>| {
                folder.starts_with(other) && folder.get(other.len()) == Some(&Unit::Separator)
            };
            !folders.iter().any(within)
        };
        let sid = identity.sid.iter();
        let users = identity.users.iter();
        // Every computer is called localhost.
        let computers = identity.computers.iter();
        let computers = computers.filter(|name| !name.eq_ignore_ascii_case("localhost"));
        let mut words = words(Kind::Sid, "<sid>", sid);
        words.extend(self::words(Kind::User, "<user>", users));
        words.extend(self::words(Kind::Computer, "<computer>", computers));
        // `jane.practice` before `jane`.
        words.sort_by_key(|word| std::cmp::Reverse(word.letters.len()));
        Self {
            folders: folders.iter().filter(is_outermost).cloned().collect(),
            words,
        }
    }

    pub(super) fn find(&self, text: &str, at: usize) -> Option<Found> {
        if before(text, at).is_some_and(char::is_alphanumeric) {
            return None;
        }
        let folder = || {
            let found = self.folders.iter();
            let length = found
                .filter_map(|folder| folder_at(text, at, folder))
                .max()?;
            Some(Found {
                kind: Kind::Folder,
                length,
                with: "~",
            })
        };
        let word = || {
            self.words.iter().find_map(|word| {
                let length = word_at(text, at, &word.letters)?;
                Some(Found {
                    kind: word.kind,
                    length,
                    with: word.with,
                })
            })
        };
        folder()
            .or_else(word)
            .or_else(|| other_sid(text, at))
            .or_else(|| owner_of_folder(text, at))
    }
}

/// The name of whoever's folder it is: what stands after `/home/` or `\Users\`. Folders that belong to
/// nobody are named like one too often to be told apart.
fn owner_of_folder(text: &str, at: usize) -> Option<Found> {
    let length = run(text, at, |c| c.is_alphanumeric() || "-._".contains(c));
    let above = text[..at].trim_end_matches(is_separator);
    let has_separator = above.len() < at;
    let is_home = ["home", "users"].iter().any(|folder| {
        let end = above.len().checked_sub(folder.len());
        let end = end.filter(|&end| above.is_char_boundary(end));
        let found = end.and_then(|end| above.get(end..));
        let begins = end.is_some_and(|end| before(above, end).is_some_and(is_separator));
        begins && found.is_some_and(|found| found.eq_ignore_ascii_case(folder))
    });
    (has_separator && is_home && length > 0).then_some(Found {
        kind: Kind::User,
        length,
        with: "<user>",
    })
}

fn words<'a>(kind: Kind, with: &'static str, names: impl Iterator<Item = &'a String>) -> Vec<Word> {
    names
        .filter(|name| !name.is_empty())
        .map(|name| Word {
            kind,
            with,
            letters: lower(name).collect(),
        })
        .collect()
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn is_separator(c: char) -> bool {
    c == '/' || c == '\\'
}

/// A path in pieces, without a separator at its end; none for one that is not text, or so short that
/// it is no user's own.
fn units(path: &Path) -> Option<Vec<Unit>> {
    let text = path.to_str()?.trim_end_matches(is_separator);
    let mut units = Vec::new();
    for c in lower(text) {
        match is_separator(c) {
            true if units.last() == Some(&Unit::Separator) => {}
            true => units.push(Unit::Separator),
            false => units.push(Unit::Letter(c)),
        }
    }
    let is_root = text.len() < 2 || text.ends_with(':');
    (!is_root).then_some(units)
}

/// How long the folder is that a text has here.
fn folder_at(text: &str, at: usize, folder: &[Unit]) -> Option<usize> {
    let mut end = at;
    let mut units = folder.iter().peekable();
    while let Some(unit) = units.next() {
        let next = following(text, end)?;
        match unit {
            Unit::Separator if is_separator(next) => end += run(text, end, is_separator),
            Unit::Letter(letter) if next.to_lowercase().eq([*letter]) => end += next.len_utf8(),
            Unit::Letter(first) => {
                // A letter whose small form has several.
                let mut small = next.to_lowercase();
                if small.next() != Some(*first) {
                    return None;
                }
                for letter in small {
                    if units.next() != Some(&Unit::Letter(letter)) {
                        return None;
                    }
                }
                end += next.len_utf8();
            }
            Unit::Separator => return None,
        }
    }
    ends_folder(text, end).then_some(end - at)
}

/// Whether the name of a folder ends here.
fn ends_folder(text: &str, end: usize) -> bool {
    match following(text, end) {
        None => true,
        Some('.') => !following(text, end + 1).is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && !['-', '_', '~', '$'].contains(&c),
    }
}

/// How long the word is that a text has here, when it is whole.
fn word_at(text: &str, at: usize, word: &[char]) -> Option<usize> {
    let mut wanted = word.iter();
    let mut end = at;
    for c in text[at..].chars() {
        if wanted.as_slice().is_empty() {
            break;
        }
        for small in c.to_lowercase() {
            if wanted.next() != Some(&small) {
                return None;
            }
        }
        end += c.len_utf8();
    }
    let next = following(text, end);
    let is_whole = wanted.as_slice().is_empty() && !next.is_some_and(char::is_alphanumeric);
    let counts = word.len() >= SHORTEST_WORD || {
        let in_path = before(text, at).is_some_and(is_separator);
        in_path && ends_folder(text, end)
    };
    (is_whole && counts).then_some(end - at)
}

/// Accounts of a computer, a domain or Entra ID; not the well-known ones, which help.
fn other_sid(text: &str, at: usize) -> Option<Found> {
    let rest = &text[at..];
    let prefix = ["S-1-5-21", "S-1-12-1"].into_iter().find(|prefix| {
        let start = rest.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })?;
    let mut length = prefix.len();
    for _ in 0..4 {
        let digits = rest[length..].strip_prefix('-')?;
        let digits = run(digits, 0, |c| c.is_ascii_digit());
        if digits == 0 {
            return None;
        }
        length += 1 + digits;
    }
    Some(Found {
        kind: Kind::OtherSid,
        length,
        with: "<another sid>",
    })
}
