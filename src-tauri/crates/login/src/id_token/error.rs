//! Why an ID token, or another token of the provider, was refused.

use crate::clock::ClockDifference;
use crate::evidence::Methods;

/// Why an answer of the provider did not pass. Holds nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CheckError {
    /// Not a signed JWT, or a claim of the wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// Signed by something that is not on our list, or not signed.
    #[error("alg is not RS256, RS512, PS256 or ES256")]
    AlgorithmNotAllowed,
    /// It says that parts of it must be understood which we do not know.
    #[error("crit names something unknown")]
    CriticalHeader,
    /// The provider has no key of that name that fits the algorithm.
    #[error("no key of the provider fits kid and alg")]
    UnknownKey,
    /// The signature is not the provider's.
    #[error("the signature is wrong")]
    Signature,
    /// A claim that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Another issuer.
    #[error("iss is not the issuer, byte for byte")]
    Issuer,
    /// Not meant for us.
    #[error("aud does not hold our client id")]
    Audience,
    /// Meant for somebody else too.
    #[error("aud holds somebody else too")]
    ForeignAudience,
    /// Issued to another client.
    #[error("azp is not our client id")]
    AuthorizedParty,
    /// Too old.
    #[error("exp is past")]
    Expired,
    /// Not issued yet.
    #[error("iat is in the future")]
    IssuedInFuture,
    /// Not valid yet.
    #[error("nbf is in the future")]
    NotYetValid,
    /// Our clock and the provider's are too far apart for any of its times to be judged.
    #[error(transparent)]
    ClockWrong(ClockDifference),
    /// The answer to another question.
    #[error("nonce is not ours")]
    Nonce,
    /// It belongs to another access token.
    #[error("at_hash does not fit the access token")]
    AccessTokenHash,
    /// It belongs to another code.
    #[error("c_hash does not fit the code")]
    CodeHash,
    /// The user signed in before we asked (rule 5).
    #[error("auth_time is before the start of the attempt")]
    AuthenticatedBefore,
    /// The user signed in too long ago (rule 5).
    #[error("auth_time is longer ago than max_age")]
    AuthenticatedLongAgo,
    /// The user has not signed in yet.
    #[error("auth_time is in the future")]
    AuthenticatedInFuture,
    /// The authentication was too weak.
    #[error("authentication_assurance_level is {}, wanted {wanted}", level(.came))]
    AuthenticationAssurance {
        /// What came.
        came: Option<u8>,
        /// What the settings ask for.
        wanted: u8,
    },
    /// The identity was verified too weakly.
    #[error("id_assurance_level is {}, wanted {wanted}", level(.came))]
    IdentityAssurance {
        /// What came.
        came: Option<u8>,
        /// What the settings ask for.
        wanted: u8,
    },
    /// Nothing shows that a smartcard was used (rule 8).
    #[error("no smartcard evidence ({0})")]
    NoSmartcard(Methods),
    /// UserInfo is about somebody else.
    #[error("sub of UserInfo is not that of the ID token")]
    OtherSubject,
}

fn level(came: &Option<u8>) -> String {
    came.map_or_else(|| "missing".to_owned(), |level| level.to_string())
}
