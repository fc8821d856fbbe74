//! Addresses: who signs in by them, and what is asked or answered in their query.

use super::{Found, Kind, before, run};

const QUERY: &str = "?<redacted>";

/// The address that a text is in.
#[derive(Debug, Default)]
pub(super) struct Url {
    /// Who signs in: where that begins, and how many bytes it has.
    credentials: Option<(usize, usize)>,
    end: usize,
}

impl Url {
    /// To be asked at each place in turn.
    pub(super) fn find(&mut self, text: &str, at: usize) -> Option<Found> {
        if text[at..].starts_with("://") && before(text, at).is_some_and(char::is_alphanumeric) {
            let start = at + 3;
            self.end = start + run(text, start, is_in_address);
            self.credentials = credentials(&text[start..self.end]).map(|length| (start, length));
        }
        if let Some((_, length)) = self.credentials.take_if(|(start, _)| *start == at) {
            return Some(Found::redacted(Kind::Credentials, length));
        }
        let rest = text[at..].strip_prefix(['?', '#'])?;
        let end = if at < self.end {
            self.end
        } else {
            end_of_query(text, at, rest)?
        };
        let length = end - at;
        (length > 1).then_some(Found {
            kind: Kind::Query,
            length,
            with: QUERY,
        })
    }
}

/// How many bytes name somebody before the host; without the `@`.
fn credentials(address: &str) -> Option<usize> {
    let authority = &address[..run(address, 0, |c| !['/', '?', '#'].contains(&c))];
    if let Some(length) = authority.rfind('@') {
        return Some(length).filter(|length| *length > 0);
    }
    // A password with a slash in it, which strictly has none.
    let port = authority.rsplit_once(':')?.1;
    let is_number = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let is_port = port.ends_with(']') || is_number;
    (!is_port).then(|| address.rfind('@')).flatten()
}

/// A query without the start of its address, as a request has it: `/callback?code=…`.
fn end_of_query(text: &str, at: usize, rest: &str) -> Option<usize> {
    let follows_path = before(text, at).is_some_and(is_in_address);
    let name = run(rest, 0, |c| c.is_alphanumeric() || "-._~%[]".contains(c));
    let is_query = follows_path && text[at..].starts_with('?') && name > 0;
    (is_query && rest[name..].starts_with('=')).then(|| at + run(text, at, is_in_address))
}

fn is_in_address(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"\"'<>`|\\^{}".contains(c)
}
