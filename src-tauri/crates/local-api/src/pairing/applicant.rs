//! Who asks to be let in, as the agent sees it and not as the program says.

use std::path::PathBuf;

use serde::Serialize;
use utoipa::ToSchema;

/// A program that asks to be let in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Applicant {
    /// The web origin that the request came from, byte for byte; absent for a program that is no
    /// web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// The file that the calling process runs; absent for a web page, and where the operating
    /// system does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) program: Option<PathBuf>,
    /// Who signed that file, where it is signed and the signature is good (Windows only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<String>,
}
