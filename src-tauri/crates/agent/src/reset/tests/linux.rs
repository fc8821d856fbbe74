use std::os::unix::fs::{chown, symlink};
use std::os::unix::net::UnixListener;

use super::*;

#[tokio::test]
async fn links_are_not_followed_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    write(
        &elsewhere,
        &["agent-2026-01-05.jsonl", "user.toml", "target"],
    );
    write(&folder, &["state/audit.jsonl", "config"]);
    fs::remove_file(folder.path().join("config")).unwrap();
    symlink(elsewhere.path(), folder.path().join("config")).unwrap();
    symlink(elsewhere.path(), folder.path().join("state/logs")).unwrap();
    let target = elsewhere.path().join("target");
    symlink(&target, folder.path().join("state/apps.json")).unwrap();
    let before = below(elsewhere.path());

    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert_eq!(below(elsewhere.path()), before);
    let stays: BTreeSet<_> = reset.stays.iter().cloned().collect();
    let links = ["config", "state/apps.json", "state/logs"];
    let links = links.map(|name| folder.path().join(name));
    assert_eq!(stays, links.into_iter().collect());
    let removed = folder.path().join("state/audit.jsonl");
    assert_eq!(reset.removed, [Kept::File(removed)]);
}

/// As `sudo` with the user's environment would find it.
#[tokio::test]
async fn the_folder_of_another_user_is_left_alone() {
    const OTHER: u32 = 12345;
    if !rustix::process::geteuid().is_root() {
        // Not by eprintln!, which the test runner keeps to itself when a test passes.
        let words = b"SKIPPED, NOT CHECKED: a test needs root, to give a folder away\n";
        io::Write::write_all(&mut io::stderr(), words).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write(&folder, &["state/audit.jsonl", "config/user.toml"]);
    let state = folder.path().join("state");
    chown(&state, Some(OTHER), None).unwrap();
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert_eq!(reset.stays, [state]);
    assert!(paths.audit().exists() && !paths.config.exists());
}

/// No agent runs behind a link, and none of its files is made there.
#[tokio::test]
async fn a_runtime_folder_that_is_a_link_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    write(&elsewhere, &["endpoint.json"]);
    symlink(elsewhere.path(), folder.path().join("run")).unwrap();
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert_eq!(reset.stays, [folder.path().join("run")]);
    assert_eq!(
        below(elsewhere.path()),
        BTreeSet::from(["endpoint.json".to_owned()])
    );
}

#[tokio::test]
async fn a_link_in_place_of_the_web_views_folder_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("precious"), "x").unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let link = folder.path().join("state/webview2");
    symlink(elsewhere.path(), &link).unwrap();
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert_eq!(reset.stays, [link]);
    assert!(elsewhere.path().join("precious").exists());
}

#[tokio::test]
async fn the_socket_of_a_dead_agent_goes_and_that_of_something_else_is_a_reason_to_refuse() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("run")).unwrap();
    let paths = UserPaths::in_folder(folder.path());
    let squatter = UnixListener::bind(paths.socket()).unwrap();
    let refused = reset(&paths, &MemoryKeystore::default()).await;
    assert!(matches!(refused, Err(ResetError::Taken(_))), "{refused:?}");

    drop(squatter);
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert!(reset.removed.contains(&Kept::File(paths.socket())));
    assert_eq!(below(folder.path()), BTreeSet::new());
}

/// Files that may not be removed are named, and the others go.
#[tokio::test]
async fn what_cannot_be_removed_is_named_and_the_rest_goes() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, LEFT);
    let busy = folder.path().join("state/logs/busy");
    let paths = UserPaths::in_folder(folder.path());
    // A name that is a folder by the time it is removed.
    let found = files::Found::look(&paths);
    let audit = paths.audit();
    fs::remove_file(&audit).unwrap();
    fs::create_dir(&audit).unwrap();
    fs::create_dir(&busy).unwrap();
    let mut result = Reset::default();
    let before = files::Found::look(&paths);
    found.remove(&before, &mut result);
    assert_eq!(result.failed.len(), 1, "{result:?}");
    assert_eq!(result.failed[0].what, Kept::File(audit));
    assert_eq!(
        below(folder.path()),
        BTreeSet::from(
            [
                "state",
                "state/audit.jsonl",
                "state/logs",
                "state/logs/busy"
            ]
            .map(str::to_owned)
        )
    );
}
