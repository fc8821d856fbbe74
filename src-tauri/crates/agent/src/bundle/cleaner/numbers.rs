//! The second net: numbers that stand for people. Revisions, times and latencies are none.

use super::{Found, Kind, before, following, run};

/// Names of numbers that are never a person's, and what such names end with.
const NAMES: &[&str] = &[
    "age", "at", "bytes", "count", "length", "line", "lost", "number", "output", "pid", "port",
    "process", "revision", "seconds", "since", "size", "time",
];
const ENDINGS: &[&str] = &[
    "_at", "_bytes", "_count", "_ms", "_ns", "_s", "_seconds", "_us",
];

/// What follows the number in a client id of CIS2, which names a practice's software.
const CLIENT: &str = ".apps.";

pub(super) fn find(text: &str, at: usize) -> Option<Found> {
    if !following(text, at)?.is_ascii_digit() || !begins_word(text, at) {
        return None;
    }
    let (kind, length) = nhs_number(text, at)
        .map(|length| (Kind::NhsNumber, length))
        .or_else(|| user_id(text, at).map(|length| (Kind::UserId, length)))?;
    (!is_ours(text, at)).then(|| Found::redacted(kind, length))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn begins_word(text: &str, at: usize) -> bool {
    match before(text, at) {
        None => true,
        // The part of a number after its point.
        Some('.') => !before(text, at - 1).is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !is_word(c),
    }
}

fn ends_word(text: &str, end: usize) -> bool {
    match following(text, end) {
        None => true,
        Some('.') => !following(text, end + 1).is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !is_word(c),
    }
}

/// Ten digits, also as they are written in groups of 3, 3 and 4.
fn nhs_number(text: &str, at: usize) -> Option<usize> {
    let digits = run(text, at, |c| c.is_ascii_digit());
    let length = match digits {
        10 => 10,
        3 => {
            let rest = &text.as_bytes()[at..];
            let separator = *rest.get(3).filter(|c| [b' ', b'-'].contains(c))?;
            let group = |from: usize, to: usize| {
                let group = rest.get(from..to);
                group.is_some_and(|group| group.iter().all(u8::is_ascii_digit))
            };
            let is_grouped = group(4, 7) && rest.get(7) == Some(&separator) && group(8, 12);
            is_grouped.then_some(12)?
        }
        _ => return None,
    };
    let number = &text[at..at + length];
    (ends_word(text, at + length) && is_valid(number)).then_some(length)
}

/// The check digit of NHS numbers, modulus 11 (NHS Data Dictionary, "NHS NUMBER").
fn is_valid(number: &str) -> bool {
    let digits: Vec<_> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let [weighted @ .., check] = digits.as_slice() else {
        return false;
    };
    let sum: u32 = (2..=10)
        .rev()
        .zip(weighted)
        .map(|(weight, digit)| weight * digit)
        .sum();
    // Where it would be ten, the number is given to nobody.
    (11 - sum % 11) % 11 == *check
}

fn user_id(text: &str, at: usize) -> Option<usize> {
    let length = run(text, at, |c| c.is_ascii_digit());
    let end = at + length;
    (length == 12 && ends_word(text, end) && !text[end..].starts_with(CLIENT)).then_some(length)
}

/// Whether the number is known not to be a person's by what stands before it.
fn is_ours(text: &str, at: usize) -> bool {
    let before = &text[..at];
    has_name_of_ours(before) || is_in_guid(before) || follows_boot(before)
}

/// `"revision":`, `revision=` or `revision: `.
fn has_name_of_ours(before: &str) -> bool {
    let name = before.trim_end_matches(' ');
    let Some(name) = name.strip_suffix([':', '=']) else {
        return false;
    };
    let name = name.strip_suffix('"').unwrap_or(name);
    let start = name.rfind(|c| !is_word(c)).map_or(0, |end| {
        end + name[end..].chars().next().map_or(0, char::len_utf8)
    });
    let name = &name[start..];
    NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The last group of a GUID.
fn is_in_guid(before: &str) -> bool {
    ends_with_groups(before, &[8, 4, 4, 4])
}

/// A revision after the run of the agent that it belongs to.
fn follows_boot(before: &str) -> bool {
    ends_with_groups(before, &[32])
}

/// Whether hexadecimal groups of these lengths, each with a hyphen after it, come before.
fn ends_with_groups(before: &str, groups: &[usize]) -> bool {
    let mut rest = before;
    for length in groups.iter().rev() {
        let Some(group) = rest.strip_suffix('-') else {
            return false;
        };
        let Some((left, group)) = group
            .len()
            .checked_sub(*length)
            .and_then(|at| group.split_at_checked(at))
        else {
            return false;
        };
        if !group.chars().all(|c| c.is_ascii_hexdigit()) {
            return false;
        }
        rest = left;
    }
    !rest.ends_with(|c: char| c.is_ascii_hexdigit())
}
