//! Whether what proves the client, or this computer to a broker, is there and of use.

use cardea_session::Time;

use super::step::within;
use super::{ClientCertificateError, Examination, SignError, Step, limits};
use crate::assertion::WORKSTATION_ALG;
use crate::keystore::Signer;
use crate::{AssertionAlg, ClientAuth, Credentials, KeyScope, KeystoreError};

/// What is signed for a trial: no assertion, and of use to nobody.
const TRIAL: &[u8] = b"Doctor asks whether this key signs.";

/// What proves the client, or this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialFound {
    /// A key, which has just signed.
    Key(KeyFound),
    /// A secret; only the provider knows whether it is the right one.
    Secret,
    /// What a broker knows this computer by; one of both is there at least.
    OfWorkstation {
        /// A key, which has just signed.
        key: Option<KeyFound>,
        /// Whether there is a certificate, which can be shown.
        certificate: bool,
    },
}

/// A key that signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFound {
    /// Its RFC 7638 thumbprint: its name at the provider, or on the broker's list.
    pub kid: String,
    /// Whose it is.
    pub scope: KeyScope,
    /// Since when it is the one that signs, where that is known.
    pub since: Option<Time>,
    /// What it has signed by.
    pub alg: AssertionAlg,
}

/// Why nothing proves who we are.
#[derive(Debug, thiserror::Error)]
pub enum NoCredential {
    /// Nothing that the settings ask for.
    #[error("there is no client credential")]
    Missing,
    /// It is locked, for instance.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// There is a key, and it does not sign.
    #[error("the key {kid} does not sign")]
    NotSigned {
        /// The key.
        kid: String,
        /// Why.
        #[source]
        error: SignError,
    },
    /// It signs, and its public half does not verify that.
    #[error("the key {kid} makes signatures that do not verify")]
    WrongSignature {
        /// The key.
        kid: String,
    },
    /// The settings name a certificate for the broker.
    #[error(transparent)]
    Certificate(#[from] ClientCertificateError),
    /// The keystore answered too late for all that it was asked.
    #[error("the keystore did not answer in time")]
    TimedOut,
}

impl Examination {
    /// Whether the client credential is there, or what the broker knows this computer by; a key makes
    /// a signature, which is verified. Sends nothing. Within [`limits::CREDENTIAL`].
    pub async fn credential(&self) -> Step<CredentialFound, NoCredential> {
        let looking = self.look_for_credential();
        let found = within(limits::CREDENTIAL, NoCredential::TimedOut, looking).await;
        found.into()
    }

    async fn look_for_credential(&self) -> Result<CredentialFound, NoCredential> {
        match self.settings.client_auth {
            ClientAuth::PrivateKeyJwt => {
                let alg = self.settings.assertion_alg;
                let key = key_that_signs(&self.credentials, alg).await?;
                key.map(CredentialFound::Key).ok_or(NoCredential::Missing)
            }
            ClientAuth::ClientSecretPost | ClientAuth::ClientSecretBasic => {
                let secret = self.credentials.client_secret().await?;
                let found = secret.map(|_| CredentialFound::Secret);
                found.ok_or(NoCredential::Missing)
            }
            ClientAuth::Broker => {
                let key = key_that_signs(&self.workstation, WORKSTATION_ALG).await?;
                let certificate = self.broker_wire.shows_certificate();
                if key.is_none() && !certificate {
                    return Err(NoCredential::Missing);
                }
                // Reads the certificate anew, where there is one.
                self.broker_wire.now(self.clock.now()).await?;
                Ok(CredentialFound::OfWorkstation { key, certificate })
            }
        }
    }
}

async fn key_that_signs(
    credentials: &Credentials,
    alg: AssertionAlg,
) -> Result<Option<KeyFound>, NoCredential> {
    let Some((used, key)) = credentials.signing_key_in_use(alg).await? else {
        return Ok(None);
    };
    try_out(key.as_ref(), alg).await?;
    Ok(Some(KeyFound {
        kid: used.kid,
        scope: used.scope,
        since: used.since,
        alg,
    }))
}

pub(super) async fn try_out(key: &dyn Signer, alg: AssertionAlg) -> Result<(), NoCredential> {
    let kid = key.public_key().kid();
    match key.sign(alg, TRIAL).await {
        Ok(signature) if key.public_key().verifies(alg, TRIAL, &signature) => Ok(()),
        Ok(_) => Err(NoCredential::WrongSignature { kid }),
        Err(error) => Err(NoCredential::NotSigned { kid, error }),
    }
}
