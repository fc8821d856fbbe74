//! The client credential in a keystore: the secret, and the keys.

use std::sync::Arc;

use cardea_session::Time;
use serde_json::{Value, json};

use super::{
    Entry, HeldKey, KeyDescription, KeyKind, KeyName, KeyRequest, KeyScope, Keystore,
    KeystoreError, PrivateKey, Signer as _, WantedHome,
};
use crate::{AssertionAlg, Secret, SecretBytes, Settings};

/// The client credential in a keystore.
#[derive(Clone)]
pub struct Credentials {
    pub(super) keystore: Arc<dyn Keystore>,
    exportable: ExportableKeys,
}

/// Whether keys count whose bytes lie in a keystore that could hold keys without giving them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExportableKeys {
    Refused,
    Allowed,
}

impl Credentials {
    /// The credential in `keystore`.
    #[must_use]
    pub fn new(keystore: Arc<dyn Keystore>) -> Self {
        Self {
            keystore,
            exportable: ExportableKeys::Refused,
        }
    }

    /// What proves the client, and what a broker knows this computer by.
    pub(crate) fn of_settings(settings: &Settings, keystore: Arc<dyn Keystore>) -> (Self, Self) {
        let workstation = Self::of_workstation(Arc::clone(&keystore));
        let client = Self::new(keystore);
        match settings.allow_exportable_key {
            true => (
                client.with_exportable_keys(),
                workstation.with_exportable_keys(),
            ),
            false => (client, workstation),
        }
    }

    /// The same, with keys that programs of the user could take away
    /// (`[cis2] allow_exportable_key`). Where the keystore has no other keys they count anyway.
    #[must_use]
    pub fn with_exportable_keys(self) -> Self {
        Self {
            exportable: ExportableKeys::Allowed,
            ..self
        }
    }

