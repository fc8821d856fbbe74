//! How a call to the provider shows that it comes from the client (OpenID Connect Core, section 9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cardea_session::Time;
use url::form_urlencoded::byte_serialize;

use crate::assertion::{AssertionError, client_assertion};
use crate::broker::{Broker, BrokerError, Message};
use crate::client_certificate::CertificateError;
use crate::keystore::Signer;
use crate::wire::{Answer, Beside, Form, Wire, WireError};
use crate::{ClientAuth, KeystoreError, RelyingParty, Secret, Settings};

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
    /// The way that the settings ask for; none when this computer has nothing for it.
    pub(crate) async fn load<E>(party: &RelyingParty) -> Result<Option<Self>, E>
    where
        E: From<CertificateError> + From<KeystoreError>,
    {
        let RelyingParty {
            settings,
            credentials,
            workstation,
            broker_wire,
            clock,
            ..
        } = party;
        match settings.client_auth {
            ClientAuth::Broker => {
                let broker = Broker::load::<E>(settings, workstation, broker_wire, clock.now());
                Ok(broker.await?.map(Self::Broker))
            }
            ClientAuth::PrivateKeyJwt => {
                let key = credentials.signing_key(settings.assertion_alg).await?;
                Ok(key.map(|key| Self::Direct(Credential::Key(key))))
            }
            ClientAuth::ClientSecretPost | ClientAuth::ClientSecretBasic => {
                let secret = credentials.client_secret().await?;
                Ok(secret.map(|secret| Self::Direct(Credential::Secret(secret))))
            }
        }
    }
}

/// A message that needs the client credential.
pub(crate) struct Call<'a> {
    pub(crate) message: Message,
    /// Where it goes directly.
    pub(crate) endpoint: &'a str,
    /// For whom the proof is.
    pub(crate) audience: &'a str,
    pub(crate) fields: &'a [(&'a str, &'a str)],
    pub(crate) at: Time,
}

impl Way {
    /// Sends a message, and gives the provider's own answer.
    pub(crate) async fn send<E>(
        &self,
        call: &Call<'_>,
        settings: &Settings,
        wire: &Wire,
    ) -> Result<Answer, E>
    where
        E: From<AssertionError> + From<BrokerError> + From<WireError>,
    {
        match self {
            Self::Broker(broker) => Ok(broker.ask(call.message, call.fields, call.at).await?),
            Self::Direct(credential) => {
                let proof = credential.prove(settings, call.audience, call.at).await?;
                let form = Form::of(proof.with(call.fields).into_iter());
                let basic = proof.basic().map(Beside::Basic);
                Ok(wire.submit(call.endpoint, form, basic).await?)
            }
        }
    }
}

/// What one call shows: form fields, or what stands in its header.
pub(crate) struct Proof {
    fields: Vec<(&'static str, Secret)>,
    basic: Option<Secret>,
}

impl Credential {
    pub(crate) async fn prove(
        &self,
        settings: &Settings,
        token_endpoint: &str,
        now: Time,
    ) -> Result<Proof, AssertionError> {
        let client_id = settings.client_id.as_str();
        let named = ("client_id", Secret::new(client_id.to_owned()));
        match self {
            Self::Key(key) => {
                let alg = settings.assertion_alg;
                let key = key.as_ref();
                let assertion = client_assertion(key, alg, client_id, token_endpoint, now).await?;
                let kind = Secret::new(ASSERTION_TYPE.to_owned());
                Ok(Proof::by(vec![
                    named,
                    ("client_assertion_type", kind),
                    ("client_assertion", assertion),
                ]))
            }
            Self::Secret(secret) if settings.client_auth == ClientAuth::ClientSecretBasic => {
                Ok(Proof {
                    fields: Vec::new(),
                    basic: Some(basic(client_id, secret)),
                })
            }
            Self::Secret(secret) => Ok(Proof::by(vec![named, ("client_secret", secret.clone())])),
        }
    }
}

/// User and password of the `Basic` scheme, each encoded as in a form first (RFC 6749,
/// section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Secret {
    let encode = |text: &str| Secret::new(byte_serialize(text.as_bytes()).collect());
    let (id, secret) = (encode(client_id), encode(secret.expose()));
    let both = Secret::new(format!("{}:{}", id.expose(), secret.expose()));
    Secret::new(STANDARD.encode(both.expose()))
}

impl Proof {
    fn by(fields: Vec<(&'static str, Secret)>) -> Self {
        Self {
            fields,
            basic: None,
        }
    }

    /// The credentials of the `Basic` scheme (RFC 7617), when they go that way.
    pub(crate) fn basic(&self) -> Option<&Secret> {
        self.basic.as_ref()
    }

    /// The fields of the call and those of the proof.
    pub(crate) fn with<'a>(&'a self, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let ours = self.fields.iter();
        let ours = ours.map(|(name, value)| (*name, value.expose()));
        fields.iter().copied().chain(ours).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_in_the_header_is_encoded_as_in_a_form_first() {
        let settings = Settings {
            client_id: "a:b c".to_owned(),
            client_auth: ClientAuth::ClientSecretBasic,
            ..Settings::default()
        };
        let secret = Credential::Secret(Secret::new("s+\u{e9}%/&=~ x".to_owned()));
        let now = Time::from_unix(1_760_000_000).unwrap();
        let proof = secret.prove(&settings, "unused", now).await.unwrap();
        // RFC 6749, appendix B: a space is a plus, what is not a letter or digit goes by its bytes.
        let expected = STANDARD.encode("a%3Ab+c:s%2B%C3%A9%25%2F%26%3D%7E+x");
        assert_eq!(proof.basic().map(Secret::expose), Some(expected.as_str()));
        assert!(proof.with(&[]).is_empty());
    }
}
