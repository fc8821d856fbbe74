//! Whether the broker can be reached, and knows this computer.

use cardea_session::FailureCode;
use serde::Deserialize;

use super::step::within;
use super::{
    AssertionError, CertificateProblem, ClientCertificateError, ClockDifference, Connection,
    Examination, NoConnection, NotApplicable, Presented, Step, limits,
};
use crate::broker::{Broker, BrokerError, Message};
use crate::failure::of_wire;
use crate::oauth_error::OAuthError;
use crate::wire::{Answer, WireError};
use crate::{ClientAuth, Clock, KeystoreError};

/// What was found out about the broker; after a step that fails the later ones are not taken.
#[derive(Debug)]
pub struct BrokerExamined {
    /// Whether it can be connected to.
    pub connection: Step<Connection, NoConnection>,
    /// What it shows for a certificate.
    pub certificate: Step<Presented, CertificateProblem>,
    /// Whether it knows this computer.
    pub enrolment: Step<Enrolment, NotEnrolled>,
}

/// What a broker answers that can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// It knows this computer.
    Enrolled,
    /// It has no such route: one of a supplier's own, or an old one.
    DoesNotSay,
}

/// Why this computer cannot sign in by the broker.
#[derive(Debug, thiserror::Error)]
pub enum NotEnrolled {
    /// There is neither a key nor a certificate for it.
    #[error("this computer has nothing that a broker could know it by")]
    NoProof,
    /// The keystore does not say what there is.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The settings name one, which cannot be shown.
    #[error(transparent)]
    Certificate(#[from] ClientCertificateError),
    /// There is a key, and it does not sign.
    #[error(transparent)]
    NotSigned(AssertionError),
    /// No answer, or none that can be used.
    #[error("broker: {0}")]
    Wire(#[from] WireError),
    /// It says why not, by a code of `src-tauri/docs/broker.md`, for instance `workstation_unknown`.
    #[error("broker: refused with {code}")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// The code.
        code: String,
    },
    /// It does not accept this computer's clock.
    #[error("broker: refused with {code}, and {difference}")]
    ClockWrong {
        /// The code.
        code: String,
        /// How far the clocks are apart.
        difference: ClockDifference,
    },
    /// It answers, and not as the specification has it.
    #[error("broker: the answer is not one of a broker's (status {0})")]
    OtherAnswer(u16),
    /// Longer than a call may take.
    #[error("broker: no answer in time")]
    TimedOut,
}

impl NotEnrolled {
    /// The failure that a login would end in.
    #[must_use]
    pub fn failure_code(&self) -> FailureCode {
        match self {
            Self::NoProof | Self::Certificate(_) => FailureCode::ClientCredentialMissing,
            Self::Keystore(_) | Self::NotSigned(_) => FailureCode::KeystoreUnavailable,
            Self::Wire(error) => of_wire(error),
            Self::Refused { status, code } => {
                BrokerError::code_of_refusal(*status, &OAuthError::new(code))
            }
            Self::ClockWrong { .. } => FailureCode::ClockWrong,
            Self::OtherAnswer(_) => FailureCode::ProviderResponseInvalid,
            Self::TimedOut => FailureCode::ProviderUnreachable,
        }
    }
}

impl Examination {
    /// Whether the broker can be reached, and knows this computer. Within the limits of
    /// [`connection`](Self::connection) and [`certificate`](Self::certificate), then
    /// [`limits::CALL`].
    ///
    /// # Errors
    /// When the settings have no broker, or one at an address that may not be used.
    pub async fn broker(&self) -> Result<BrokerExamined, NotApplicable> {
        let Some(target) = &self.broker else {
            return Err(match self.settings.client_auth {
                ClientAuth::Broker => NotApplicable::AddressNotAllowed,
                ClientAuth::PrivateKeyJwt
                | ClientAuth::ClientSecretPost
                | ClientAuth::ClientSecretBasic => NotApplicable::NoBroker,
            });
        };
        let mut examined = BrokerExamined {
            connection: Step::NotApplicable(NotApplicable::EarlierFails),
            certificate: Step::NotApplicable(NotApplicable::EarlierFails),
            enrolment: Step::NotApplicable(NotApplicable::EarlierFails),
        };
        match self.connect(target).await {
            Ok((stream, connection)) => {
                examined.connection = Step::Works(connection);
                examined.certificate = self.certificate_on(stream, target).await.into();
            }
            Err(none) => examined.connection = Step::Fails(none),
        }
        if examined.certificate.works().is_some() {
            let asking = self.ask_broker();
            let answer = within(limits::CALL, NotEnrolled::TimedOut, asking).await;
            examined.enrolment = answer.into();
        }
        Ok(examined)
    }

    pub(super) async fn ask_broker(&self) -> Result<Enrolment, NotEnrolled> {
        let now = self.clock.now();
        let wire = &self.broker_wire;
        let broker = Broker::load::<NotEnrolled>(&self.settings, &self.workstation, wire, now);
        let broker = broker.await?.ok_or(NotEnrolled::NoProof)?;
        ask(&broker, self.clock.as_ref()).await
    }
}

pub(super) async fn ask(broker: &Broker, clock: &dyn Clock) -> Result<Enrolment, NotEnrolled> {
    match broker.ask(Message::Workstation, &[], clock.now()).await {
        Ok(answer) => read(&answer),
        Err(error) => of_error(error.by_the_clocks(clock.now())),
    }
}

fn read(answer: &Answer) -> Result<Enrolment, NotEnrolled> {
    #[derive(Deserialize)]
    struct Told {
        status: String,
    }
    let status = answer.status.as_u16();
    if status == 200 {
        return match answer.json() {
            Ok(Told { status }) if status == "enrolled" => Ok(Enrolment::Enrolled),
            Ok(_) | Err(_) => Err(NotEnrolled::OtherAnswer(200)),
        };
    }
    does_not_say(status).ok_or(NotEnrolled::OtherAnswer(status))
}

/// A route that is not there.
fn does_not_say(status: u16) -> Option<Enrolment> {
    matches!(status, 404 | 405 | 501).then_some(Enrolment::DoesNotSay)
}

fn of_error(error: BrokerError) -> Result<Enrolment, NotEnrolled> {
    Err(match error {
        BrokerError::Assertion(error) => NotEnrolled::NotSigned(error),
        BrokerError::Wire(error) => NotEnrolled::Wire(error),
        BrokerError::Refused { status, code, .. } => {
            if let Some(enrolment) = does_not_say(status) {
                return Ok(enrolment);
            }
            let code = code.name().to_owned();
            NotEnrolled::Refused { status, code }
        }
        BrokerError::ClockWrong { code, difference } => NotEnrolled::ClockWrong {
            code: code.name().to_owned(),
            difference,
        },
    })
}
