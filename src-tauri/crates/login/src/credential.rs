//! How a call to the provider shows that it comes from the client (OpenID Connect Core, section 9).

use cardea_session::Time;

use crate::assertion::{AssertionError, client_assertion};
use crate::broker::Broker;
use crate::keystore::Signer;
use crate::{ClientAuth, Credentials, KeystoreError, RelyingParty, Secret, Settings};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What proves that we are the client, for one attempt or clean-up.
pub(crate) enum Credential {
    Key(Box<dyn Signer>),
    Secret(Secret),
}

/// How the messages that need the client credential reach the provider.
pub(crate) enum Way {
    /// Directly, with the credential of the keystore.
    Direct(Credential),
    /// By a server that adds it.
    Broker(Broker),
}

impl Way {
    /// The way that the settings ask for; none when the keystore has nothing for it.
    pub(crate) async fn load(party: &RelyingParty) -> Result<Option<Self>, KeystoreError> {
        let RelyingParty {
            settings,
            credentials,
            workstation,
            broker_wire,
            ..
        } = party;
        match settings.client_auth {
            ClientAuth::Broker => {
                let broker = Broker::load(settings, workstation, broker_wire).await?;
                Ok(broker.map(Self::Broker))
            }
            ClientAuth::PrivateKeyJwt | ClientAuth::ClientSecretPost => {
                let credential = Credential::load(settings, credentials).await?;
                Ok(credential.map(Self::Direct))
            }
        }
    }
}

/// The form fields of one call.
pub(crate) struct Proof(Vec<(&'static str, Secret)>);

impl Credential {
    /// The credential that the settings ask for; none when the keystore has none.
    pub(crate) async fn load(
        settings: &Settings,
        credentials: &Credentials,
    ) -> Result<Option<Self>, KeystoreError> {
        match settings.client_auth {
            ClientAuth::PrivateKeyJwt => {
                let key = credentials.signing_key(settings.assertion_alg).await?;
                Ok(key.map(Self::Key))
            }
            // The broker has it.
            ClientAuth::Broker => Ok(None),
            ClientAuth::ClientSecretPost => {
                Ok(credentials.client_secret().await?.map(Self::Secret))
            }
        }
    }

    pub(crate) async fn prove(
        &self,
        settings: &Settings,
        token_endpoint: &str,
        now: Time,
    ) -> Result<Proof, AssertionError> {
        let client_id = settings.client_id.as_str();
        let mut fields = vec![("client_id", Secret::new(client_id.to_owned()))];
        match self {
            Self::Key(key) => {
                let alg = settings.assertion_alg;
                let key = key.as_ref();
                let assertion = client_assertion(key, alg, client_id, token_endpoint, now).await?;
                fields.push((
                    "client_assertion_type",
                    Secret::new(ASSERTION_TYPE.to_owned()),
                ));
                fields.push(("client_assertion", assertion));
            }
            Self::Secret(secret) => fields.push(("client_secret", secret.clone())),
        }
        Ok(Proof(fields))
    }
}

impl Proof {
    /// The fields of the call and those of the proof.
    pub(crate) fn with<'a>(&'a self, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let ours = self.0.iter().map(|(name, value)| (*name, value.expose()));
        fields.iter().copied().chain(ours).collect()
    }
}
