//! pcscd, started by systemd when somebody connects.

use std::sync::Arc;

use cardea_session::ServiceLoss;

use crate::LastError;
use crate::control::Control;

/// What it means that the connection is lost: pcscd keeps running without readers, so that it is
/// never for want of one.
pub(crate) fn meaning(_error: LastError) -> ServiceLoss {
    ServiceLoss::Stopped
}

/// Nothing tells when pcscd has started; a connection to it is tried after each pause.
pub(crate) struct StartWatch;

impl StartWatch {
    pub(crate) fn before_asking() -> Option<Self> {
        None
    }

    pub(crate) fn begin(self, _control: &Arc<Control>) -> Option<Self> {
        None
    }
}
