//! Web origins as browsers write them (Fetch, section 3.2; RFC 6454, section 6.2).

use url::{Origin, Url};

/// Whether this is an origin, written as a browser writes it.
pub(crate) fn is_origin(text: &str) -> bool {
    is_as_written(text).is_some()
}

/// Whether this is an https origin, written as a browser writes it.
pub(super) fn is_secure(text: &[u8]) -> bool {
    let scheme = str::from_utf8(text).ok().and_then(is_as_written);
    scheme.as_deref() == Some("https")
}

/// The scheme of an origin that is written as a browser writes it.
fn is_as_written(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    match url.origin() {
        Origin::Tuple(scheme, ..)
            if matches!(scheme.as_str(), "https" | "http")
                && url.origin().ascii_serialization() == text =>
        {
            Some(scheme)
        }
        Origin::Tuple(..) | Origin::Opaque(_) => None,
    }
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
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "null",
            "clinic.example",
            "https://clinic.example/",
            "https://clinic.example:443",
            "https://Clinic.example",
            "https://user@clinic.example",
            "file:///home",
            "data:text/html,x",
            "chrome-extension://abcdefgh",
        ] {
            assert!(!is_origin(bad), "{bad}");
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
