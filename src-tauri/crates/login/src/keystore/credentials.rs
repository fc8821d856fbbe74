//! The client credential in a keystore: the secret, and the keys.

use std::sync::Arc;

use cardea_session::Time;
use serde_json::{Value, json};

use super::{Entry, KeyKind, KeyName, Keystore, KeystoreError, PrivateKey};
use crate::{AssertionAlg, Secret, SecretBytes};

/// The client credential in a keystore.
#[derive(Clone)]
pub struct Credentials {
    keystore: Arc<dyn Keystore>,
}

impl Credentials {
    /// The credential in `keystore`.
    #[must_use]
    pub fn new(keystore: Arc<dyn Keystore>) -> Self {
        Self { keystore }
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

    /// Makes a key and keeps it. Takes seconds for RSA.
    ///
    /// # Errors
    /// When no key can be made or the keystore does not answer.
    pub async fn create_key(
        &self,
        kind: KeyKind,
        created_at: Time,
    ) -> Result<KeyName, KeystoreError> {
        let made = tokio::task::spawn_blocking(move || {
            let pkcs8 = PrivateKey::generate(kind)?;
            let kid = PrivateKey::from_pkcs8(kind, &pkcs8)?.kid();
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

    /// All keys, the oldest first. The oldest that fits the algorithm is the one that signs, so
    /// that a new key can be registered at the provider before it is used: removing the old one
    /// switches over.
    ///
    /// # Errors
    /// When the keystore does not answer.
    pub async fn keys(&self) -> Result<Vec<KeyName>, KeystoreError> {
        let entries = self.keystore.list().await?.into_iter();
        let names = entries.filter_map(|entry| match entry {
            Entry::PrivateKey(name) => Some(name),
            Entry::ClientSecret => None,
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Removes the key; says whether there was one.
    ///
    /// # Errors
    /// When the keystore does not answer.
    pub async fn remove_key(&self, kid: &str) -> Result<bool, KeystoreError> {
        let keys = self.keys().await?;
        let Some(name) = keys.into_iter().find(|name| name.kid == kid) else {
            return Ok(false);
        };
        self.keystore.remove(&Entry::PrivateKey(name)).await
    }

    /// The public halves of all keys as a JWK set (RFC 7517), to be registered at the provider for
    /// assertions by `alg`.
    ///
    /// # Errors
    /// When the keystore does not answer or a key is damaged.
    pub async fn public_jwks(&self, alg: AssertionAlg) -> Result<Value, KeystoreError> {
        let mut keys = Vec::new();
        for name in self.keys().await? {
            if let Some(key) = self.key(name).await? {
                keys.push(key.public_jwk(alg));
            }
        }
        Ok(json!({"keys": keys}))
    }

    /// The key that signs assertions by `alg`.
    pub(crate) async fn signing_key(
        &self,
        alg: AssertionAlg,
    ) -> Result<Option<PrivateKey>, KeystoreError> {
        let keys = self.keys().await?;
        match keys.into_iter().find(|name| name.kind.fits(alg)) {
            Some(name) => self.key(name).await,
            None => Ok(None),
        }
    }

    async fn key(&self, name: KeyName) -> Result<Option<PrivateKey>, KeystoreError> {
        let kind = name.kind;
        let Some(pkcs8) = self.keystore.load(&Entry::PrivateKey(name)).await? else {
            return Ok(None);
        };
        PrivateKey::from_pkcs8(kind, &pkcs8).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryKeystore;

    fn credentials() -> Credentials {
        Credentials::new(Arc::new(MemoryKeystore::default()))
    }

    fn at(seconds: i64) -> Time {
        Time::from_unix(seconds).unwrap()
    }

    #[tokio::test]
    async fn the_client_secret_is_kept_replaced_and_removed() {
        let credentials = credentials();
        assert!(credentials.client_secret().await.unwrap().is_none());
        for text in ["first", "second"] {
            let secret = Secret::new(text.to_owned());
            credentials.store_client_secret(&secret).await.unwrap();
            assert!(credentials.client_secret().await.unwrap().unwrap().is(text));
        }
        assert!(credentials.remove_client_secret().await.unwrap());
        assert!(!credentials.remove_client_secret().await.unwrap());
    }

    #[tokio::test]
    async fn the_oldest_key_that_fits_signs_until_it_is_removed() {
        let credentials = credentials();
        let other = credentials
            .create_key(KeyKind::Rsa2048, at(1))
            .await
            .unwrap();
        let new = credentials.create_key(KeyKind::P256, at(3)).await.unwrap();
        let old = credentials.create_key(KeyKind::P256, at(2)).await.unwrap();
        let signing = async || {
            let key = credentials.signing_key(AssertionAlg::Es256).await.unwrap();
            key.map(|key| key.kid())
        };
        assert_eq!(signing().await.as_ref(), Some(&old.kid));
        assert!(credentials.remove_key(&old.kid).await.unwrap());
        assert!(!credentials.remove_key(&old.kid).await.unwrap());
        assert_eq!(signing().await.as_ref(), Some(&new.kid));
        assert_eq!(credentials.keys().await.unwrap(), [other, new]);
    }

    #[tokio::test]
    async fn all_public_halves_are_exported() {
        let credentials = credentials();
        let one = credentials.create_key(KeyKind::P256, at(1)).await.unwrap();
        let two = credentials.create_key(KeyKind::P256, at(2)).await.unwrap();
        let jwks = credentials.public_jwks(AssertionAlg::Es256).await.unwrap();
        let kids: Vec<_> = jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| &key["kid"])
            .collect();
        assert_eq!(kids, [&one.kid, &two.kid]);
        assert!(!jwks.to_string().contains("\"d\""));
    }
}
