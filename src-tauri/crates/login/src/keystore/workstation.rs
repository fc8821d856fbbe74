//! The keys by which a broker knows this computer, kept beside the client's and never taken for
//! them: a keystore inside the keystore, whose entries have names of their own.

use std::sync::Arc;

use super::{Credentials, Entry, HeldKeys, Keystore, KeystoreAnswer};
use crate::SecretBytes;

/// Shows only what belongs to the workstation.
struct WorkstationKeystore(Arc<dyn Keystore>);

impl Credentials {
    /// The keys by which a broker knows this computer: made, listed, exported and removed like the
    /// client's, of which there are none here.
    #[must_use]
    pub fn of_workstation(keystore: Arc<dyn Keystore>) -> Self {
        Self::new(Arc::new(WorkstationKeystore(keystore)))
    }
}

fn ours(entry: &Entry) -> Entry {
    Entry::OfWorkstation(Box::new(entry.clone()))
}

impl Keystore for WorkstationKeystore {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        Box::pin(async move { self.0.load(&ours(entry)).await })
    }

    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        Box::pin(async move { self.0.store(&ours(entry), secret).await })
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        Box::pin(async move { self.0.remove(&ours(entry)).await })
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        Box::pin(async move {
            let entries = self.0.list().await?.into_iter();
            let entries = entries.filter_map(Entry::of_workstation);
            Ok(entries.collect())
        })
    }

    fn held_keys(&self) -> Option<&dyn HeldKeys> {
        self.0.workstation_keys()
    }
}

#[cfg(test)]
mod tests {
    use cardea_session::Time;

    use super::*;
    use crate::{AssertionAlg, KeyRequest, KeyScope, MemoryKeystore, WantedHome};

    const ALG: AssertionAlg = AssertionAlg::Es256;
    const REQUEST: KeyRequest = KeyRequest {
        alg: ALG,
        kind: None,
        scope: KeyScope::User,
        home: WantedHome::Safest,
    };

    #[tokio::test]
    async fn the_workstations_keys_and_the_clients_are_never_taken_for_each_other() {
        let keystore = Arc::<MemoryKeystore>::default();
        let workstation = Credentials::of_workstation(keystore.clone());
        let client = Credentials::new(keystore);
        let now = Time::from_unix(1_760_000_000).unwrap();
        let (key, _) = workstation.create_key(REQUEST, now).await.unwrap();
        let kids = async |credentials: &Credentials| {
            let keys = credentials.keys(KeyScope::User).await.unwrap();
            keys.into_iter().map(|key| key.kid).collect::<Vec<_>>()
        };
        assert_eq!(kids(&workstation).await, std::slice::from_ref(&key.kid));
        assert!(kids(&client).await.is_empty());
        assert!(client.signing_key(ALG).await.unwrap().is_none());

        let (other, _) = client.create_key(REQUEST, now).await.unwrap();
        assert_eq!(kids(&client).await, [other.kid]);
        let signing = workstation.signing_key(ALG).await.unwrap().unwrap();
        assert_eq!(signing.public_key().kid(), key.kid);
    }
}
