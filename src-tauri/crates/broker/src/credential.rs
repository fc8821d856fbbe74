//! The client credential, in a file that only the broker's user can read, and how a call to the
//! provider shows it (OpenID Connect Core, section 9).

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::form::Fields;
use crate::reread::{Reread, WhenWrong};
use crate::settings::{ClientAuth, ProviderSettings, Settings};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good for, in seconds. CIS2 accepts five minutes; what is left allows
/// for a clock of ours that is ahead.
const LIFETIME: i64 = 180;

const SIZE_LIMIT: u64 = 64 * 1024;

/// The client credential.
pub(crate) enum Credential {
    Key {
        key: Box<EncodingKey>,
        alg: Algorithm,
        kid: String,
    },
    SecretPost(Zeroizing<String>),
    SecretBasic(Zeroizing<String>),
}

/// Why there is no credential. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Its file cannot be read.
    #[error("provider.credential cannot be read")]
    Unreadable(#[source] io::Error),
    /// Others could read it.
    #[error("provider.credential can be read by others than its user; set its mode to 0400")]
    Open,
    /// It is too long for a key or secret.
    #[error("provider.credential is no key and no secret: it is too long")]
    TooLong,
    /// It is no such key.
    #[error("provider.credential is not a private key (PKCS#8, PEM or DER) for {0:?}")]
    NotAKey(Algorithm),
    /// It is no text.
    #[error("provider.credential is not one line of text")]
    NotASecret,
    /// A secret has no public half.
    #[error("provider.client_auth is not private_key_jwt: there is no key to publish")]
    NoKey,
}

/// What shows that a call comes from the client.
pub(crate) struct Proof {
    pub(crate) fields: Fields,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<Zeroizing<String>>,
}

/// An assertion could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the client assertion cannot be made")]
pub(crate) struct NotProven;

/// The public half of the broker's key as a JWK set (RFC 7517), to be registered at the provider.
///
/// # Errors
/// When there is no such key.
pub fn public_jwks(settings: &Settings) -> Result<Value, CredentialError> {
    let alg = settings.provider.assertion_alg;
    let Credential::Key { key, kid, .. } = Credential::load(&settings.provider)? else {
        return Err(CredentialError::NoKey);
    };
    let mut jwk = Jwk::from_encoding_key(&key, alg).map_err(|_| CredentialError::NotAKey(alg))?;
    jwk.common.key_id = Some(kid);
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(json!({"keys": [jwk]}))
}

impl Credential {
    pub(crate) fn load(settings: &ProviderSettings) -> Result<Self, CredentialError> {
        let bytes = read_private(&settings.credential)?;
        match settings.client_auth {
            ClientAuth::PrivateKeyJwt => {
                let alg = settings.assertion_alg;
                let key = key(&bytes, alg).ok_or(CredentialError::NotAKey(alg))?;
                let public = Jwk::from_encoding_key(&key, alg);
                let thumbprint = public.and_then(|key| key.thumbprint(ThumbprintHash::SHA256));
                let thumbprint = thumbprint.map_err(|_| CredentialError::NotAKey(alg))?;
                Ok(Self::Key {
                    kid: settings.kid.clone().unwrap_or(thumbprint),
                    key: Box::new(key),
                    alg,
                })
            }
            ClientAuth::ClientSecretPost => secret(&bytes).map(Self::SecretPost),
            ClientAuth::ClientSecretBasic => secret(&bytes).map(Self::SecretBasic),
        }
    }

    /// The credential, and whatever comes into its place. CIS2 says which one counts, so the last
    /// good one stays when the new one is of no use.
    pub(crate) fn open(settings: &ProviderSettings) -> Result<Reread<Self>, CredentialError> {
        let settings = settings.clone();
        let files = vec![settings.credential.clone()];
        let read = move || Self::load(&settings);
        Reread::open("credential", files, WhenWrong::KeepLast, read)
    }

    /// `now` in seconds since 1970.
    pub(crate) fn prove(
        &self,
        client_id: &str,
        token_endpoint: &str,
        now: i64,
    ) -> Result<Proof, NotProven> {
        let own = |text: &str| Zeroizing::new(text.to_owned());
        let mut fields = vec![("client_id", own(client_id))];
        let mut authorization = None;
        match self {
            Self::Key { key, alg, kid } => {
                let header = Header {
                    kid: Some(kid.clone()),
                    ..Header::new(*alg)
                };
                let claims = json!({
                    "iss": client_id,
                    "sub": client_id,
                    "aud": token_endpoint,
                    "jti": random().ok_or(NotProven)?,
                    "iat": now,
                    "exp": now + LIFETIME,
                });
                let assertion = encode(&header, &claims, key).map_err(|_| NotProven)?;
                fields.push(("client_assertion_type", own(ASSERTION_TYPE)));
                fields.push(("client_assertion", Zeroizing::new(assertion)));
            }
            Self::SecretPost(secret) => fields.push(("client_secret", secret.clone())),
            Self::SecretBasic(secret) => {
                fields.clear();
                authorization = Some(basic(client_id, secret));
            }
        }
        Ok(Proof {
            fields,
            authorization,
        })
    }
}

