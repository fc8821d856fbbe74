//! The proof that the program on a port is this user's agent (contract, section 4.1).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::Boot;

use crate::Token;

/// A number used once: what the agent has to put its proof on.
pub(crate) struct Nonce(String);

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub(crate) struct NoRandomness;

impl Nonce {
    pub(crate) fn draw() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `proof` is HMAC-SHA256 over `nonce|boot|port`, keyed with the token's SHA-256, in
    /// base64url. Compares in constant time.
    pub(crate) fn is_proven_by(&self, proof: &str, token: &Token, boot: &Boot, port: u16) -> bool {
        let Ok(proof) = URL_SAFE_NO_PAD.decode(proof) else {
            return false;
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.hash().as_ref());
        let message = format!("{}|{boot}|{port}", self.0);
        hmac::verify(&key, message.as_bytes(), &proof).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_proof_is_one() {
        let nonce = Nonce("N".to_owned());
        let token = Token::new("token").unwrap();
        let boot = Boot::new("B");
        // printf 'N|B|28080' | openssl dgst -sha256 -mac HMAC
        //     -macopt hexkey:$(printf token | sha256sum | cut -c-64) -binary | base64url
        let proof = "bDmxhUNLipq55BvqZI_SfCqBHHWS56yEo6ACjl_r2Hw";
        let other = Token::new("other").unwrap();
        assert!(nonce.is_proven_by(proof, &token, &boot, 28080));
        assert!(!nonce.is_proven_by(proof, &token, &boot, 28081));
        assert!(!nonce.is_proven_by(proof, &token, &Boot::new("C"), 28080));
        assert!(!nonce.is_proven_by(proof, &other, &boot, 28080));
        assert!(!Nonce("M".to_owned()).is_proven_by(proof, &token, &boot, 28080));
        assert!(!nonce.is_proven_by("", &token, &boot, 28080));
    }

    #[test]
    fn no_nonce_comes_twice() {
        assert_ne!(
            Nonce::draw().unwrap().as_str(),
            Nonce::draw().unwrap().as_str()
        );
    }
}
