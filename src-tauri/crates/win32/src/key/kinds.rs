//! What a key can be, and how Windows names it.

use windows_sys::Win32::Security::Cryptography::{
    BCRYPT_ECDSA_P256_ALGORITHM, BCRYPT_RSA_ALGORITHM, BCRYPT_SHA256_ALGORITHM,
    BCRYPT_SHA384_ALGORITHM, BCRYPT_SHA512_ALGORITHM, MS_KEY_STORAGE_PROVIDER,
    MS_PLATFORM_CRYPTO_PROVIDER, NCRYPT_FLAGS, NCRYPT_MACHINE_KEY_FLAG,
};
use windows_sys::core::PCWSTR;

/// What keeps a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProvider {
    /// The TPM (`MS_PLATFORM_CRYPTO_PROVIDER`).
    Platform,
    /// Windows itself (`MS_KEY_STORAGE_PROVIDER`).
    Software,
}

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// The computer's.
    Machine,
    /// This user's.
    User,
}

/// What kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA, with a modulus of so many bits.
    Rsa(u32),
    /// ECDSA on P-256.
    EcdsaP256,
}

/// What was hashed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How an RSA signature is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// None: for ECDSA.
    None,
    /// RSASSA-PKCS1-v1_5.
    Pkcs1(Hash),
    /// RSASSA-PSS with a salt as long as the hash.
    Pss(Hash),
}

impl KeyProvider {
    pub(super) fn name(self) -> PCWSTR {
        match self {
            Self::Platform => MS_PLATFORM_CRYPTO_PROVIDER,
            Self::Software => MS_KEY_STORAGE_PROVIDER,
        }
    }
}

impl KeyOwner {
    pub(super) fn flags(self) -> NCRYPT_FLAGS {
        match self {
            Self::Machine => NCRYPT_MACHINE_KEY_FLAG,
            Self::User => 0,
        }
    }
}

impl KeyAlgorithm {
    pub(super) fn name(self) -> PCWSTR {
        match self {
            Self::Rsa(_) => BCRYPT_RSA_ALGORITHM,
            Self::EcdsaP256 => BCRYPT_ECDSA_P256_ALGORITHM,
        }
    }
}

impl Hash {
    pub(super) fn name(self) -> PCWSTR {
        match self {
            Self::Sha256 => BCRYPT_SHA256_ALGORITHM,
            Self::Sha384 => BCRYPT_SHA384_ALGORITHM,
            Self::Sha512 => BCRYPT_SHA512_ALGORITHM,
        }
    }
}
