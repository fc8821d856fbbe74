//! Clean-up at the provider: its session ended (OpenID Connect RP-Initiated Logout 1.0), its
//! tokens revoked (RFC 7009). Best effort: whatever fails, the user is signed out here.

use std::time::Duration;

use tokio::time::timeout;

use crate::assertion::AssertionError;
use crate::broker::{BrokerError, Message};
use crate::client_certificate::CertificateError;
use crate::credential::{Call, Way};
use crate::wire::WireError;
use crate::{KeystoreError, RelyingParty, Secret, Tokens};

/// How long each of the two steps may take.
const STEP_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
enum CleanUpError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("there is no client credential")]
    NoCredential,
}

impl RelyingParty {
    /// Ends the session at the provider and revokes the tokens, where the provider announces that
    /// it can; then they are wiped. Takes ten seconds at most.
    pub async fn clean_up(&self, tokens: Tokens) {
        // CIS2 wants the access token at the end of its session, so it is revoked after that.
        self.step("end session", self.end_session(&tokens)).await;
        self.step("revocation", self.revoke(&tokens)).await;
    }

    async fn step(&self, step: &'static str, work: impl Future<Output = Result<(), CleanUpError>>) {
        match timeout(STEP_LIMIT, work).await {
            Ok(Ok(())) => tracing::debug!(step, "cleaned up at the provider"),
            Ok(Err(error)) => tracing::warn!(
                step,
                error = &error as &dyn std::error::Error,
                "not cleaned up at the provider"
            ),
            Err(_) => tracing::warn!(step, "the provider did not answer the clean-up in time"),
        }
    }

    async fn end_session(&self, tokens: &Tokens) -> Result<(), CleanUpError> {
        let provider = &tokens.provider;
        let (Some(endpoint), Some(id_token)) = (&provider.end_session_endpoint, &tokens.id_token)
        else {
            return Ok(());
        };
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        let address = Secret::new(format!(
            "{endpoint}{joint}id_token_hint={}",
            id_token.expose()
        ));
        let answer = self
            .wire
            .fetch(address.expose(), tokens.access_token.as_ref())
            .await;
        match answer {
            // Where a browser would be sent next does not matter.
            Err(WireError::Redirected(_)) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(WireError::Status(answer.status.as_u16()).into()),
        }
    }

    async fn revoke(&self, tokens: &Tokens) -> Result<(), CleanUpError> {
        let Some(endpoint) = &tokens.provider.revocation_endpoint else {
            return Ok(());
        };
        let given = [
            ("refresh_token", &tokens.refresh_token),
            ("access_token", &tokens.access_token),
        ];
        let given: Vec<_> = given
            .into_iter()
            .filter_map(|(kind, token)| Some((kind, token.as_ref()?)))
            .collect();
        if given.is_empty() {
            return Ok(());
        }
        let way = Way::load::<CleanUpError>(self).await?;
        let way = way.ok_or(CleanUpError::NoCredential)?;
        // One that cannot be revoked does not keep the other from it.
        let mut revoked = Ok(());
        for (kind, token) in given {
            let answer = self.revoke_one(endpoint, &way, kind, token, tokens).await;
            revoked = revoked.and(answer);
        }
        revoked
    }

    async fn revoke_one(
        &self,
        endpoint: &str,
        way: &Way,
        kind: &str,
        token: &Secret,
        tokens: &Tokens,
    ) -> Result<(), CleanUpError> {
        let fields = [("token", token.expose()), ("token_type_hint", kind)];
        let call = Call {
            message: Message::Revoke,
            endpoint,
            audience: &tokens.provider.token_endpoint,
            fields: &fields,
            at: self.clock.now(),
        };
        let answer = way.send::<CleanUpError>(&call, &self.settings, &self.wire);
        answer.await?.ok()?;
        Ok(())
    }
}
