//! Forms as they are sent (RFC 6749, appendix B).

use bytes::Bytes;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

/// A form that is written: in memory that is wiped, in one piece, since a string that grows leaves
/// copies behind. Clones share it.
#[derive(Clone)]
pub(crate) struct Form(Bytes);

impl Form {
    pub(crate) fn of<'a>(fields: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let most = fields
            .clone()
            .map(|(name, value)| name.len() + 3 * value.len() + 2);
        let mut form = Serializer::new(String::with_capacity(most.sum()));
        let form = form.extend_pairs(fields).finish();
        Self(Bytes::from_owner(Zeroizing::new(form.into_bytes())))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_body(self) -> Bytes {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_its_fields_in_their_order() {
        let form = Form::of([("code", "a/b c+\u{e9}"), ("empty", "")].into_iter());
        assert_eq!(form.as_bytes(), b"code=a%2Fb+c%2B%C3%A9&empty=");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_form_is_wiped_when_the_last_that_holds_it_lets_go() {
        use crate::testing::memory::{ALIKE, Place, token};

        let code = token();
        let form = Form::of([("code", code.as_str())].into_iter());
        let place = Place::of(form.as_bytes());
        let body = form.clone().into_body();
        drop(form);
        assert_eq!(place.left(), body.len());
        drop(body);
        assert!(place.left() < ALIKE, "{} bytes are left", place.left());
    }
}
