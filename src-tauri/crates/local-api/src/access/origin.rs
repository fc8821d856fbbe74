//! Web origins as browsers write them (Fetch, section 3.2; RFC 6454, section 6.2).

use url::Url;

/// Whether this is the origin of a page from the web, written as a browser writes it.
#[must_use]
pub fn is_web_origin(text: &str) -> bool {
    is_as_written(text).is_some()
}

/// Whether this is an https origin, written as a browser writes it.
pub(super) fn is_secure(text: &[u8]) -> bool {
    let scheme = str::from_utf8(text).ok().and_then(is_as_written);
    scheme == Some("https")
}

/// The scheme of an origin that is written as a browser writes it.
fn is_as_written(text: &str) -> Option<&str> {
    let (scheme, authority) = text.split_once("://")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_it = ["http", "https"].contains(&scheme)
        && authority.bytes().all(is_plain)
        && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text);
    is_it.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        for good in [
            "https://clinic.example",
            "https://clinic.example:8443",
            "http://localhost:3000",
        ] {
            assert!(is_web_origin(good), "{good}");
        }
        for bad in [
            "",
            "null",
            "clinic.example",
            "https://clinic.example/",
            "https://clinic.example:443",
            "https://Clinic.example",
            "https://user@clinic.example",
            "https://clinic*.example",
            "file:///home",
            "data:text/html,x",
            "chrome-extension://abcdefgh",
        ] {
            assert!(!is_web_origin(bad), "{bad}");
        }
    }

    #[test]
    fn only_https_is_secure() {
        assert!(is_secure(b"https://clinic.example"));
        for bad in [
            b"http://clinic.example".as_slice(),
            b"http://localhost",
            b"\xff",
            b"https://",
        ] {
            assert!(!is_secure(bad));
        }
    }
}
