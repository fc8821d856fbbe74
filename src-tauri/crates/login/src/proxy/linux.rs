//! Proxies on Linux: there are only those of the environment.

use super::ProxySource;

pub(super) fn source() -> Option<Box<dyn ProxySource>> {
    None
}