/// RFC 6749, section 2.3.1: both parts are form-encoded first.
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| {
        let parts = url::form_urlencoded::byte_serialize(text.as_bytes());
        Zeroizing::new(parts.collect::<String>())
    };
    let (id, secret) = (encoded(client_id), encoded(secret));
    let pair = Zeroizing::new(format!("{}:{}", *id, *secret));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

/// What one reads is what one has looked at: both by the open file.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let unreadable = CredentialError::Unreadable;
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.mode() & 0o077 != 0 {
        return Err(CredentialError::Open);
    }
    let size = about.len();
    if size > SIZE_LIMIT {
        return Err(CredentialError::TooLong);
    }
    // Grown, a vector would leave what it had behind.
    let room = usize::try_from(size).map_err(|_| CredentialError::TooLong)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let mut limited = Read::by_ref(&mut file).take(size);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn key(bytes: &[u8], alg: Algorithm) -> Option<EncodingKey> {
    let wrapped;
    let pem = if bytes.starts_with(b"-----BEGIN ") {
        bytes
    } else {
        let base64 = Zeroizing::new(STANDARD.encode(bytes));
        let text = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            *base64
        );
        wrapped = Zeroizing::new(text);
        wrapped.as_bytes()
    };
    let key = if alg == Algorithm::ES256 {
        EncodingKey::from_ec_pem(pem)
    } else {
        EncodingKey::from_rsa_pem(pem)
    };
    key.ok()
}

fn secret(bytes: &[u8]) -> Result<Zeroizing<String>, CredentialError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CredentialError::NotASecret)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.contains(['\r', '\n']) {
        return Err(CredentialError::NotASecret);
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use tempfile::TempDir;

    use super::*;
    use crate::settings::Verifier;

    fn file(bytes: &[u8], mode: u32) -> (TempDir, PathBuf) {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("credential");
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        (folder, file)
    }

    fn load(
        bytes: &[u8],
        mode: u32,
        client_auth: ClientAuth,
        alg: Algorithm,
    ) -> Result<Credential, CredentialError> {
        let (_folder, credential) = file(bytes, mode);
        Credential::load(&ProviderSettings {
            issuer: String::new(),
            client_id: "client".to_owned(),
            client_auth,
            assertion_alg: alg,
            credential,
            kid: None,
            redirect_uris: Vec::new(),
            verifier: Verifier::Required,
        })
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for mode in [0o440, 0o404, 0o644, 0o620, 0o601] {
            let loaded = load(b"s", mode, ClientAuth::ClientSecretPost, Algorithm::RS512);
            assert!(matches!(loaded, Err(CredentialError::Open)), "{mode:o}");
        }
        for mode in [0o400, 0o600] {
            let loaded = load(b"s", mode, ClientAuth::ClientSecretPost, Algorithm::RS512);
            assert!(loaded.is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn a_key_signs_what_the_provider_wants() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let auth = ClientAuth::PrivateKeyJwt;
        let credential = load(der.as_ref(), 0o400, auth, Algorithm::ES256).unwrap();
        let proof = credential.prove("client", "https://cis2.example:443/token", 1000);
        let fields = proof.unwrap().fields;
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            ["client_id", "client_assertion_type", "client_assertion"]
        );

        let Credential::Key { key, kid, .. } = &credential else {
            panic!("it is a key");
        };
        let public = Jwk::from_encoding_key(key, Algorithm::ES256).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://cis2.example:443/token"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(&public).unwrap();
        let read = decode::<Value>(fields[2].1.as_str(), &key, &validation).unwrap();
        assert_eq!(read.header.kid.as_ref(), Some(kid));
        assert_eq!(read.claims["iss"], "client");
        assert_eq!(read.claims["sub"], "client");
        assert_eq!(read.claims["exp"], 1180);
    }

    #[test]
    fn a_secret_is_one_line() {
        let post =
            |bytes: &[u8]| load(bytes, 0o400, ClientAuth::ClientSecretPost, Algorithm::RS512);
        let Ok(Credential::SecretPost(secret)) = post(b"hunter2\r\n") else {
            panic!("it is a secret");
        };
        assert_eq!(*secret, "hunter2");
        for wrong in [&b""[..], b"\n", b"a\nb", b"\xff"] {
            assert!(matches!(post(wrong), Err(CredentialError::NotASecret)));
        }
        let auth = ClientAuth::ClientSecretBasic;
        let basic = load(b"a b:c", 0o400, auth, Algorithm::RS512).unwrap();
        let proof = basic.prove("id:1", "https://cis2.example", 0).unwrap();
        assert!(proof.fields.is_empty());
        let expected = format!("Basic {}", STANDARD.encode("id%3A1:a+b%3Ac"));
        assert_eq!(proof.authorization.as_deref(), Some(&expected));
    }

    #[test]
    fn what_is_no_key_is_said_so_without_showing_it() {
        let auth = ClientAuth::PrivateKeyJwt;
        let Err(error) = load(b"hunter2", 0o400, auth, Algorithm::RS512) else {
            panic!("it is no key");
        };
        assert!(!error.to_string().contains("hunter2"));
    }
}
