//! Whatever is around it, a secret is gone; and lines as Cardea writes them stay.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::{Cleaner, Identity, cleaned, jane};

/// Any text, also with pieces of what is looked for.
fn around() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<String>(),
        1 => r#"[ \\/"'.:?#@=<>{}-]{0,8}"#,
        1 => prop_oneof![
            Just("eyJ"), Just("://"), Just("http://u:p@"), Just("-----BEGIN "), Just("-----"),
            Just("C:\\Users\\"), Just("?code="), Just("S-1-5-21-"), Just("\n"), Just("943 476 "),
            Just("\"revision\":"), Just("İ"),
        ].prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// A character that ends every word, address and name.
fn between() -> impl Strategy<Value = char> {
    prop::sample::select(vec![' ', '"', '\n', '\t', '<', '>', '|'])
}

fn token() -> impl Strategy<Value = String> {
    any::<[u8; 32]>().prop_map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

fn jwt() -> impl Strategy<Value = String> {
    let part = || prop::collection::vec(any::<u8>(), 12..40);
    (part(), part(), part()).prop_map(|(header, claims, signature)| {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let header = encode(&[br#"{"alg":"#.as_slice(), &header].concat());
        format!("{header}.{}.{}", encode(&claims), encode(&signature))
    })
}

fn pem() -> impl Strategy<Value = String> {
    let body = prop::collection::vec("[A-Za-z0-9+/]{64}", 1..5);
    (body, prop_oneof![Just("\n"), Just("\\n"), Just("\r\n")]).prop_map(|(body, end)| {
        let body = body.join(end);
        format!("-----BEGIN PRIVATE KEY-----{end}{body}{end}-----END PRIVATE KEY-----")
    })
}

/// Ten digits with the check digit that the NHS gives.
fn nhs_number() -> impl Strategy<Value = String> {
    prop::array::uniform9(0..10_u32).prop_filter_map("no number has a check digit of ten", |nine| {
        let sum: u32 = nine.iter().zip((2..=10).rev()).map(|(d, w)| d * w).sum();
        let check = (11 - sum % 11) % 11;
        let digits = nine.iter().chain([&check]);
        (check < 10).then(|| digits.map(ToString::to_string).collect())
    })
}

/// Lines as the agent's log and audit have them.
fn line_of_ours() -> impl Strategy<Value = String> {
    let log = (
        any::<u32>(),
        any::<u64>(),
        "[0-9a-f]{32}",
        0..86_400_000_i64,
    )
        .prop_map(|(revision, took, boot, at)| {
            let at = jiff::Timestamp::from_millisecond(1_760_000_000_000 + at).unwrap();
            let levels = ["INFO", "WARN", "DEBUG"];
            let level = levels[revision as usize % levels.len()];
            format!(
                "{{\"timestamp\":\"{at:.3}\",\"level\":\"{level}\",\"revision\":{revision},\
                 \"session\":\"{boot}.s{}\",\"took_us\":{took},\"reader\":\"HID Global OMNIKEY \
                 3x21 Smart Card Reader [OMNIKEY 3x21] 00 00\",\"target\":\"cardea_agent::record\",\
                 \"message\":\"session.ended\",\"reason\":\"card_removed\",\"lost\":{}}}\n",
                revision % 7,
                took % 10_000_000_000,
            )
        });
    let audit = ("[a-z.-]{1,40}", "[0-9a-f]{32}").prop_map(|(app, boot)| {
        format!(
            "{{\"time\":\"2026-01-05T09:00:00.000Z\",\"app\":\"{app}\",\"action\":\
             \"session_ended\",\"session\":\"{boot}.s3\",\"reason\":\"idle_timeout\"}}\n"
        )
    });
    prop_oneof![log, audit]
}

/// Sees that a text with a secret somewhere in it comes out without.
fn is_gone(secret: &str, left: &str, ends: (char, char), right: &str) -> Result<(), TestCaseError> {
    let text = format!("{left}{}{secret}{}{right}", ends.0, ends.1);
    let out = cleaned(&text).text;
    // It may also have been around.
    prop_assume!(!left.contains(secret) && !right.contains(secret));
    prop_assert!(!out.contains(secret), "{out:?}");
    Ok(())
}

proptest! {
    #[test]
    fn a_token_is_gone(s in token(), l in around(), a in between(), b in between(), r in around()) {
        is_gone(&s, &l, (a, b), &r)?;
    }

    #[test]
    fn a_json_web_token_is_gone(
        s in jwt(), l in around(), a in between(), b in between(), r in around()
    ) {
        let claims = s.split('.').nth(1).unwrap();
        prop_assert!(claims.len() > 12);
        let out = cleaned(&format!("{l}{a}{s}{b}{r}")).text;
        prop_assume!(!l.contains(claims) && !r.contains(claims));
        prop_assert!(!out.contains(claims), "{out:?}");
    }

    #[test]
    fn a_key_is_gone(s in pem(), l in around(), a in between(), b in between(), r in around()) {
        let out = cleaned(&format!("{l}{a}{s}{b}{r}")).text;
        let body = s.split("-----").nth(2).unwrap();
        for line in body.split(['\n', '\r', '\\']).filter(|line| line.len() > 20) {
            prop_assert!(!out.contains(line.trim_start_matches('n')), "{out:?}");
        }
    }

    #[test]
    fn an_nhs_number_is_gone(
        s in nhs_number(), l in around(), a in between(), b in between(), r in around()
    ) {
        prop_assume!(!l.trim_end_matches(' ').ends_with([':', '=']));
        is_gone(&s, &l, (a, b), &r)?;
        let grouped = format!("{} {} {}", &s[..3], &s[3..6], &s[6..]);
        is_gone(&grouped, &l, ('"', b), &r)?;
    }

    #[test]
    fn a_user_id_is_gone(
        s in "[0-9]{12}", l in around(), a in between(), b in between(), r in around()
    ) {
        prop_assume!(!l.trim_end_matches(' ').ends_with([':', '=']));
        is_gone(&s, &l, (a, b), &r)?;
    }

    #[test]
    fn credentials_and_queries_of_addresses_are_gone(
        user in "[a-z]{8}", password in "[A-Za-z0-9!$&*+,;=/?#:%._~-]{8,20}", code in "[A-Za-z0-9_-]{20}",
        l in around(), a in between(), r in around()
    ) {
        prop_assume!(!password.contains("://"));
        let address = format!("https://{user}:{password}@proxy.example/x?code={code}");
        for secret in [&user, &password, &code] {
            prop_assume!(!l.contains(secret.as_str()) && !r.contains(secret.as_str()));
        }
        // A number and then a path with an @ in it is a port, and no password.
        let first = password.split(['/', '?', '#']).next().unwrap();
        let port = first.rsplit(':').next().unwrap();
        let is_port = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
        prop_assume!(!is_port || first.len() == password.len());
        let out = cleaned(&format!("{l}{a}{address}{a}{r}")).text;
        for secret in [user, password, code] {
            prop_assert!(!out.contains(&secret), "{out:?}");
        }
    }

    #[test]
    fn this_user_and_computer_are_gone(
        l in around(), a in between(), b in between(), r in around(), upper in any::<bool>()
    ) {
        let Identity { sid, users, computers, .. } = jane();
        let names = [sid.unwrap(), users[0].clone(), computers[0].clone()];
        for name in names {
            let shown = if upper { name.to_uppercase() } else { name.to_lowercase() };
            let out = cleaned(&format!("{l}{a}{shown}{b}{r}")).text.to_lowercase();
            prop_assert!(!out.contains(&name.to_lowercase()), "{out:?}");
        }
    }

    #[test]
    fn lines_of_ours_stay_as_they_are(lines in prop::collection::vec(line_of_ours(), 1..20)) {
        let text = lines.concat();
        let out = cleaned(&text);
        prop_assert_eq!(out.text, text);
    }

    /// Fuzz: no text takes it down, and what names nobody needs nothing taken out.
    #[test]
    fn fuzz_any_text_comes_out(pieces in prop::collection::vec(around(), 0..6)) {
        let text = pieces.concat();
        let out = Cleaner::new(&jane()).clean(&text);
        let count: u64 = super::Kind::ALL.into_iter().map(|kind| out.replaced.of(kind)).sum();
        prop_assert_eq!(count == 0, out.text == text);
    }
}
