mod planted;

use super::*;

/// Dr Jane Smith's workstation.
fn jane() -> Identity {
    Identity {
        folders: vec![
            r"C:\Users\jane.smith".into(),
            r"C:\Users\jane.smith\AppData\Local".into(),
            r"\\filer\home$\janes".into(),
            "/home/jane.smith".into(),
        ],
        users: vec!["jane.smith".to_owned(), "js".to_owned(), String::new()],
        sid: Some("S-1-5-21-1004336348-1177238915-682003330-1001".to_owned()),
        computers: vec!["SURGERY-PC-07".to_owned(), "localhost".to_owned()],
    }
}

fn cleaned(text: &str) -> Cleaned {
    Cleaner::new(&jane()).clean(text)
}

/// Sees what becomes of a text, and that so many things were taken out and counted.
fn becomes(text: &str, expected: &str, counts: &[(Kind, u64)]) {
    let Cleaned { text, replaced } = cleaned(text);
    assert_eq!(text, expected);
    for kind in Kind::ALL {
        let count = counts.iter().find(|(counted, _)| *counted == kind);
        let count = count.map_or(0, |(_, count)| *count);
        assert_eq!(replaced.of(kind), count, "{kind:?} in {expected}");
    }
}

fn stays(text: &str) {
    becomes(text, text, &[]);
}

#[test]
fn folders_of_the_user_are_shown_as_one() {
    let folder = |count| [(Kind::Folder, count)];
    becomes(
        r"C:\Users\jane.smith\AppData\Local\Cardea\logs",
        r"~\AppData\Local\Cardea\logs",
        &folder(1),
    );
    becomes(
        r#"{"path":"c:\\users\\JANE.SMITH\\x"} 'C:/Users/jane.smith' \\filer\home$\janes\y"#,
        r#"{"path":"~\\x"} '~' ~\y"#,
        &folder(3),
    );
    becomes("/home/jane.smith/.config.", "~/.config.", &folder(1));
    becomes("in /home/jane.smith.", "in ~.", &folder(1));
}

#[test]
fn the_folder_of_somebody_else_is_not_this_users() {
    let user = [(Kind::User, 1)];
    becomes("/home/jane.smith-old/x", "/home/<user>-old/x", &user);
    becomes("/home/jane.smith.bak", "/home/<user>.bak", &user);
    becomes("/home/jane.smithson/x", "/home/<user>/x", &user);
    becomes("/home/jane/x", "/home/<user>/x", &user);
}

