//! The user's entries in the keystore. The computer's are never asked for.

use cardea_login::{Entry, HeldKeys, KeyScope, Keystore, KeystoreError};

use super::{Kept, Reset};

/// Removes everything of this user's; what does not answer in time is asked no more.
pub(super) async fn remove(keystore: &dyn Keystore, reset: &mut Reset) {
    match keystore.list().await {
        Ok(entries) => {
            for entry in entries {
                if note(reset, kept(&entry), keystore.remove(&entry).await) == Ear::Deaf {
                    break;
                }
            }
        }
        Err(error) => reset.note(Kept::Keystore, Err(error.into())),
    }
    for (keys, what) in [
        (keystore.held_keys(), client as fn(String) -> Kept),
        (keystore.workstation_keys(), workstation),
    ] {
        if let Some(keys) = keys {
            remove_held(keys, what, reset).await;
        }
    }
}

/// Removes the keys of this user that the operating system holds.
async fn remove_held(keys: &dyn HeldKeys, what: fn(String) -> Kept, reset: &mut Reset) {
    match keys.list(KeyScope::User).await {
        Ok(held) => {
            for key in held {
                if note(reset, what(key.public.kid()), keys.remove(&key).await) == Ear::Deaf {
                    break;
                }
            }
        }
        Err(error) => reset.note(Kept::Keystore, Err(error.into())),
    }
}

/// Whether it is worth asking again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ear {
    Hears,
    Deaf,
}

/// One that went by itself meanwhile is no loss.
fn note(reset: &mut Reset, what: Kept, removed: Result<bool, KeystoreError>) -> Ear {
    match removed {
        Ok(true) => reset.note(what, Ok(())),
        Ok(false) => {}
        Err(error) => {
            // After one call in vain each further one would take as long.
            let deaf = matches!(error, KeystoreError::TimedOut | KeystoreError::Busy);
            reset.note(what, Err(error.into()));
            if deaf {
                return Ear::Deaf;
            }
        }
    }
    Ear::Hears
}

fn kept(entry: &Entry) -> Kept {
    match entry {
        Entry::ClientSecret => Kept::ClientSecret,
        Entry::KeyInUse => Kept::KeyInUse,
        Entry::PrivateKey(name) => client(name.kid.clone()),
        Entry::OfWorkstation(entry) => match entry.as_ref() {
            Entry::PrivateKey(name) => workstation(name.kid.clone()),
            Entry::ClientSecret | Entry::KeyInUse | Entry::OfWorkstation(_) => Kept::OfWorkstation,
        },
    }
}

fn client(kid: String) -> Kept {
    Kept::Key { kid }
}

fn workstation(kid: String) -> Kept {
    Kept::WorkstationKey { kid }
}
