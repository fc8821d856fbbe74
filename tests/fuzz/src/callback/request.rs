//! What a request means, judged without the code under test, and without its parser of HTTP.

use cardea_login::fuzzing::Came;

use super::{AUTHORITY, PATH, STATE};
use crate::question::ISSUER;

/// The callback that these bytes are; none when they are something else. Only as strict about HTTP
/// as needed to find out who is addressed with what.
pub(super) fn meaning(input: &[u8], issuer_required: bool) -> Option<Came> {
    let mut lines = input.split(|&byte| byte == b'\n').map(without_cr);
    let line = lines.find(|line| !line.is_empty())?;
    let headers: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let words: Vec<_> = line.split(|&byte| byte == b' ').collect();
    let [b"GET", target, b"HTTP/1.0" | b"HTTP/1.1"] = words[..] else {
        return None;
    };
    let is_prefetch = ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let purposes = values(&headers, name);
        purposes.iter().any(|purpose| {
            let purpose = String::from_utf8_lossy(purpose).to_ascii_lowercase();
            purpose.contains("prefetch")
        })
    });
    if values(&headers, "host") != [AUTHORITY.as_bytes()] || is_prefetch {
        return None;
    }
    said(query(target)?, issuer_required)
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn values<'a>(headers: &[&'a [u8]], name: &str) -> Vec<&'a [u8]> {
    let value = |line: &&'a [u8]| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (key, value) = line.split_at(colon);
        key.eq_ignore_ascii_case(name.as_bytes())
            .then(|| value[1..].trim_ascii())
    };
    headers.iter().filter_map(value).collect()
}

/// The query of a target that is our path on our host.
fn query(target: &[u8]) -> Option<&[u8]> {
    let target = target.split(|&byte| byte == b'#').next()?;
    let (path, query) = match target.iter().position(|&byte| byte == b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &[][..]),
    };
    let path = String::from_utf8_lossy(path);
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.strip_prefix(AUTHORITY)?,
        None => &path,
    };
    (path == PATH).then_some(query)
}

fn said(query: &[u8], issuer_required: bool) -> Option<Came> {
    let parameters: Vec<_> = query.split(|&byte| byte == b'&').map(parameter).collect();
    let once = |name: &str| {
        let named = parameters.iter().filter(|(known, _)| known == name);
        let values: Vec<_> = named.map(|(_, value)| value.clone()).collect();
        match &values[..] {
            [] => Some(String::new()),
            [value] => Some(value.clone()),
            [..] => None,
        }
    };
    if once("state")? != STATE {
        return None;
    }
    let (issuer, code, error) = (once("iss")?, once("code")?, once("error")?);
    if code.is_empty() && error.is_empty() {
        return None;
    }
    if issuer != ISSUER && (issuer_required || !issuer.is_empty()) {
        return Some(Came::WrongIssuer);
    }
    Some(if error.is_empty() {
        Came::Code(code)
    } else {
        Came::Error(shown(&error))
    })
}

fn parameter(text: &[u8]) -> (String, String) {
    let end = text.iter().position(|&byte| byte == b'=');
    let (name, value) = text.split_at(end.unwrap_or(text.len()));
    let value = value.strip_prefix(b"=").unwrap_or(value);
    (decoded(name), decoded(value))
}

/// Out of a form (WHATWG URL, section 5.1).
fn decoded(mut text: &[u8]) -> String {
    let mut bytes = Vec::new();
    while let [first, rest @ ..] = text {
        let digits = rest
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let digits = digits.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let escaped = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                text = &rest[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                text = rest;
            }
            (&byte, _) => {
                bytes.push(byte);
                text = rest;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn shown(error: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
    if error.len() <= 48 && error.chars().all(plain) {
        error.to_owned()
    } else {
        "unnamed".to_owned()
    }
}
