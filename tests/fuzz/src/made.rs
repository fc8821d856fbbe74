//! Tokens out of an input. Two lines are header and claims of a token that the provider signs; with
//! a third line that is the signature. One line is the whole token as it is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::keys::{KID, PROVIDER};
use crate::members;

/// A token, and what is known of it.
pub(crate) struct Made<'a> {
    pub(crate) text: String,
    /// Header and claims as the provider signed them; none when nobody did.
    pub(crate) signed: Option<(Value, &'a [u8])>,
}

impl<'a> Made<'a> {
    pub(crate) fn of(input: &'a [u8]) -> Self {
        let input = input.strip_suffix(b"\n").unwrap_or(input);
        let mut lines = input.splitn(3, |&byte| byte == b'\n');
        let header = lines.next().unwrap_or_default();
        let Some(claims) = lines.next() else {
            return Self {
                text: String::from_utf8_lossy(input).into_owned(),
                signed: None,
            };
        };
        let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let message = format!("{}.{}", encode(header), encode(claims));
        let (signature, signed) = match lines.next() {
            Some(signature) => (signature.to_vec(), None),
            None => {
                let header = serde_json::from_slice(header).unwrap_or(Value::Null);
                let signature = PROVIDER.sign(&header["alg"], message.as_bytes());
                (signature, Some((header, claims)))
            }
        };
        Self {
            text: format!("{message}.{}", encode(&signature)),
            signed,
        }
    }

    /// Header and, of these names, claims of a token that was accepted. What nobody signed must not be, and what was
    /// signed only by the provider's key, by an algorithm of the list.
    pub(crate) fn accepted(&self, names: &[&str]) -> (Value, Value) {
        let (header, claims) = self.signed.as_ref().expect("nobody signed it");
        let alg = header["alg"].as_str().unwrap_or_default();
        assert!(["ES256", "RS256", "RS512", "PS256"].contains(&alg), "{alg}");
        assert!(
            header
                .get("kid")
                .is_none_or(|kid| kid.is_null() || kid == KID)
        );
        assert!(header.get("crit").is_none_or(Value::is_null), "crit");
        assert!(str::from_utf8(claims).is_ok(), "claims are a text");
        (header.clone(), members::of(claims, names))
    }

    /// Whether a signed token is JSON.
    pub(crate) fn is_readable(&self) -> bool {
        let is_object = |json| serde_json::from_slice::<Value>(json).is_ok_and(|it| it.is_object());
        let mut parts = self.signed.iter();
        parts.all(|(header, claims)| header.is_object() && is_object(claims))
    }

    /// The token, spoiled without the key.
    pub(crate) fn spoiled(&self) -> Vec<String> {
        let (message, signature) = self.text.rsplit_once('.').expect("it has a signature");
        let (_, claims) = message.split_once('.').expect("it has claims");
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let other = if signature.starts_with('A') { "B" } else { "A" };
        vec![
            format!("{message}."),
            format!("{unsigned}.{claims}."),
            format!("{unsigned}.{claims}.{signature}"),
            format!("{message}.{other}{}", &signature[1..]),
            format!("{message}.{signature}="),
            format!("{message}A.{signature}"),
        ]
    }
}
