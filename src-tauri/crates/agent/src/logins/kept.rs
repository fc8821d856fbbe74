//! Tokens of a login, and their end.

use std::sync::Arc;

use cardea_local_api::ReleasedTokens;
use cardea_login::{RelyingParty, Tokens};
use cardea_session::SessionId;
use tokio::task::{JoinError, JoinSet};

/// Clean-ups under way at once; what comes on top is dropped, the provider's own limits end it.
const MOST_CLEAN_UPS: usize = 64;

/// Tokens with who can clean them up.
pub(super) struct Kept {
    pub(super) tokens: Tokens,
    pub(super) party: Arc<RelyingParty>,
}

impl Kept {
    /// What a program may have of them; none when the provider gave no usable ID token.
    pub(super) fn release(
        &self,
        session: &SessionId,
        with_access_token: bool,
    ) -> Option<ReleasedTokens> {
        let settings = self.party.settings();
        // It may be here for the clean-up only.
        let access_token = self.tokens.access_token();
        let access_token = access_token.filter(|_| settings.keep_access_token && with_access_token);
        Some(ReleasedTokens {
            session_id: session.clone(),
            id_token: self.tokens.id_token()?.expose().to_owned().into(),
            exp: self.tokens.expires_at()?.unix(),
            sid: self.tokens.sid().map(str::to_owned),
            client_id: settings.client_id.clone(),
            issuer: settings.issuer.clone(),
            access_token: access_token.map(|token| token.expose().to_owned().into()),
        })
    }
}

/// The clean-ups at the provider that are under way.
#[derive(Default)]
pub(super) struct CleanUps(JoinSet<()>);

impl CleanUps {
    pub(super) fn start(&mut self, kept: Kept) {
        if self.0.len() >= MOST_CLEAN_UPS {
            tracing::warn!("too many clean-ups at the provider at once; one is left out");
            return;
        }
        let Kept { tokens, party } = kept;
        self.0.spawn(async move { party.clean_up(tokens).await });
    }

    /// Waits for the next one to be done; none when none is under way.
    pub(super) async fn done(&mut self) -> Option<Result<(), JoinError>> {
        self.0.join_next().await
    }
}
