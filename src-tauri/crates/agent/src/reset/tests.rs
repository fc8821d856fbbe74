#[cfg(target_os = "linux")]
mod linux;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cardea_login::{
    AssertionAlg, CreatedKey, Entry, HeldKey, HeldKeys, Holder, InUse, KeyKind, KeyName,
    KeyRequest, KeyScope, KeystoreAnswer, MemoryKeystore, PublicKey, SecretBytes, WithHeldKeys,
};
use cardea_session::Time;
use tempfile::TempDir;

use super::*;

/// What an agent that was killed leaves, and what is made meanwhile.
const LEFT: &[&str] = &[
    "config/user.lock",
    "config/user.toml",
    "config/user.toml.new",
    "run/endpoint.json",
    "run/endpoint.new",
    "run/endpoint.running",
    "state/apps.json",
    "state/apps.json.bad",
    "state/apps.json.new",
    "state/apps.lock",
    "state/audit.jsonl",
    "state/audit.jsonl.new",
    "state/introduced",
    "state/logs/agent-2026-01-05.jsonl",
    "state/logs/agent-2026-01-05.1.jsonl",
    "state/logs/agent-2026-01-04.jsonl.new",
    "state/logs/desktop-2026-01-05.jsonl",
    "state/tray-stays-told",
];

fn write(folder: &TempDir, files: &[&str]) {
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
}

/// Everything below a folder, by its path in it.
fn below(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy();
            found.insert(name.replace('\\', "/"));
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// What was removed, in words, without the folder's own path.
fn told(reset: &Reset, folder: &TempDir) -> BTreeSet<String> {
    let here = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    let told = reset.removed.iter().map(ToString::to_string);
    told.map(|text| text.replace(&here, "").replace('\\', "/"))
        .collect()
}

fn key(kid: &str) -> Entry {
    Entry::PrivateKey(KeyName {
        created_at: Time::from_unix(1).unwrap(),
        kind: KeyKind::P256,
        kid: kid.to_owned(),
    })
}

fn of_workstation(entry: Entry) -> Entry {
    Entry::OfWorkstation(Box::new(entry))
}

async fn store(keystore: &MemoryKeystore, entries: &[Entry]) {
    for entry in entries {
        let secret = SecretBytes::new(vec![1]);
        keystore.store(entry, secret).await.unwrap();
    }
}

struct HeldInMemory(Mutex<Vec<HeldKey>>);

impl HeldInMemory {
    fn with(scopes: &[KeyScope], x: u8) -> Self {
        let key = |(number, scope): (usize, &KeyScope)| HeldKey {
            scope: *scope,
            holder: Holder::Tpm,
            number: u8::try_from(number).unwrap(),
            kind: KeyKind::P256,
            public: PublicKey::P256 {
                x: [x; 32],
                y: [u8::try_from(number).unwrap(); 32],
            },
            created_at: None,
        };
        Self(Mutex::new(scopes.iter().enumerate().map(key).collect()))
    }

    fn scopes(&self) -> Vec<KeyScope> {
        self.0.lock().unwrap().iter().map(|key| key.scope).collect()
    }
}

impl HeldKeys for HeldInMemory {
    fn create(&self, _request: KeyRequest) -> KeystoreAnswer<'_, CreatedKey> {
        Box::pin(async { Err(KeystoreError::Generation) })
    }

    fn list(&self, scope: KeyScope) -> KeystoreAnswer<'_, Vec<HeldKey>> {
        let mut keys = self.0.lock().unwrap().clone();
        keys.retain(|key| key.scope == scope);
        Box::pin(async { Ok(keys) })
    }

    fn remove(&self, key: &HeldKey) -> KeystoreAnswer<'_, bool> {
        let mut keys = self.0.lock().unwrap();
        let before = keys.len();
        keys.retain(|other| other != key);
        let removed = keys.len() < before;
        Box::pin(async move { Ok(removed) })
    }

    fn in_use(&self) -> KeystoreAnswer<'_, Option<InUse>> {
        Box::pin(async { Ok(None) })
    }

    fn set_in_use(&self, _in_use: &InUse) -> KeystoreAnswer<'_, ()> {
        Box::pin(async { Err(KeystoreError::NotAdministrator) })
    }

    fn sign(&self, _: &HeldKey, _: AssertionAlg, _: &[u8]) -> KeystoreAnswer<'_, Vec<u8>> {
        Box::pin(async { Err(KeystoreError::Generation) })
    }
}

