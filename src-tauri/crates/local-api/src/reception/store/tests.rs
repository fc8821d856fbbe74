use std::fs;

use tempfile::TempDir;

use super::*;
use crate::os::testing::{is_private, let_others_read};

fn app(id: &str) -> LocalApp {
    let new = NewApp {
        id: id.to_owned(),
        name: "A program".to_owned().try_into().unwrap(),
        scopes: [Scope::SessionRead].into_iter().collect(),
        origins: vec!["https://clinic.example".to_owned()],
    };
    LocalApp {
        added_at: Time::from_unix(1_760_000_000).unwrap(),
        ..LocalApp::added(new, [0xa5; 32].into())
    }
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cardea").join("apps.json");
    (folder, path)
}

fn used() -> BTreeMap<String, Time> {
    [("one".to_owned(), Time::from_unix(1_760_000_000).unwrap())].into()
}

#[tokio::test]
async fn programs_are_kept_across_runs() {
    let (_folder, path) = place();
    let mut store = Store::open(path.clone());
    assert!(store.apps().is_empty());
    for id in ["one", "two"] {
        assert_eq!(store.add(app(id)).await.unwrap(), Added::Kept);
    }
    store.keep_last_uses(used()).await.unwrap();
    let again = Store::open(path.clone());
    assert_eq!(again.content, store.content);
    assert_eq!(again.last_uses(), &used());
    assert_eq!(again.apps()[0].token_sha256.bytes(), &[0xa5; 32]);

    assert!(store.remove("one").await.unwrap());
    assert!(!store.remove("one").await.unwrap());
    let again = Store::open(path);
    assert!(again.find("one").is_none() && again.find("two").is_some());
    assert!(again.last_uses().is_empty());
}

#[tokio::test]
async fn the_list_is_for_its_user_only() {
    let (_folder, path) = place();
    let mut store = Store::open(path.clone());
    store.add(app("one")).await.unwrap();
    assert!(is_private(&path) && is_private(path.parent().unwrap()));
    // Also after a run that was ended in the middle, or others' hands on what it left.
    let unfinished = path.with_extension("json.new");
    fs::write(&unfinished, "").unwrap();
    for open in [&path, &unfinished] {
        let_others_read(open);
        assert!(!is_private(open));
    }
    store.add(app("two")).await.unwrap();
    assert!(is_private(&path));
}

#[tokio::test]
async fn a_list_that_cannot_be_understood_is_put_aside_and_not_lost() {
    let (_folder, path) = place();
    for bad in [
        "{\"apps\":[{\"id\":7}]}",
        "",
        "{\"apps\":[{\"id\":\"x\",\"name\":\"X\",\"scopes\":[],\"token_sha256\":\"zz\"}]}",
    ] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bad).unwrap();
        let mut store = Store::open(path.clone());
        assert!(store.apps().is_empty());
        store.add(app("one")).await.unwrap();
        let aside = fs::read_to_string(path.with_extension("json.bad")).unwrap();
        assert_eq!(aside, bad);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_written_over() {
    let (_folder, path) = place();
    fs::create_dir_all(&path).unwrap();
    let mut store = Store::open(path.clone());
    assert!(store.add(app("one")).await.is_err());
    assert!(path.is_dir() && store.apps().is_empty());
}

#[tokio::test]
async fn tokens_of_the_session_are_never_a_matter_of_this_file() {
    let (_folder, path) = place();
    let mut store = Store::open(path);
    let scopes = Scope::ALL.into_iter().collect();
    store
        .add(LocalApp {
            scopes,
            ..app("one")
        })
        .await
        .unwrap();
    let given = &store.apps()[0].scopes;
    assert!(given.has(Scope::SessionRead) && !given.has(Scope::TokensRead));
}

#[tokio::test]
async fn there_is_a_most_of_programs_and_one_may_be_let_in_anew() {
    let (_folder, path) = place();
    let mut store = Store::open(path);
    store.content.apps = (0..MOST_APPS)
        .map(|number| app(&number.to_string()))
        .collect();
    assert_eq!(store.add(app("more")).await.unwrap(), Added::TooMany);
    assert_eq!(store.add(app("7")).await.unwrap(), Added::Kept);
    assert_eq!(store.apps().len(), MOST_APPS);
}

#[tokio::test]
async fn a_program_is_out_even_when_the_disk_does_not_hear_of_it() {
    let (_folder, path) = place();
    let mut store = Store::open(path.clone());
    store.add(app("one")).await.unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.parent().unwrap(), "in the way").unwrap();
    assert!(store.remove("one").await.is_err());
    assert!(store.apps().is_empty());
}

fn ids(store: &Store) -> Vec<String> {
    store.apps().into_iter().map(|app| app.id).collect()
}

#[tokio::test]
async fn what_another_agent_of_this_user_did_is_not_undone() {
    let (_folder, path) = place();
    let mut one = Store::open(path.clone());
    one.add(app("shown-out")).await.unwrap();
    let mut other = Store::open(path.clone());
    assert!(one.remove("shown-out").await.unwrap());
    one.add(app("let-in")).await.unwrap();

    other.keep_last_uses(used()).await.unwrap();
    assert_eq!(ids(&other), ["let-in"]);
    other.add(app("more")).await.unwrap();
    assert_eq!(ids(&Store::open(path)), ["let-in", "more"]);
    assert!(one.remove("more").await.unwrap(), "it is on the disk");
}

#[tokio::test]
async fn a_program_that_the_disk_still_has_stays_out() {
    let (_folder, path) = place();
    let folder = path.parent().unwrap();
    let mut store = Store::open(path.clone());
    store.add(app("one")).await.unwrap();
    let kept = fs::read(&path).unwrap();
    fs::remove_dir_all(folder).unwrap();
    fs::write(folder, "in the way").unwrap();
    assert!(store.remove("one").await.is_err());
    fs::remove_file(folder).unwrap();
    fs::create_dir(folder).unwrap();
    fs::write(&path, kept).unwrap();
    store.add(app("two")).await.unwrap();
    assert_eq!(ids(&store), ["two"]);
    assert_eq!(ids(&Store::open(path)), ["two"]);
}

#[tokio::test]
async fn an_interrupted_change_does_not_overtake_the_next() {
    let (_folder, path) = place();
    let mut store = Store::open(path.clone());
    store.add(app("one")).await.unwrap();
    {
        let mut adding = std::pin::pin!(store.add(app("two")));
        assert!(futures_util::poll!(&mut adding).is_pending());
    }
    assert!(store.remove("one").await.unwrap());
    assert!(!ids(&Store::open(path.clone())).contains(&"one".to_owned()));
    store.add(app("three")).await.unwrap();
    assert_eq!(ids(&store), ids(&Store::open(path)));
}
