//! What needs a card: each is the same refused call. The arguments are left out, for on 64-bit
//! Windows the caller cleans them up.

use crate::wire::call;

/// `SCARD_IO_REQUEST`.
#[repr(C)]
pub struct IoRequest {
    protocol: u32,
    length: u32,
}

const fn of(protocol: u32) -> IoRequest {
    IoRequest {
        protocol,
        length: size_of::<IoRequest>() as u32,
    }
}

/// `g_rgSCardT0Pci`.
#[unsafe(no_mangle)]
pub static g_rgSCardT0Pci: IoRequest = of(1);

/// `g_rgSCardT1Pci`.
#[unsafe(no_mangle)]
pub static g_rgSCardT1Pci: IoRequest = of(2);

/// `g_rgSCardRawPci`.
#[unsafe(no_mangle)]
pub static g_rgSCardRawPci: IoRequest = of(0x0001_0000);

macro_rules! refused {
    ($($name:ident)*) => {$(
        #[doc = concat!("`", stringify!($name), "`, which is refused.")]
        #[unsafe(no_mangle)]
        pub extern "system" fn $name() -> i32 {
            call("Card").code
        }
    )*};
}

refused! {
    SCardBeginTransaction
    SCardConnectA
    SCardControl
    SCardDisconnect
    SCardEndTransaction
    SCardGetAttrib
    SCardReconnect
    SCardSetAttrib
    SCardStatusA
    SCardTransmit
}