/// A keystore that lists two entries and lets none go; how often it was asked to.
struct Stubborn {
    says: fn() -> KeystoreError,
    asked: Mutex<usize>,
}

impl Keystore for Stubborn {
    fn load<'a>(&'a self, _: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        Box::pin(async { Ok(None) })
    }

    fn store<'a>(&'a self, _: &'a Entry, _: SecretBytes) -> KeystoreAnswer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn remove<'a>(&'a self, _: &'a Entry) -> KeystoreAnswer<'a, bool> {
        *self.asked.lock().unwrap() += 1;
        Box::pin(async { Err((self.says)()) })
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        Box::pin(async { Ok(vec![Entry::ClientSecret, key("k")]) })
    }
}

#[tokio::test]
async fn everything_of_the_user_goes_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, LEFT);
    let keystore = MemoryKeystore::default();
    let entries = [
        Entry::ClientSecret,
        Entry::KeyInUse,
        key("kid-1"),
        of_workstation(key("kid-2")),
        of_workstation(Entry::KeyInUse),
    ];
    store(&keystore, &entries).await;
    let reset = reset(&UserPaths::in_folder(folder.path()), &keystore)
        .await
        .unwrap();
    assert!(
        reset.failed.is_empty() && reset.stays.is_empty(),
        "{reset:?}"
    );
    let told = told(&reset, &folder);
    let in_keystore = [
        "the client secret",
        "the note of which key signs",
        "the key kid-1",
        "the workstation key kid-2",
        "what the workstation key came with",
    ];
    let folders = ["config", "run", "state", "state/logs"];
    let expected = LEFT.iter().chain(&in_keystore).chain(&folders);
    assert_eq!(told, expected.map(|name| (*name).to_owned()).collect());
    assert_eq!(below(folder.path()), BTreeSet::new());
    assert_eq!(keystore.list().await.unwrap(), []);
}

/// Its files have names that are not Cardea's.
#[tokio::test]
async fn what_the_web_view_has_made_goes_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let made = [
        "state/webview2/EBWebView/Default/Preferences",
        "state/webview2/x",
    ];
    write(&folder, &made);
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert!(
        reset.failed.is_empty() && reset.stays.is_empty(),
        "{reset:?}"
    );
    let told = told(&reset, &folder);
    assert_eq!(told, ["state", "state/webview2"].map(str::to_owned).into());
    assert_eq!(below(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn where_nothing_is_nothing_is_done_and_nothing_made() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, LEFT);
    let paths = UserPaths::in_folder(folder.path());
    let keystore = MemoryKeystore::default();
    reset(&paths, &keystore).await.unwrap();
    let again = reset(&paths, &keystore).await.unwrap();
    assert!(
        again.removed.is_empty() && again.failed.is_empty(),
        "{again:?}"
    );
    assert_eq!(below(folder.path()), BTreeSet::new());
}

