//! The support bundle: a zip for the help desk with nothing personal or secret in it.
//!
//! [`gather`] makes the parts that need no running agent; whoever calls adds others. Every text
//! goes through the [`Cleaner`] and [`write()`] is the one way into a file, so that nothing can be
//! forgotten. Log lines and answers of Cardea hold nothing personal in the first place: the cleaner
//! takes away what names this user and this computer, and its second net is for what should never
//! have been there.

mod archive;
mod cleaner;
mod gather;
mod index;
mod part;

pub use archive::{BundleError, Written, write};
pub use cleaner::{Cleaned, Cleaner, Identity, Kind, Replaced};
pub use gather::gather;
pub use part::Part;
