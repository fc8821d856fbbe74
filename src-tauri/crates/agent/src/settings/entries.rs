//! The entries of `[api] apps` and `[card] patterns`.

use cardea_local_api::TokenHash;
use cardea_session::{Scope, ScopeSet};

use super::entry::{Entry, Fields, entry, required};
use super::raw::{Located, Raw};
use super::rule::{Field, Misfit, Reading, Rule, Shape};
use super::scalar::{Choice, List};
use super::text::{ID, NAME, ORIGIN, Text};

entry! {
    /// An entry of `[api] apps`: a local program that may call the API.
    App {
        /// Names the program in addresses, logs and audit.
        id: String = ID;
        /// The program's name as people see it.
        name: String = NAME;
        /// What the program may do.
        scopes: ScopeSet = Scopes;
        /// The web origins the program's pages come from; none for a program that is no web page.
        origins: Vec<String> = List { each: ORIGIN, max: 16 }, or Vec::new();
        /// SHA-256 of the program's token, in hexadecimal.
        token_sha256: TokenHash = Hash;
    }
    conflict |_| None
}

entry! {
    /// An entry of `[card] patterns`: a kind of card, known by its answer to reset.
    Pattern {
        /// Names the pattern.
        id: String = ID;
        /// The card's name as people see it.
        name: String = NAME;
        /// The answer to reset (ISO 7816-3, section 8).
        atr: Vec<u8> = ATR;
        /// The bits of the answer that count, as long as the answer; without it, all of them.
        mask: Option<Vec<u8>> = Mask, or None;
    }
    conflict |pattern| {
        let mask = pattern.mask.as_ref()?;
        let as_long = mask.len() == pattern.atr.len();
        let selects = mask.iter().any(|&bits| bits != 0);
        (!as_long || !selects).then_some(("mask", "as many bytes as atr, not all of them 00"))
    }
}

/// Scopes of a program.
struct Scopes;

impl Scopes {
    const LIST: List<Choice<Scope>> = List {
        each: Choice::RULE,
        max: Scope::ALL.len(),
    };
}

impl Rule for Scopes {
    type Value = ScopeSet;

    fn shape(&self) -> Shape {
        Self::LIST.shape()
    }

    fn read(&self, value: &Located) -> Reading<ScopeSet> {
        let reading = Self::LIST.read(value);
        Reading {
            value: reading.value.map(|scopes| scopes.into_iter().collect()),
            misfits: reading.misfits,
        }
    }

    fn show(&self, scopes: &ScopeSet) -> String {
        Self::LIST.show(&scopes.iter().collect())
    }
}

/// The bytes of an answer to reset: TS, T0 and at most 31 more (ISO 7816-3, section 8.2).
const ATR: HexPairs = HexPairs { min: 2, max: 33 };

/// Bytes as hexadecimal pairs with spaces.
struct HexPairs {
    min: usize,
    max: usize,
}

impl HexPairs {
    fn parse(&self, text: &str) -> Option<Vec<u8>> {
        let bytes: Option<Vec<u8>> = text.split(' ').map(byte).collect();
        bytes.filter(|bytes| (self.min..=self.max).contains(&bytes.len()))
    }
}

impl Rule for HexPairs {
    type Value = Vec<u8>;

    fn shape(&self) -> Shape {
        Shape::Text("2 to 33 bytes as hexadecimal pairs with spaces, such as \"3B F9 18 00\"")
    }

    fn read(&self, value: &Located) -> Reading<Vec<u8>> {
        if let Raw::Text(text) = &value.raw
            && let Some(bytes) = self.parse(text)
        {
            return Reading::fits(bytes);
        }
        Reading::misfit(Misfit::wrong(value, self.shape()))
    }

    fn show(&self, bytes: &Vec<u8>) -> String {
        let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("{:?}", pairs.join(" "))
    }
}

/// The mask of an answer to reset.
struct Mask;

impl Rule for Mask {
    type Value = Option<Vec<u8>>;

    fn shape(&self) -> Shape {
        ATR.shape()
    }

    fn read(&self, value: &Located) -> Reading<Self::Value> {
        if matches!(&value.raw, Raw::Text(text) if text.is_empty()) {
            return Reading::fits(None);
        }
        let reading = ATR.read(value);
        Reading {
            value: reading.value.map(Some),
            misfits: reading.misfits,
        }
    }

    fn show(&self, mask: &Self::Value) -> String {
        mask.as_ref()
            .map_or("\"\"".to_owned(), |mask| ATR.show(mask))
    }
}

/// SHA-256 in hexadecimal; neither shown nor put into errors.
struct Hash;

impl Hash {
    const ALLOWED: Text = Text {
        allowed: "the SHA-256 of the program's token: 64 hexadecimal digits",
        fits: |text| text.parse::<TokenHash>().is_ok(),
    };
}

impl Rule for Hash {
    type Value = TokenHash;

    fn shape(&self) -> Shape {
        Self::ALLOWED.shape()
    }

    fn read(&self, value: &Located) -> Reading<TokenHash> {
        if let Raw::Text(text) = &value.raw
            && let Ok(hash) = text.parse()
        {
            return Reading::fits(hash);
        }
        let found = "something else (not shown)".to_owned();
        Reading::misfit(Misfit::found(value, found, self.shape()))
    }

    fn show(&self, _: &TokenHash) -> String {
        "\"(not shown)\"".to_owned()
    }
}

/// Two hexadecimal digits.
fn byte(pair: &str) -> Option<u8> {
    let digits = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(pair, 16).ok().filter(|_| digits)
}
