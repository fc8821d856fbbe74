//! A clinical program that connects to Cardea: its id and token, as an administrator would have
//! set them up.

use aws_lc_rs::digest;

use crate::provider;

/// A local program of the simulation, with a token of its own.
#[derive(Clone)]
pub struct SimulatedProgram {
    /// Its id in `[api] apps`.
    pub id: String,
    /// Its token: 43 characters of base64url.
    pub token: String,
}

impl SimulatedProgram {
    /// A program with a new token.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            token: provider::random_secret(),
        }
    }

    /// What `[api] apps` wants for `token_sha256`: SHA-256 of the token in hexadecimal.
    #[must_use]
    pub fn token_sha256(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.token.as_bytes());
        hash.as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl std::fmt::Debug for SimulatedProgram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatedProgram")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_token() {
        let program = SimulatedProgram {
            id: "a".into(),
            token: "abc".into(),
        };
        assert_eq!(
            program.token_sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(SimulatedProgram::new("a").token.len(), 43);
    }
}
