//! How long an examination waits. A step that finds nothing within its limit says so.

use std::time::Duration;

use crate::proxy::ROUTES;

/// [`proxies`](super::Examination::proxies): a script may have to be fetched and run. Steps that need
/// a way there take as long again when they are the first.
pub const PROXIES: Duration = Duration::from_secs(11);

/// [`name`](super::Examination::name): the system asks several servers, one after the other.
pub const NAME: Duration = Duration::from_secs(5);

/// One way of [`connection`](super::Examination::connection), from the name to the connection, and a
/// proxy's answer.
pub const WAY: Duration = Duration::from_secs(5);

/// All ways of [`connection`](super::Examination::connection) that are tried.
pub const CONNECTION: Duration = WAY.saturating_mul(ROUTES as u32);

/// The TLS handshake of [`certificate`](super::Examination::certificate), after the connection.
pub const HANDSHAKE: Duration = Duration::from_secs(5);

/// What the system says about a certificate: Windows may look for revocation lists behind a closed
/// network.
pub const VERIFICATION: Duration = Duration::from_secs(15);

/// One call of [`discovery`](super::Examination::discovery),
/// [`document`](super::Examination::document) or [`broker`](super::Examination::broker).
pub const CALL: Duration = Duration::from_secs(20);

/// [`credential`](super::Examination::credential): several questions to the keystore, and a
/// signature, for which a TPM takes a second.
pub const CREDENTIAL: Duration = Duration::from_secs(15);
