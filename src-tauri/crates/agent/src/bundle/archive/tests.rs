use std::fs;
use std::io::Read as _;

use miniz_oxide::inflate::decompress_to_vec;
use rawzip::ZipArchive;

use super::super::cleaner::{Identity, Kind};
use super::*;

fn now() -> Time {
    Time::parse("2026-01-05T09:00:00Z").unwrap()
}

fn cleaner() -> Cleaner {
    Cleaner::new(&Identity {
        folders: vec!["/home/jane".into()],
        users: vec!["jane".to_owned()],
        ..Identity::default()
    })
}

/// The files of a zip, in their order.
fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let zip = ZipArchive::from_slice(bytes).unwrap();
    let mut entries = zip.entries();
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().unwrap() {
        let name = entry.file_path().try_normalize().unwrap();
        let inside = zip.get_entry(entry.wayfinder()).unwrap();
        let text = decompress_to_vec(inside.data()).unwrap();
        let mut checked = Vec::new();
        let mut reader = inside.verifying_reader(text.as_slice());
        reader.read_to_end(&mut checked).unwrap();
        files.push((
            name.as_ref().to_owned(),
            String::from_utf8(checked).unwrap(),
        ));
    }
    files
}

#[test]
fn a_bundle_begins_with_its_index_and_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    let parts = vec![
        Part::text("versions.txt", "versions", "cardea 1\n"),
        Part::log(
            "logs/a.jsonl",
            "the log in /home/jane",
            "of jane\n9434765919\n",
        ),
        Part::missing("doctor.txt", "the checks", "/home/jane/x is not there"),
    ];
    let written = write(&path, parts, &cleaner(), now()).unwrap();
    assert_eq!((written.files, written.missing), (2, 1));
    assert_eq!(written.replaced.in_second_net(), 1);
    assert!(paths::is_private(&path));
    let files = unpacked(&fs::read(&path).unwrap());
    insta::assert_snapshot!(files[0].1, @r"
        Support bundle of Cardea, made 2026-01-05T09:00:00.000Z

        versions.txt          9 bytes  versions
        logs/a.jsonl         21 bytes  the log in ~

        Missing:
        doctor.txt    the checks: ~/x is not there

        Taken out:
                2  folders of the user
                1  account name
                0  security identifier of the user
                0  computer name
                0  credentials in addresses
                0  query strings of addresses
                0  security identifiers of others

        Taken out by the second net; more than 0 is worth an eye:
                0  JSON Web Tokens
                0  PEM blocks
                0  words like a program's token or a key's name
                1  NHS numbers
                0  12-digit user ids
    ");
    let others = [
        ("versions.txt".to_owned(), "cardea 1\n".to_owned()),
        (
            "logs/a.jsonl".to_owned(),
            "of <user>\n<redacted>\n".to_owned(),
        ),
    ];
    assert_eq!(files[0].0, "index.txt");
    assert_eq!(files[1..], others);
}

#[test]
fn a_file_that_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    fs::write(&path, "a letter").unwrap();
    let refused = write(&path, Vec::new(), &cleaner(), now());
    assert!(
        matches!(refused, Err(BundleError::Exists(_))),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
}

#[test]
fn a_bundle_that_cannot_be_written_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    let failed = new_file(&path, |mut file| {
        file.write_all(b"half").unwrap();
        Err(rawzip::Error::from(io::Error::from(
            io::ErrorKind::StorageFull,
        )))
    });
    assert!(
        matches!(failed, Err(BundleError::NotWritten { .. })),
        "{failed:?}"
    );
    assert!(!path.exists());

    let nowhere = folder.path().join("no folder/bundle.zip");
    let failed = write(&nowhere, Vec::new(), &cleaner(), now());
    assert!(
        matches!(failed, Err(BundleError::NotMade { .. })),
        "{failed:?}"
    );
}

#[test]
fn names_lead_nowhere_else_and_come_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    for names in [
        &["../x"][..],
        &["/x"],
        &["a//b"],
        &["a\\b"],
        &[".x"],
        &[""],
        &["index.txt"],
        &["a", "b", "a"],
    ] {
        let parts = names.iter().map(|name| Part::text(name, "", "")).collect();
        let refused = write(&path, parts, &cleaner(), now());
        assert!(matches!(refused, Err(BundleError::Name(_))), "{names:?}");
        assert!(!path.exists());
    }
}

#[test]
fn parts_and_the_whole_are_bounded_and_the_index_says_so() {
    let lines: String = (10..30).map(|line| format!("{line}\n")).collect();
    let parts = vec![
        Part::log("end", "", lines.clone()),
        Part::text("start", "", lines.clone()),
        Part::text("rest", "", lines.clone()),
        Part::text("none", "", lines),
    ];
    let bounds = Bounds { part: 10, all: 24 };
    let prepared = prepare(parts, &cleaner(), bounds);
    let texts: Vec<_> = prepared
        .files
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    assert_eq!(texts, ["27\n28\n29\n", "10\n11\n12\n", "10\n11\n"]);
    let index = index::text("now", &prepared.entries, &prepared.replaced);
    for said in [
        "9 bytes   (the end of 60 bytes)",
        "9 bytes   (the start of 60 bytes)",
        "6 bytes   (the start of 60 bytes)",
        "none   : the bundle was full before",
    ] {
        assert!(index.contains(said), "{said:?} is not in {index}");
    }
}

#[test]
fn a_part_has_four_mebibytes_at_most_and_the_bundle_six_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    let text = "0123456\n".repeat(4 * 1024 * 1024 / 8 + 1);
    write(&path, vec![Part::log("log", "", text)], &cleaner(), now()).unwrap();
    let files = unpacked(&fs::read(&path).unwrap());
    assert_eq!(files[1].1.len(), 4 * 1024 * 1024);
    assert_eq!(Bounds::OF_BUNDLE.all, 6 * files[1].1.len());
}

/// What is cut is no longer known for what it is, so that it is cleaned before.
#[test]
fn a_secret_at_the_cut_is_gone() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl";
    for most in 1..200 {
        for part in [Part::text, Part::log] as [fn(&str, &str, String) -> Part; 2] {
            let text = format!("{} {token} {}", "x ".repeat(20), "y ".repeat(20));
            let bounds = Bounds {
                part: most,
                all: most,
            };
            let prepared = prepare(vec![part("a", "", text)], &cleaner(), bounds);
            let text = &prepared.files[0].1;
            assert!(!text.contains("c2ln") && !text.contains("eyJ"), "{text}");
        }
    }
}

#[test]
fn a_text_is_cut_between_letters_and_lines() {
    assert_eq!(cut("ab\ncd\nef", Keep::Start, 5), "ab\n");
    assert_eq!(cut("ab\ncd\nef", Keep::Start, 6), "ab\ncd\n");
    assert_eq!(cut("ab\ncd\nef", Keep::End, 5), "cd\nef");
    assert_eq!(cut("ab\ncd\nef", Keep::End, 4), "ef");
    assert_eq!(cut("ööö", Keep::Start, 3), "ö");
    assert_eq!(cut("ööö", Keep::End, 3), "ö");
}

#[test]
fn counts_of_all_texts_come_together() {
    let parts = vec![
        Part::text("a", "of jane", "jane"),
        Part::missing("b", "jane", "jane"),
    ];
    let prepared = prepare(parts, &cleaner(), Bounds::OF_BUNDLE);
    assert_eq!(prepared.replaced.of(Kind::User), 4);
}
