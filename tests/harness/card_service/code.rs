//! The return codes and flags of `winscard.h` and `winerror.h` that the tests speak of.

/// The Win32 code `ERROR_INVALID_HANDLE`, unknown to the `pcsc` crate.
pub const WIN32_INVALID_HANDLE: u32 = 6;
/// The Win32 code `ERROR_BROKEN_PIPE`, unknown to it as well.
pub const WIN32_BROKEN_PIPE: u32 = 109;

pub const CANCELLED: u32 = 0x8010_0002;
pub const INVALID_HANDLE: u32 = 0x8010_0003;
pub const UNKNOWN_READER: u32 = 0x8010_0009;
pub const TIMEOUT: u32 = 0x8010_000A;
pub const SYSTEM_CANCELLED: u32 = 0x8010_0012;
pub const SHUTDOWN: u32 = 0x8010_0018;
pub const NO_SERVICE: u32 = 0x8010_001D;
pub const SERVICE_STOPPED: u32 = 0x8010_001E;
pub const UNSUPPORTED_FEATURE: u32 = 0x8010_0022;
pub const NO_READERS_AVAILABLE: u32 = 0x8010_002E;

/// The lower half of a reader's state.
pub mod flag {
    pub const ALL: u32 = 0xFFFF;
    pub const IGNORE: u32 = 0x1;
    pub const CHANGED: u32 = 0x2;
    pub const UNKNOWN: u32 = 0x4;
    pub const UNAVAILABLE: u32 = 0x8;
    pub const EMPTY: u32 = 0x10;
    pub const PRESENT: u32 = 0x20;
    pub const EXCLUSIVE: u32 = 0x80;
    pub const INUSE: u32 = 0x100;
    pub const MUTE: u32 = 0x200;
    pub const UNPOWERED: u32 = 0x400;
}
