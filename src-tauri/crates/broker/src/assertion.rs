//! How a workstation proves itself by its own key: an assertion for this one request, in the manner
//! of DPoP (RFC 9449).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::problem::Problem;

/// The longest assertion that is read.
const SIZE_LIMIT: usize = 2048;

/// The longest that one may be good for, in seconds.
const LIFETIME: i64 = 60;

/// How far a workstation's clock may be off, in seconds.
const CLOCKS: i64 = 30;

/// What an assertion has to be for.
pub(crate) struct Expected<'a> {
    /// The address of the route.
    pub(crate) audience: &'a str,
    /// The bytes that came with it.
    pub(crate) body: &'a [u8],
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// A workstation that has proved itself, but for the use of its assertion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    /// The RFC 7638 thumbprint of its key.
    pub(crate) thumbprint: String,
    /// The assertion's name.
    pub(crate) jti: String,
    /// When nobody would accept the assertion any more, in seconds since 1970.
    pub(crate) until: i64,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
    jwk: Jwk,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    body_sha256: String,
}

/// Checks an assertion, in the order of the specification.
///
/// # Errors
/// The first rule that it does not keep.
pub(crate) fn check(
    assertion: &str,
    is_approved: impl FnOnce(&str) -> bool,
    expected: &Expected<'_>,
) -> Result<Proven, Problem> {
    let malformed = Problem::AssertionMalformed;
    if assertion.len() > SIZE_LIMIT {
        return Err(malformed);
    }
    let (signed, signature) = assertion.rsplit_once('.').ok_or(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(malformed)?;
    let header: Header = decoded(header)?;
    let fits = header.typ == "workstation+jwt" && header.alg == "ES256" && header.crit.is_none();
    let point = header.jwk.point().filter(|_| fits).ok_or(malformed)?;
    let thumbprint = thumbprint(&point);
    if header.kid != thumbprint {
        return Err(malformed);
    }
    if !is_approved(&thumbprint) {
        return Err(Problem::WorkstationUnknown);
    }

    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Problem::AssertionSignature)?;
    let claims: Claims = decoded(claims)?;
    claims.check(&thumbprint, expected)?;
    Ok(Proven {
        until: claims.exp + CLOCKS,
        jti: claims.jti,
        thumbprint,
    })
}

impl Claims {
    fn check(&self, thumbprint: &str, expected: &Expected<'_>) -> Result<(), Problem> {
        let is_name = |c: u8| c.is_ascii_graphic();
        if self.iss != thumbprint
            || !(16..=128).contains(&self.jti.len())
            || !self.jti.bytes().all(is_name)
        {
            return Err(Problem::AssertionMalformed);
        }
        if self.aud != expected.audience {
            return Err(Problem::AssertionAudience);
        }
        let lifetime = self.exp.checked_sub(self.iat);
        if !lifetime.is_some_and(|lifetime| (1..=LIFETIME).contains(&lifetime)) {
            return Err(Problem::AssertionLifetime);
        }
        if expected.now.saturating_sub(CLOCKS) > self.exp {
            return Err(Problem::AssertionExpired);
        }
        if expected.now.saturating_add(CLOCKS) < self.iat {
            return Err(Problem::AssertionNotYetValid);
        }
        let body = URL_SAFE_NO_PAD.encode(digest(&SHA256, expected.body));
        if self.body_sha256 != body {
            return Err(Problem::AssertionBody);
        }
        Ok(())
    }
}

impl Jwk {
    /// An uncompressed point of P-256: 04, x, y.
    fn point(&self) -> Option<Vec<u8>> {
        if self.kty != "EC" || self.crv != "P-256" {
            return None;
        }
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let coordinate = URL_SAFE_NO_PAD.decode(coordinate).ok()?;
            if coordinate.len() != 32 {
                return None;
            }
            point.extend(coordinate);
        }
        Some(point)
    }
}

/// RFC 7638, section 3, over the members as we write them, whatever they were sent as.
fn thumbprint(point: &[u8]) -> String {
    let (x, y) = point[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
}

fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, Problem> {
    let json = URL_SAFE_NO_PAD.decode(part);
    let json = json.map_err(|_| Problem::AssertionMalformed)?;
    serde_json::from_slice(&json).map_err(|_| Problem::AssertionMalformed)
}

#[cfg(test)]
pub(crate) mod tests;
