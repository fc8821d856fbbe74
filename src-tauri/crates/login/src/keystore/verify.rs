//! Whether a key really made a signature.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::PublicKey;
use crate::AssertionAlg;

impl PublicKey {
    /// Whether its private half made this signature, as a JWS holds it.
    pub(crate) fn verifies(&self, alg: AssertionAlg, message: &[u8], signature: &[u8]) -> bool {
        match (self, rsa_parameters(alg)) {
            (Self::Rsa { modulus, exponent }, Some(parameters)) => {
                let (n, e) = (modulus, exponent);
                let key = RsaPublicKeyComponents { n, e };
                key.verify(parameters, message, signature).is_ok()
            }
            (Self::P256 { x, y }, None) => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            (Self::Rsa { .. }, None) | (Self::P256 { .. }, Some(_)) => false,
        }
    }
}

fn rsa_parameters(alg: AssertionAlg) -> Option<&'static RsaParameters> {
    match alg {
        AssertionAlg::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        AssertionAlg::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        AssertionAlg::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        AssertionAlg::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        AssertionAlg::Es256 => None,
    }
}
