//! The random texts of a pairing.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// The operating system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random numbers")]
pub(crate) struct NoRandomness;

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A text that nobody can guess: 256 bits as 43 characters of base64url.
pub(crate) fn claim_secret() -> Result<Zeroizing<String>, NoRandomness> {
    Ok(Zeroizing::new(
        URL_SAFE_NO_PAD.encode(random::<32>()?.as_slice()),
    ))
}

/// The id of a pairing: 128 random bits.
pub(super) fn pairing_id() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(random::<16>()?.as_slice()))
}

/// The id of a program that is let in, which is no secret: `paired-` and 40 random bits.
pub(super) fn app_id() -> Result<String, NoRandomness> {
    let bytes = random::<5>()?;
    let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
    Ok(format!("paired-{}", hex.collect::<String>()))
}

/// Six digits, each as likely as the next.
pub(super) fn code() -> Result<Zeroizing<String>, NoRandomness> {
    const CODES: u32 = 1_000_000;
    loop {
        let number = u32::from_le_bytes(*random::<4>()?);
        // The last part of the range that is no whole thousand thousands would favour some.
        if number < u32::MAX - u32::MAX % CODES {
            return Ok(Zeroizing::new(format!("{:06}", number % CODES)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_its_length_and_differs() {
        assert_eq!(claim_secret().unwrap().len(), 43);
        assert_ne!(claim_secret().unwrap(), claim_secret().unwrap());
        assert_eq!(pairing_id().unwrap().len(), 22);
        assert_ne!(app_id().unwrap(), app_id().unwrap());
        for _ in 0..100 {
            let code = code().unwrap();
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
