//! Patterns and answers to reset that nobody would think of.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// TS and at most 32 characters (ISO 7816-3, section 8.2.1).
const LENGTHS: RangeInclusive<usize> = 1..=33;

fn written(bytes: &[u8]) -> String {
    Atr::new(bytes).to_string()
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![3 => "\\PC{1,3}", 1 => "[ \\t\\u{a0}]{0,2}"]
}

/// An answer to reset, and a mask that may be as long.
fn texts() -> impl Strategy<Value = (String, Option<String>)> {
    let bits = prop_oneof![3 => Just(0), 1 => any::<u8>()];
    let fitting = vec((any::<u8>(), bits), 0..36).prop_map(|bytes| {
        let (atr, mask): (Vec<u8>, Vec<u8>) = bytes.into_iter().unzip();
        (written(&atr), Some(written(&mask)))
    });
    let text = prop_oneof![
        "[0-9A-Fa-f]{2}( ?[0-9A-Fa-f]{2}){0,34}",
        "[0-9A-Fa-fx+ \\t\\u{a0}]{0,9}",
        "\\PC{0,9}",
    ];
    prop_oneof![fitting, (text.clone(), prop::option::of(text))]
}

fn answers() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), LENGTHS)
}

proptest! {
    #[test]
    fn only_bytes_that_a_card_can_answer_and_a_mask_that_selects_are_accepted(
        id in names(),
        name in names(),
        (atr, mask) in texts(),
    ) {
        let Ok(pattern) = CardPattern::parse(&id, &name, &atr, mask.as_deref()) else {
            return Ok(());
        };
        let digits = |text: &str| text.split_whitespace().collect::<String>().to_ascii_uppercase();
        prop_assert!(!id.trim().is_empty() && !name.trim().is_empty());
        prop_assert!(LENGTHS.contains(&pattern.atr.len()));
        prop_assert_eq!(digits(&written(&pattern.atr)), digits(&atr));
        prop_assert_eq!(pattern.mask.len(), pattern.atr.len());
        prop_assert!(pattern.mask.iter().any(|&bits| bits != 0));
        if let Some(mask) = mask {
            prop_assert_eq!(digits(&written(&pattern.mask)), digits(&mask));
        }
        prop_assert!(pattern.matches(&Atr::new(pattern.atr.clone())));
    }

    #[test]
    fn without_a_mask_a_pattern_knows_its_own_answer_and_no_other(
        answer in answers(),
        at in any::<Index>(),
        difference in 1..=u8::MAX,
        more: u8,
    ) {
        let atr = Atr::new(answer.clone());
        let pattern = parse(&atr.to_string(), None).unwrap();
        prop_assert!(pattern.matches(&atr));

        let mut other = answer.clone();
        other[at.index(answer.len())] ^= difference;
        prop_assert!(!pattern.matches(&Atr::new(other)));
        prop_assert!(!pattern.matches(&Atr::new(&answer[1..])));
        prop_assert!(!pattern.matches(&Atr::new([&answer[..], &[more]].concat())));
    }

    #[test]
    fn a_difference_counts_exactly_where_the_mask_has_bits(
        bytes in vec(any::<(u8, u8)>(), LENGTHS),
        at in any::<Index>(),
        difference: u8,
    ) {
        let (answer, mut mask): (Vec<u8>, Vec<u8>) = bytes.into_iter().unzip();
        mask[0] |= 1;
        let pattern = parse(&written(&answer), Some(&written(&mask))).unwrap();

        let at = at.index(answer.len());
        let mut other = answer;
        other[at] ^= difference;
        prop_assert_eq!(pattern.matches(&Atr::new(other)), difference & mask[at] == 0);
    }
}