    /// The client secret, when there is one.
    ///
    /// # Errors
    /// When the keystore does not answer or the entry is damaged.
    pub async fn client_secret(&self) -> Result<Option<Secret>, KeystoreError> {
        let Some(bytes) = self.keystore.load(&Entry::ClientSecret).await? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| KeystoreError::Damaged)?;
        Ok(Some(Secret::new(text.to_owned())))
    }

    /// Keeps the client secret, in place of any there was.
    ///
    /// # Errors
    /// When the keystore does not answer.
    pub async fn store_client_secret(&self, secret: &Secret) -> Result<(), KeystoreError> {
        let bytes = SecretBytes::new(secret.expose().as_bytes().to_vec());
        self.keystore.store(&Entry::ClientSecret, bytes).await
    }

    /// Removes the client secret; says whether there was one.
    ///
    /// # Errors
    /// When the keystore does not answer.
    pub async fn remove_client_secret(&self) -> Result<bool, KeystoreError> {
        self.keystore.remove(&Entry::ClientSecret).await
    }

    /// Makes a key and keeps it. Takes seconds for RSA, and up to minutes in a TPM. Also says why
    /// it is not in the TPM, when that was tried.
    ///
    /// # Errors
    /// When no such key can be made or kept there, or the keystore does not answer.
    pub async fn create_key(
        &self,
        request: KeyRequest,
        now: Time,
    ) -> Result<(KeyDescription, Option<String>), KeystoreError> {
        if request.kind.is_some_and(|kind| !kind.fits(request.alg)) {
            return Err(KeystoreError::Refused(
                "such a key does not fit the algorithm",
            ));
        }
        match (self.keystore.held_keys(), request.home) {
            (Some(held), WantedHome::Safest) => {
                let created = held.create(request).await?;
                Ok((KeyDescription::from(&created.key), created.why_not_tpm))
            }
            (Some(_), WantedHome::Exportable) | (None, _) => {
                let name = self.create_exportable_key(request, now).await?;
                Ok((KeyDescription::from(&name), None))
            }
        }
    }

    async fn create_exportable_key(
        &self,
        request: KeyRequest,
        created_at: Time,
    ) -> Result<KeyName, KeystoreError> {
        if request.scope == KeyScope::Machine {
            return Err(KeystoreError::NoMachineKeystore);
        }
        if !self.exportable_keys_count() {
            return Err(KeystoreError::ExportableNotAllowed);
        }
        let kind = request.kind.unwrap_or(KeyKind::strongest_for(request.alg));
        let made = tokio::task::spawn_blocking(move || {
            let pkcs8 = PrivateKey::generate(kind)?;
            let kid = PrivateKey::from_pkcs8(kind, &pkcs8)?.public_key().kid();
            Ok::<_, KeystoreError>((pkcs8, kid))
        });
        let (pkcs8, kid) = made.await.map_err(|_| KeystoreError::Generation)??;
        let name = KeyName {
            created_at,
            kind,
            kid,
        };
        let entry = Entry::PrivateKey(name.clone());
        self.keystore.store(&entry, pkcs8).await?;
        Ok(name)
    }

    /// The keys of this scope: those that are held first, each kind of place with the oldest first.
    ///
    /// # Errors
    /// When the keystore does not answer or has nothing of that scope.
    pub async fn keys(&self, scope: KeyScope) -> Result<Vec<KeyDescription>, KeystoreError> {
        let held = self.held(scope).await?;
        let stored = self.stored(scope).await?;
        let held = held.iter().map(KeyDescription::from);
        Ok(held
            .chain(stored.iter().map(KeyDescription::from))
            .collect())
    }

    pub(super) async fn remove_for_good(
        &self,
        scope: KeyScope,
        kid: &str,
    ) -> Result<bool, KeystoreError> {
        let held = self.held(scope).await?;
        if let Some(keys) = self.keystore.held_keys()
            && let Some(key) = held.iter().find(|key| key.public.kid() == kid)
        {
            return keys.remove(key).await;
        }
        let stored = self.stored(scope).await?;
        let Some(name) = stored.into_iter().find(|name| name.kid == kid) else {
            return Ok(false);
        };
        self.keystore.remove(&Entry::PrivateKey(name)).await
    }

    /// The public halves of the keys of this scope as a JWK set (RFC 7517), to be registered at the
    /// provider for assertions by `alg`.
    ///
    /// # Errors
    /// When the keystore does not answer or a key is damaged.
    pub async fn public_jwks(
        &self,
        scope: KeyScope,
        alg: AssertionAlg,
    ) -> Result<Value, KeystoreError> {
        let held = self.held(scope).await?;
        let mut keys: Vec<_> = held.iter().map(|key| key.public.jwk(alg)).collect();
        for name in self.stored(scope).await? {
            if let Some(key) = self.stored_key(name).await? {
                keys.push(key.public_key().jwk(alg));
            }
        }
        Ok(json!({"keys": keys}))
    }

    pub(super) fn exportable_keys_count(&self) -> bool {
        match self.exportable {
            ExportableKeys::Allowed => true,
            ExportableKeys::Refused => self.keystore.held_keys().is_none(),
        }
    }

    async fn held(&self, scope: KeyScope) -> Result<Vec<HeldKey>, KeystoreError> {
        match (self.keystore.held_keys(), scope) {
            (Some(keys), _) => keys.list(scope).await,
            (None, KeyScope::Machine) => Err(KeystoreError::NoMachineKeystore),
            (None, KeyScope::User) => Ok(Vec::new()),
        }
    }

    /// The keys whose bytes the keystore has, the oldest first.
    pub(super) async fn stored(&self, scope: KeyScope) -> Result<Vec<KeyName>, KeystoreError> {
        match scope {
            KeyScope::Machine => return Ok(Vec::new()),
            KeyScope::User => {}
        }
        let entries = self.keystore.list().await?.into_iter();
        let names = entries.filter_map(|entry| match entry {
            Entry::PrivateKey(name) => Some(name),
            Entry::ClientSecret | Entry::KeyInUse | Entry::OfWorkstation(_) => None,
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    pub(super) async fn stored_key(
        &self,
        name: KeyName,
    ) -> Result<Option<PrivateKey>, KeystoreError> {
        let kind = name.kind;
        let Some(pkcs8) = self.keystore.load(&Entry::PrivateKey(name)).await? else {
            return Ok(None);
        };
        PrivateKey::from_pkcs8(kind, &pkcs8).map(Some)
    }
}

#[cfg(test)]
pub(super) mod tests;