/// A root has no folder of its own.
#[test]
fn a_root_is_no_folder_of_a_user() {
    let identity = Identity {
        folders: vec!["/".into(), r"C:\".into(), String::new().into()],
        ..Identity::default()
    };
    let text = r"/etc/passwd C:\Windows";
    assert_eq!(Cleaner::new(&identity).clean(text).text, text);
}

#[test]
fn names_are_replaced_as_whole_words_whatever_their_case() {
    becomes(
        "Jane.Smith@practice jane.smith's jane.smith_x",
        "<user>@practice <user>'s <user>_x",
        &[(Kind::User, 3)],
    );
    stays("jane.smiths xjane.smith jane.smith2");
    becomes(
        r"PRACTICE\jane.smith on surgery-pc-07.practice.local",
        r"PRACTICE\<user> on <computer>.practice.local",
        &[(Kind::User, 1), (Kind::Computer, 1)],
    );
    stays("localhost");
}

#[test]
fn the_longer_of_two_names_is_taken() {
    let identity = Identity {
        users: vec!["jane".to_owned(), "jane.practice".to_owned()],
        ..Identity::default()
    };
    let cleaned = Cleaner::new(&identity).clean("jane.practice or jane");
    assert_eq!(cleaned.text, "<user> or <user>");
}

#[test]
fn letters_that_grow_in_lower_case_are_compared_too() {
    let identity = Identity {
        users: vec!["ŞİRİN".to_owned()],
        folders: vec!["/home/ŞİRİN".into()],
        ..Identity::default()
    };
    let cleaner = Cleaner::new(&identity);
    assert_eq!(cleaner.clean("of ŞİRİN, ö").text, "of <user>, ö");
    assert_eq!(cleaner.clean("/home/ŞİRİN/ö").text, "~/ö");
}

#[test]
fn a_name_of_two_letters_counts_only_in_paths() {
    stays("js is short; js/ x.js");
    let user = [(Kind::User, 1)];
    becomes(r"D:\backup\JS\x", r"D:\backup\<user>\x", &user);
    becomes("/srv/js", "/srv/<user>", &user);
    stays("/srv/js-old");
}

#[test]
fn accounts_by_their_identifier_are_not_told_and_groups_are() {
    becomes(
        r"\\.\pipe\cardea-S-1-5-21-1004336348-1177238915-682003330-1001-1",
        r"\\.\pipe\cardea-<sid>-1",
        &[(Kind::Sid, 1)],
    );
    becomes(
        "of S-1-5-21-1004336348-1177238915-682003330-10011 and S-1-12-1-1-2-3-4",
        "of <another sid> and <another sid>",
        &[(Kind::OtherSid, 2)],
    );
    stays("S-1-5-18 S-1-5-32-545 S-1-5-21-0-0");
}

#[test]
fn addresses_lose_who_signs_in_and_what_is_asked() {
    becomes(
        "proxy http://jane:s3cr3t@proxy.example:8080/ asked",
        "proxy http://<redacted>@proxy.example:8080/ asked",
        &[(Kind::Credentials, 1)],
    );
    becomes(
        "\"https://am.example/authorize?state=abc&nonce=x#y\", ok",
        "\"https://am.example/authorize?<redacted>\", ok",
        &[(Kind::Query, 1)],
    );
    becomes(
        "http://x:a/b?c@d:1/ http://token@h/#id_token=x",
        "http://<redacted>@d:1/ http://<redacted>@h/?<redacted>",
        &[(Kind::Credentials, 2), (Kind::Query, 1)],
    );
    becomes(
        "GET /callback?code=abc&state=d HTTP/1.1",
        "GET /callback?<redacted> HTTP/1.1",
        &[(Kind::Query, 1)],
    );
    stays("http://127.0.0.1:28080/v1 http://[::1]:28080/ https://am.example:443/x. Really?");
    stays("what?x y?");
}

const TOKEN: &str = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyX-4";

#[test]
fn what_looks_like_a_token_goes() {
    assert_eq!(TOKEN.len(), 43);
    becomes(
        &format!("Bearer {TOKEN}, bearer.{TOKEN} {TOKEN}x"),
        &format!("Bearer <redacted>, bearer.<redacted> {TOKEN}x"),
        &[(Kind::Token, 2)],
    );
    let jwt = [(Kind::Jwt, 1)];
    becomes(
        "x=eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.;",
        "x=<redacted>;",
        &jwt,
    );
    becomes("eyJhbGciOi.eyJzdWIiOiJ4In0 x", "<redacted> x", &jwt);
    becomes("eyJhbGciOi.a.b.c.d!", "<redacted>!", &jwt);
    stays("eyJ eyJhbGciOi eyJhbGciOi.x eyJhbGciOi.");
}

#[test]
fn pem_blocks_go_also_in_part() {
    const BODY: &str = "MIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8\nAgEAAkEA+/=\n";
    let pem = |count| [(Kind::Pem, count)];
    let whole = format!("-----BEGIN RSA PRIVATE KEY-----\n{BODY}-----END RSA PRIVATE KEY-----");
    becomes(&format!("a\n{whole}\nb"), "a\n<redacted>\nb", &pem(1));
    let in_json = format!("{{\"error\":\"{}\"}}", whole.replace('\n', "\\n"));
    becomes(&in_json, "{\"error\":\"<redacted>\"}", &pem(1));
    becomes(
        &format!("{whole} {whole}"),
        "<redacted> <redacted>",
        &pem(2),
    );
    let start = &whole[..60];
    becomes(
        &format!("{start}\n{TOKEN} x"),
        "<redacted>\n<redacted> x",
        &[(Kind::Pem, 1), (Kind::Token, 1)],
    );
    stays("-----BEGIN x----- -----BEGIN A-B -----END X");
    becomes(&format!("{start}, b"), "<redacted>, b", &pem(1));
    becomes(
        &format!("{start}, {whole}"),
        "<redacted>, <redacted>",
        &pem(2),
    );
    let end = &whole[40..];
    becomes(&format!("{end}, b"), "<redacted>, b", &pem(1));
}

#[test]
fn numbers_that_stand_for_people_go() {
    let nhs = |count| [(Kind::NhsNumber, count)];
    becomes(
        "9434765919 (943 476 5919, 943-476-5919).",
        "<redacted> (<redacted>, <redacted>).",
        &nhs(3),
    );
    becomes(
        "{\"patient\":9434765919}",
        "{\"patient\":<redacted>}",
        &nhs(1),
    );
    stays("9434765918 943 476 5918 943 4765919 94347659190 x9434765919 943-476 5919");
    stays("1234567890 123-456-7890");
    // One whose check digit would be ten is given to nobody.
    for last in 0..10 {
        stays(&format!("943476582{last}"));
    }
    let user = [(Kind::UserId, 1)];
    becomes("\"uid\":\"555000000001\"", "\"uid\":\"<redacted>\"", &user);
    stays("5550000000011 55500000001x _555000000001 969567331415.apps.national");
}

#[test]
fn revisions_times_latencies_and_ids_of_machines_stay() {
    for text in [
        "\"revision\":9434765919,\"at\":9434765919 since=9434765919",
        "\"p50_us\":9434765919 took_ms: 555000000001",
        "6f0c2a1b6f0c2a1b6f0c2a1b6f0c2a1b-9434765919-1",
        "0.9434765919 9434765919.5 1.555000000001",
        "6f0c2a1b-6f0c-6f0c-6f0c-555000000001",
        "2026-01-05T09:00:00.123Z",
    ] {
        stays(text);
    }
    let nhs = |text: &str| cleaned(text).replaced.of(Kind::NhsNumber);
    assert_eq!(nhs("\"patient_number_is\":9434765919"), 1);
    assert_eq!(nhs("0c2a1b-9434765919 6f0c2a1b-6f0c-9434765919"), 2);
    assert_eq!(nhs("f6f0c2a1b6f0c2a1b6f0c2a1b6f0c2a1b-9434765919"), 1);
}

#[test]
fn what_was_put_in_is_not_looked_at_again() {
    let identity = Identity {
        users: vec!["user".to_owned()],
        computers: vec!["redacted".to_owned()],
        ..Identity::default()
    };
    let cleaned = Cleaner::new(&identity).clean("user https://user:x@y");
    assert_eq!(cleaned.text, "<user> https://<redacted>@y");
}

#[test]
fn folders_of_others_lose_their_names() {
    let user = [(Kind::User, 1)];
    becomes("/home/bobsmith/firefox", "/home/<user>/firefox", &user);
    becomes(r"C:\\Users\\bob.smith\\x", r"C:\\Users\\<user>\\x", &user);
    stays("/var/home.toml homework users at/home");
}
