//! The version in a program's resources, by which Windows Installer knows the newer file.

use std::fs;
use std::io;
use std::path::Path;

/// What `VS_FIXEDFILEINFO` begins with.
const SIGNATURE: [u8; 4] = 0xFEEF_04BD_u32.to_le_bytes();

/// Reads the file version of a program or library; none when it has none.
pub(in super::super) fn file_version(file: &Path) -> io::Result<Option<String>> {
    Ok(parse(&fs::read(file)?))
}

/// Behind signature and structure's version: the file's, two halves of 32 bits.
fn parse(content: &[u8]) -> Option<String> {
    let at = content.windows(4).position(|part| part == SIGNATURE)?;
    let half = |offset: usize| {
        let bytes = content.get(at + offset..at + offset + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (high, low) = (half(8)?, half(12)?);
    let numbers = [high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF];
    Some(numbers.map(|number| number.to_string()).join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_out_of_the_resources() {
        let mut content = b"MZ and more".to_vec();
        for part in [0xFEEF_04BD_u32, 0x0001_0000, 0x0001_0002, 0x0003_0004] {
            content.extend(part.to_le_bytes());
        }
        assert_eq!(parse(&content).unwrap(), "1.2.3.4");
        assert_eq!(parse(b"MZ"), None);
    }
}
