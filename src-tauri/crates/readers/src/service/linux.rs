//! pcscd, started by systemd when somebody connects.

use cardea_session::ServiceLoss;

use crate::LastError;

/// What it means that the connection is lost: pcscd keeps running without readers, so that it is
/// never for want of one.
pub(crate) fn meaning(_error: LastError) -> ServiceLoss {
    ServiceLoss::Stopped
}
