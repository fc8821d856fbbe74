//! The bytes of a value.

use windows_sys::Win32::System::Registry::{
    REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ, REG_VALUE_TYPE,
};

use super::Value;

/// What the bytes of a value of this kind mean. Whoever wrote them need not have kept to the rules
/// (Microsoft, "RegSetValueExW": texts may lack their zeros).
pub(super) fn decode(kind: REG_VALUE_TYPE, bytes: &[u8]) -> Value {
    let decoded = match kind {
        REG_SZ => text(bytes).map(Value::Text),
        REG_EXPAND_SZ => text(bytes).map(Value::Expandable),
        REG_DWORD => bytes
            .try_into()
            .ok()
            .map(u32::from_le_bytes)
            .map(Value::Number),
        REG_QWORD => bytes
            .try_into()
            .ok()
            .map(u64::from_le_bytes)
            .map(Value::Large),
        REG_MULTI_SZ => texts(bytes).map(Value::Texts),
        other => Some(Value::Other(other)),
    };
    decoded.unwrap_or(Value::Malformed(kind))
}

fn text(bytes: &[u8]) -> Option<String> {
    let units = units(bytes)?;
    let text = units.split(|unit| *unit == 0).next().unwrap_or_default();
    String::from_utf16(text).ok()
}

fn texts(bytes: &[u8]) -> Option<Vec<String>> {
    let units = units(bytes)?;
    let texts = units
        .split(|unit| *unit == 0)
        .take_while(|text| !text.is_empty());
    texts.map(|text| String::from_utf16(text).ok()).collect()
}

fn units(bytes: &[u8]) -> Option<Vec<u16>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    rest.is_empty().then(|| units.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn texts_end_at_their_zero_or_where_they_end() {
        for written in ["warn", "warn\0", "warn\0behind\0"] {
            let text = Value::Text("warn".to_owned());
            assert_eq!(decode(REG_SZ, &utf16(written)), text);
        }
        let expandable = Value::Expandable("%X%".to_owned());
        assert_eq!(decode(REG_EXPAND_SZ, &utf16("%X%\0")), expandable);
        assert_eq!(decode(REG_SZ, &[]), Value::Text(String::new()));
    }

    #[test]
    fn lists_end_at_an_empty_text_or_where_they_end() {
        for written in ["a\0b\0\0", "a\0b\0", "a\0b", "a\0b\0\0c\0"] {
            let list = Value::Texts(vec!["a".to_owned(), "b".to_owned()]);
            assert_eq!(decode(REG_MULTI_SZ, &utf16(written)), list);
        }
        for written in ["", "\0", "\0\0"] {
            assert_eq!(
                decode(REG_MULTI_SZ, &utf16(written)),
                Value::Texts(Vec::new())
            );
        }
    }

    #[test]
    fn numbers_have_their_length() {
        assert_eq!(decode(REG_DWORD, &[1, 2, 0, 0]), Value::Number(0x201));
        assert_eq!(decode(REG_QWORD, &[255; 8]), Value::Large(u64::MAX));
        assert_eq!(decode(REG_DWORD, &[1]), Value::Malformed(REG_DWORD));
        assert_eq!(decode(REG_QWORD, &[0; 4]), Value::Malformed(REG_QWORD));
    }

    #[test]
    fn what_is_no_text_and_what_is_of_another_kind_is_reported_as_such() {
        assert_eq!(decode(REG_SZ, b"a"), Value::Malformed(REG_SZ));
        let half = 0xd800_u16.to_le_bytes();
        assert_eq!(decode(REG_SZ, &half), Value::Malformed(REG_SZ));
        assert_eq!(decode(REG_MULTI_SZ, &half), Value::Malformed(REG_MULTI_SZ));
        assert_eq!(decode(3, b"binary"), Value::Other(3));
    }
}
