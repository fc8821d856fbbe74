//! Which addresses may be used at all.

use url::{Host, Url};

/// An https address, or http on this computer, without anything that could be read in two ways.
pub(crate) fn is_usable_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && text.bytes().all(|c| c.is_ascii_graphic());
    match url.scheme() {
        "https" => is_plain && url.host().is_some(),
        "http" => is_plain && is_loopback(text),
        _ => false,
    }
}

pub(crate) fn is_loopback(address: &str) -> bool {
    match Url::parse(address).as_ref().map(Url::host) {
        Ok(Some(Host::Domain(name))) => name == "localhost",
        Ok(Some(Host::Ipv4(address))) => address.is_loopback(),
        Ok(Some(Host::Ipv6(address))) => address.is_loopback(),
        Ok(None) | Err(_) => false,
    }
}