/// Only its folder was there: of what the reset itself makes nothing is told, and nothing stays.
#[tokio::test]
async fn what_the_reset_itself_makes_is_neither_told_nor_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("run")).unwrap();
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert_eq!(told(&reset, &folder), BTreeSet::from(["run".to_owned()]));
    assert_eq!(below(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn the_computers_keys_stay() {
    let folder = tempfile::tempdir().unwrap();
    let both = [KeyScope::Machine, KeyScope::User, KeyScope::User];
    let [keys, workstation_keys] = [1, 2].map(|x| Arc::new(HeldInMemory::with(&both, x)));
    let keystore = WithHeldKeys {
        secrets: MemoryKeystore::default(),
        keys: keys.clone(),
        workstation_keys: Some(workstation_keys.clone()),
    };
    let reset = reset(&UserPaths::in_folder(folder.path()), &keystore)
        .await
        .unwrap();
    assert_eq!(keys.scopes(), [KeyScope::Machine]);
    assert_eq!(workstation_keys.scopes(), [KeyScope::Machine]);
    let of = |workstation: bool| {
        let is = |kept: &&Kept| matches!(kept, Kept::WorkstationKey { .. }) == workstation;
        reset.removed.iter().filter(is).count()
    };
    assert_eq!((of(false), of(true)), (2, 2));
}

#[tokio::test]
async fn what_is_none_of_cardeas_stays_with_its_folder_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = [
        "config/notes.txt",
        "run/x",
        "state/logs/agent-today.jsonl",
        "state/logs/agent-2026-01-05.jsonl.old",
        "state/audit.jsonl.bak",
        "state/folder/apps.json",
    ];
    // A folder of a name that files have.
    let named_alike = "state/apps.json.bad/deep";
    let files: Vec<_> = LEFT
        .iter()
        .filter(|name| **name != "state/apps.json.bad")
        .chain(&foreign)
        .chain([&named_alike])
        .copied()
        .collect();
    write(&folder, &files);
    let paths = UserPaths::in_folder(folder.path());
    let reset = reset(&paths, &MemoryKeystore::default()).await.unwrap();
    assert!(reset.failed.is_empty(), "{reset:?}");
    let stays: BTreeSet<_> = reset.stays.iter().cloned().collect();
    let named = [
        "config/notes.txt",
        "run/x",
        "state/logs/agent-today.jsonl",
        "state/logs/agent-2026-01-05.jsonl.old",
        "state/audit.jsonl.bak",
        "state/folder",
        "state/apps.json.bad",
    ];
    let named = named.map(|name| folder.path().join(name));
    assert_eq!(stays, named.into_iter().collect());
    let left = below(folder.path());
    assert!(foreign.iter().all(|name| left.contains(*name)), "{left:?}");
    assert!(
        LEFT.iter()
            .all(|name| !left.contains(*name) || *name == "state/apps.json.bad")
    );
}

#[tokio::test]
async fn nothing_is_removed_while_an_agent_runs() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, LEFT);
    let paths = UserPaths::in_folder(folder.path());
    let keystore = MemoryKeystore::default();
    store(&keystore, &[Entry::ClientSecret]).await;
    let agent = Vacancy::take(&paths.socket()).unwrap();
    let before = below(folder.path());
    let refused = reset(&paths, &keystore).await;
    assert!(matches!(refused, Err(ResetError::AgentRuns)), "{refused:?}");
    assert_eq!(below(folder.path()), before);
    assert_eq!(keystore.list().await.unwrap(), [Entry::ClientSecret]);
    drop(agent);
    assert!(reset(&paths, &keystore).await.is_ok());
}

#[tokio::test]
async fn what_the_keystore_keeps_does_not_hold_up_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, LEFT);
    let paths = UserPaths::in_folder(folder.path());
    let keystore = Stubborn {
        says: || KeystoreError::Refused("no"),
        asked: Mutex::default(),
    };
    let result = reset(&paths, &keystore).await.unwrap();
    let failed: Vec<_> = result.failed.iter().map(ToString::to_string).collect();
    let expected = [
        "the client secret: the keystore refused: no",
        "the key k: the keystore refused: no",
    ];
    assert_eq!(failed, expected);
    assert_eq!(below(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn a_keystore_that_does_not_answer_is_not_waited_for_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = Stubborn {
        says: || KeystoreError::TimedOut,
        asked: Mutex::default(),
    };
    let paths = UserPaths::in_folder(folder.path());
    let result = reset(&paths, &keystore).await.unwrap();
    assert_eq!(result.failed.len(), 1);
    assert_eq!(*keystore.asked.lock().unwrap(), 1);
}
