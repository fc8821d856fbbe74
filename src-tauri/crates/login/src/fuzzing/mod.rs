//! Ways in for the fuzz targets (`tests/fuzz`): what comes over the wire goes in, what we make of it
//! comes out. Behind each is the code that a login runs, but for where the provider's keys come from.
//! What comes out holds what came in, so it is for made-up inputs only.

mod callback;
mod tokens;

use http::HeaderMap;

pub use callback::{Came, Redirect, callback};
pub use tokens::{Ended, IdToken, Keys, Question, id_token, logout_token, userinfo};

use crate::Settings;
use crate::discovery;
use crate::wire::Answer;

/// The endpoints that a discovery document names; of a provider with these settings.
///
/// # Errors
/// Why it is refused, as the log says it.
pub fn discovery(document: &[u8], settings: &Settings) -> Result<Vec<String>, String> {
    let read = || {
        let reach = discovery::reach(settings)?;
        discovery::read(
            Answer::made_of(&HeaderMap::new(), document),
            settings,
            reach,
        )
    };
    let provider = read().map_err(|error| error.to_string())?;
    let must = [
        provider.authorization_endpoint,
        provider.token_endpoint,
        provider.userinfo_endpoint,
        provider.jwks_uri,
    ];
    let may = [provider.end_session_endpoint, provider.revocation_endpoint];
    Ok(must.into_iter().chain(may.into_iter().flatten()).collect())
}
