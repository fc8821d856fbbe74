//! Settings that are texts of a certain form.

use std::net::IpAddr;

use url::Url;

use super::raw::{Located, Raw};
use super::rule::{Misfit, Reading, Rule, Shape};

/// A text of a certain form.
pub(super) struct Text {
    /// What is allowed, in words.
    pub(super) allowed: &'static str,
    /// Whether a text is of that form.
    pub(super) fits: fn(&str) -> bool,
}

impl Rule for Text {
    type Value = String;

    fn shape(&self) -> Shape {
        Shape::Text(self.allowed)
    }

    fn read(&self, value: &Located) -> Reading<String> {
        match &value.raw {
            Raw::Text(text) if (self.fits)(text) => Reading::fits(text.clone()),
            Raw::Text(text) if may_hold_a_password(text) => {
                let found = "an address with a user name or password (not shown)".to_owned();
                Reading::misfit(Misfit::found(value, found, self.allowed))
            }
            Raw::Text(_)
            | Raw::Integer(_)
            | Raw::Boolean(_)
            | Raw::List(_)
            | Raw::Table(_)
            | Raw::Unfit(_) => Reading::misfit(Misfit::wrong(value, self.allowed)),
        }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

/// A text that may be empty: then there is none.
pub(super) struct Optional(pub(super) Text);

impl Rule for Optional {
    type Value = Option<String>;

    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn read(&self, value: &Located) -> Reading<Self::Value> {
        if matches!(&value.raw, Raw::Text(text) if text.is_empty()) {
            return Reading::fits(None);
        }
        let reading = self.0.read(value);
        Reading {
            value: reading.value.map(Some),
            misfits: reading.misfits,
        }
    }

    fn show(&self, value: &Self::Value) -> String {
        quoted(value.as_deref().unwrap_or_default())
    }
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn may_hold_a_password(text: &str) -> bool {
    text.contains("://") && text.contains('@')
}

/// The provider's issuer (OpenID Connect Discovery, section 3): no query and no fragment.
pub(super) const ISSUER: Text = Text {
    allowed: "an https address without query or fragment (http only on this computer itself), \
              or \"\" for none",
    fits: |text| {
        plain_address(text).is_some_and(|url| url.scheme() == "https" || is_loopback(&url))
    },
};

/// Where the broker is.
pub(super) const BROKER_URL: Text = Text {
    allowed: "an https address without query or fragment, or \"\" for none",
    fits: |text| plain_address(text).is_some_and(|url| url.scheme() == "https"),
};

/// A file of this computer.
pub(super) const FILE: Text = Text {
    allowed: "the full path of a file, or \"\" for none",
    fits: is_program,
};

/// A client id (RFC 6749, appendix A.1), without spaces.
pub(super) const CLIENT_ID: Text = Text {
    allowed: "the client id of the CIS2 registration: up to 255 printable characters without \
              spaces, or \"\" for none",
    fits: |text| text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// The path of the redirect address.
pub(super) const REDIRECT_PATH: Text = Text {
    allowed: "a path such as \"/callback\": it begins with \"/\" and has letters, digits and - . _ ~ only",
    fits: |text| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        let dots = |part: &str| part == "." || part == "..";
        text.starts_with('/')
            && text.len() <= 128
            && text.bytes().all(plain)
            && !text.contains("//")
            && !text.split('/').any(dots)
    },
};

/// A scope of OAuth (RFC 6749, section 3.3).
pub(super) const OAUTH_SCOPE: Text = Text {
    allowed: "a scope such as \"openid\": printable characters without spaces, quotes and backslashes",
    fits: |text| {
        let token = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        !text.is_empty() && text.len() <= 128 && text.bytes().all(token)
    },
};

/// Words with single spaces between them (`acr_values`, OpenID Connect Core, section 3.1.2.1).
pub(super) const ACR_VALUES: Text = Text {
    allowed: "one or more values such as \"AAL3_ANY\" with single spaces between them, or \"\" for none",
    fits: |text| text.len() <= 255 && words(text, |byte| byte.is_ascii_graphic()),
};

/// `prompt` (OpenID Connect Core, section 3.1.2.1). `none` forbids what a login is.
pub(super) const PROMPT: Text = Text {
    allowed: "\"login\", \"select_account\", \"consent\", several of them with single spaces \
              between them, or \"\" for none",
    fits: |text| {
        text.split(' ')
            .all(|word| ["login", "select_account", "consent"].contains(&word))
    },
};

/// A pattern for words that CIS2 sends.
pub(super) const EVIDENCE_PATTERN: Text = Text {
    allowed: "a pattern of printable characters without spaces; * stands for any, ? for one",
    fits: |text| {
        !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic())
    },
};

/// A pattern for reader names, which are whatever a vendor wrote.
pub(super) const READER_PATTERN: Text = Text {
    allowed: "a pattern of up to 128 characters; * stands for any, ? for one",
    fits: |text| !text.is_empty() && is_label(text, 128),
};

/// The id of a program or pattern.
pub(super) const ID: Text = Text {
    allowed: "up to 64 letters, digits and - . _, beginning with a letter or digit",
    fits: cardea_local_api::is_app_id,
};

/// A name that is shown.
pub(super) const NAME: Text = Text {
    allowed: "a name of up to 40 printable characters",
    fits: |text| !text.trim().is_empty() && is_label(text, 40),
};

/// A web origin, byte for byte as browsers send it (RFC 6454, section 6.2).
pub(super) const ORIGIN: Text = Text {
    allowed: "an origin exactly as browsers send it, such as \"https://clinic.example\" or \
              \"http://localhost:3000\": lower case, no path, no default port",
    fits: is_origin,
};

/// An argument of a program.
pub(super) const ARGUMENT: Text = Text {
    allowed: "a text of up to 4096 bytes without zero bytes",
    fits: |text| text.len() <= 4096 && !text.contains('\0'),
};

/// The browser.
pub(super) const BROWSER: Text = Text {
    allowed: "\"system\" or the full path of a program on this computer",
    fits: |text| {
        text == "system" || (text.len() <= 1024 && is_program(text) && !text.starts_with(r"\\"))
    },
};

/// Whether this names a program wherever it is started from.
pub(super) fn is_program(text: &str) -> bool {
    std::path::Path::new(text).is_absolute() && !text.chars().any(char::is_control)
}

/// Whether an address names this computer by its loopback interface.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// An http or https address with a host and, at most, port and path.
fn plain_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = ["http://", "https://"]
        .iter()
        .any(|start| text.starts_with(start))
        && url.has_host();
    let bare = url.query().is_none() && url.fragment().is_none();
    // As written: `https:///x` and `https://@x` are read in more than one way.
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let open = !authority.is_empty() && !authority.contains('@');
    let written_out = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains('\\');
    (web && bare && open && written_out && text.len() <= 512).then_some(url)
}

fn words(text: &str, allowed: fn(u8) -> bool) -> bool {
    text.split(' ')
        .all(|word| !word.is_empty() && word.bytes().all(allowed))
}

/// Whether a text can be shown on one line without playing tricks on the reader.
fn is_label(text: &str, max: usize) -> bool {
    let misleading = |char: char| {
        char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
    };
    text.chars().count() <= max && !text.chars().any(misleading)
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    if ["http", "https"].contains(&scheme) {
        return cardea_local_api::is_web_origin(text);
    }
    // Programs that bring a browser along send origins of their own schemes.
    let (host, port) = authority.split_once(':').unwrap_or((authority, "1"));
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|byte| lower(byte) || b"+-.".contains(&byte))
        && scheme != "file"
        && !host.is_empty()
        && host
            .bytes()
            .all(|byte| lower(byte) || b"-._".contains(&byte))
        && port
            .parse::<u16>()
            .is_ok_and(|number| number.to_string() == port && number > 0)
        && text.len() <= 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_send_them() {
        for origin in [
            "https://clinic.example",
            "https://clinic.example:8443",
            "http://localhost:3000",
            "http://[::1]:3000",
            "http://127.0.0.1",
            "tauri://localhost",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for wrong in [
            "",
            "null",
            "*",
            "clinic.example",
            "https://",
            "https://clinic.example/",
            "https://clinic.example:443",
            "http://clinic.example:80",
            "https://Clinic.example",
            "HTTPS://clinic.example",
            "https://clinic.example/app",
            "https://clinic.example?x",
            "https://*.clinic.example",
            "https://user@clinic.example",
            "https://clinic.example:",
            "https://clinic.example:08443",
            "https://clinic.example ",
            "tauri://localhost/x",
            "tauri://localhost:0",
            "file://x",
            "https://b\u{fc}cher.example",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }

    #[test]
    fn issuers_are_https_or_on_this_computer() {
        for issuer in [
            "https://am.example:443/openam/oauth2/realms/root",
            "http://127.0.0.1:4000",
            "http://localhost:4000/op",
            "http://[::1]:4000/",
        ] {
            assert!((ISSUER.fits)(issuer), "{issuer}");
        }
        for wrong in [
            "http://am.example/",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "https://am.example/?realm=x",
            "https://am.example/#x",
            "https://user:pw@am.example/",
            "ftp://am.example/",
            "am.example",
            "https:am.example",
            "https://am.example/ ",
            "https://am.example\\x",
            "https:///am.example/",
            "https://@am.example/",
        ] {
            let accepted = (ISSUER.fits)(wrong);
            assert!(!accepted, "{wrong}");
        }
    }

    #[test]
    fn names_cannot_mislead() {
        assert!((NAME.fits)("Pr\u{f6}v Clinical 2"));
        for wrong in [
            "",
            "  ",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}b",
            &"x".repeat(41),
        ] {
            assert!(!(NAME.fits)(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn redirect_paths_are_plain() {
        for path in ["/callback", "/", "/a/b-c_d.e~f"] {
            assert!((REDIRECT_PATH.fits)(path), "{path}");
        }
        for wrong in [
            "", "callback", "//x", "/a//b", "/a?b", "/a#b", "/a%20b", "/a b", "/../x", "/./x",
        ] {
            assert!(!(REDIRECT_PATH.fits)(wrong), "{wrong}");
        }
    }
}
