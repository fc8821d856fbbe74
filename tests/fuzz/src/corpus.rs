//! Every input of the corpora, run once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{TARGETS, Verdict};

/// The inputs of a target, by their names.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = fs::read_dir(folder).expect("a target has a corpus");
    let files = files.map(|file| {
        let file = file.expect("a file");
        let name = file.file_name().into_string().expect("a name");
        (name, fs::read(file.path()).expect("an input"))
    });
    files.collect()
}

#[track_caller]
fn run(target: &str) {
    let (_, run) = crate::target(target).expect("a target");
    let mut accepted = 0;
    for (name, input) in inputs(target) {
        let is_good = match name.split_once('-') {
            Some(("good", _)) => true,
            Some(("bad", _)) => false,
            Some(_) | None => panic!("{name} says neither good nor bad"),
        };
        // Shown when it panics.
        println!("{target}/{name}");
        assert_eq!(run(&input) == Verdict::Accepted, is_good, "{target}/{name}");
        accepted += usize::from(is_good);
    }
    assert!(accepted > 0, "no input of {target} is accepted");
}

#[test]
fn callbacks_of_the_corpus_mean_what_they_are_named() {
    run("callback");
}

#[test]
fn discovery_documents_of_the_corpus_are_what_they_are_named() {
    run("discovery");
}

#[test]
fn id_tokens_of_the_corpus_are_what_they_are_named() {
    run("id_token");
}

#[test]
fn logout_tokens_of_the_corpus_are_what_they_are_named() {
    run("logout_token");
}

#[test]
fn settings_of_the_corpus_are_what_they_are_named() {
    run("settings");
}

#[test]
fn userinfo_of_the_corpus_is_what_it_is_named() {
    run("userinfo");
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let corpora = fs::read_dir(corpora).expect("the corpora");
    let corpora = corpora.map(|folder| folder.expect("a folder").file_name());
    let mut corpora: Vec<_> = corpora.collect();
    corpora.sort();
    let targets: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(corpora, targets);
}
