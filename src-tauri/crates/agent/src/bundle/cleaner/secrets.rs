//! The second net: what looks like a token or a key, wherever it stands.

use super::{Found, Kind, before, run};

/// How far the end of a PEM block may be from its start, in bytes.
const LONGEST_PEM: usize = 64 * 1024;

/// 256 bits in base64url.
const TOKEN: usize = 43;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// A JSON Web Token: parts of base64url, of which the first begins as `{"` does. Two are enough when
/// the second begins so, too: the claims are what is personal.
pub(super) fn jwt(text: &str, at: usize) -> Option<Found> {
    const BRACE: &str = "eyJ";
    let rest = text[at..].strip_prefix(BRACE)?;
    let mut end = at + BRACE.len() + run(rest, 0, is_base64url);
    let mut parts = 1;
    let mut has_claims = false;
    while text[end..].starts_with('.') {
        let part = &text[end + 1..];
        let length = run(part, 0, is_base64url);
        if length == 0 && parts < 2 {
            break;
        }
        has_claims |= parts == 1 && part.starts_with(BRACE);
        parts += 1;
        end += 1 + length;
    }
    (parts >= 3 || has_claims).then(|| Found::redacted(Kind::Jwt, end - at))
}

/// A PEM block, also one whose lines end in `\n` as JSON has it, whose end is missing, or of which
/// only the end is there.
pub(super) fn pem(text: &str, at: usize) -> Option<Found> {
    let length = match boundary(&text[at..], BEGIN) {
        Some(begin) => begin + body(&text[at + begin..]),
        None => tail(text, at)?,
    };
    Some(Found::redacted(Kind::Pem, length))
}

/// How long the line is that begins or ends a block, when there is one.
fn boundary(text: &str, start: &str) -> Option<usize> {
    let label = text.strip_prefix(start)?;
    let label = run(label, 0, |c| {
        c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' '
    });
    let length = start.len() + label;
    text[length..]
        .starts_with(DASHES)
        .then_some(length + DASHES.len())
}

/// How much follows the line that begins a block.
fn body(rest: &str) -> usize {
    let mut window = rest.len().min(LONGEST_PEM);
    while !rest.is_char_boundary(window) {
        window -= 1;
    }
    let until_next = rest[..window].find(BEGIN).unwrap_or(window);
    let end = rest[..until_next].find(END);
    match end.and_then(|end| Some(end + boundary(&rest[end..], END)?)) {
        Some(length) => length,
        None => lines(rest),
    }
}

/// How long the lines are that look like those of a block.
fn lines(rest: &str) -> usize {
    let length = run(rest, 0, is_in_block);
    match rest[length..].starts_with(['.', '-', '_']) {
        // The last one is something else, a token for instance.
        true => rest[..length].rfind(['\n', '\\']).unwrap_or(0),
        false => length,
    }
}

/// The end of a block whose start is not there: it begins where its base64 does.
fn tail(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if before(text, at).is_some_and(is_in_block) {
        return None;
    }
    let base64 = run(rest, 0, is_in_block);
    Some(base64 + boundary(&rest[base64..], END)?)
}

/// What lines of a block are made of, with their ends.
fn is_in_block(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=\\\r\n".contains(c)
}

/// A token of a program.
pub(super) fn token(text: &str, at: usize) -> Option<Found> {
    if before(text, at).is_some_and(is_base64url) || run(text, at, is_base64url) != TOKEN {
        return None;
    }
    Some(Found::redacted(Kind::Token, TOKEN))
}
