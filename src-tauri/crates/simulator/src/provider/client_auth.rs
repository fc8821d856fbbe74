//! How clients prove themselves: `client_secret_post`, or `private_key_jwt` as CIS2 checks it
//! (OpenID Connect Core, section 9; cis2.md 4.1).

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::provider::route::Parameters;
use crate::provider::state::{Registered, Shared, unix_now};
use crate::provider::{ClientAuth, Credential, Endpoint};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The furthest `exp` of an assertion, in seconds.
const LONGEST_ASSERTION: i64 = 300;

/// How far a client's clock may be ahead of ours, in seconds.
const CLOCK_SKEW: i64 = 10;

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    jti: String,
}

/// The client that sent this form, or why it is none.
pub(super) fn authenticate(
    shared: &Shared,
    form: &Parameters,
) -> Result<(String, ClientAuth), &'static str> {
    let id = form.get("client_id").ok_or("no client_id")?;
    let registered = shared
        .clients
        .iter()
        .find(|known| known.client.id == *id)
        .ok_or("unknown client_id")?;
    let method = match &registered.client.credential {
        Credential::Secret(secret) => {
            if form.contains_key("client_assertion") {
                return Err("an assertion, but the client is registered with a secret");
            }
            if form.get("client_secret") != Some(secret) {
                return Err("wrong client_secret");
            }
            ClientAuth::ClientSecretPost
        }
        Credential::Keys { alg, .. } => {
            check_assertion(shared, registered, alg, form)?;
            ClientAuth::PrivateKeyJwt
        }
    };
    Ok((id.clone(), method))
}

fn check_assertion(
    shared: &Shared,
    registered: &Registered,
    alg: &str,
    form: &Parameters,
) -> Result<(), &'static str> {
    if form.contains_key("client_secret") {
        return Err("a secret beside the assertion");
    }
    if form.get("client_assertion_type").map(String::as_str) != Some(ASSERTION_TYPE) {
        return Err("wrong client_assertion_type");
    }
    let token = form.get("client_assertion").ok_or("no client_assertion")?;
    let claims = verified(&registered.keys, alg, token)?;
    let id = &registered.client.id;
    if claims.iss != *id || claims.sub != *id {
        return Err("iss and sub of the assertion are not the client_id");
    }
    // One value, byte for byte: CIS2 refuses anything but the discovered token endpoint.
    if claims.aud != shared.endpoint(Endpoint::Token) {
        return Err("aud of the assertion is not the token endpoint");
    }
    let now = unix_now();
    if claims.exp <= now {
        return Err("the assertion has expired");
    }
    if claims.exp > now + LONGEST_ASSERTION + CLOCK_SKEW {
        return Err("exp of the assertion is more than five minutes ahead");
    }
    if !shared.lock().assertions.insert(claims.jti) {
        return Err("jti of the assertion was used before");
    }
    Ok(())
}

/// The claims of an assertion whose signature is good. Times and audience are not checked here.
fn verified(keys: &JwkSet, alg: &str, token: &str) -> Result<Assertion, &'static str> {
    let alg: Algorithm = alg.parse().map_err(|_| "unknown registered algorithm")?;
    let header = jsonwebtoken::decode_header(token).map_err(|_| "the assertion is not a JWT")?;
    if header.alg != alg {
        return Err("the assertion's alg is not the registered one");
    }
    if header.typ.as_deref() != Some("JWT") {
        return Err("the assertion's typ is not JWT");
    }
    let kid = header.kid.as_deref().ok_or("the assertion has no kid")?;
    let named = |jwk: &&Jwk| jwk.common.key_id.as_deref() == Some(kid);
    let jwk = keys
        .keys
        .iter()
        .find(named)
        .ok_or("unknown kid in the assertion")?;
    let key = DecodingKey::from_jwk(jwk).map_err(|_| "the registered key cannot be used")?;
    let mut validation = Validation::new(alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, &key, &validation)
        .map(|token| token.claims)
        .map_err(|_| "the assertion's signature is bad or a claim is missing")
}
