//! Who can write and read a file on Windows: owner and access control list, by the open file.

use std::fs::File;
use std::os::windows::fs::MetadataExt as _;
use std::path::Path;

use cardea_win32::{Hold, Itself, Keepers, Outsider, is_on_disk, open_itself};

use super::{FileProblem, Kept};

/// `FILE_ATTRIBUTE_REPARSE_POINT`: a link, a junction, or something else that leads elsewhere.
const REPARSE_POINT: u32 = 0x400;

/// Opens a file that is kept as it should be. Links are not followed.
pub(super) fn open(path: &Path, kept: Kept) -> Result<File, FileProblem> {
    let file = open_itself(path, Itself::File).map_err(FileProblem::Unreadable)?;
    let about = file.metadata().map_err(FileProblem::Unreadable)?;
    if !is_on_disk(&file) || about.is_dir() || about.file_attributes() & REPARSE_POINT != 0 {
        return Err(FileProblem::NotAFile);
    }
    let keepers = Keepers::administrators_and_this_user().map_err(FileProblem::Unreadable)?;
    let outsider = |kept| {
        let outsider = keepers.outsider(&file, kept);
        outsider.map_err(FileProblem::Unreadable)
    };
    match outsider(cardea_win32::Kept::File)? {
        Some(Outsider {
            by: Hold::Owning, ..
        }) => return Err(FileProblem::Owner),
        Some(_) => return Err(FileProblem::Writable),
        None => {}
    }
    if kept == Kept::FromReading && outsider(cardea_win32::Kept::Secret)?.is_some() {
        return Err(FileProblem::Readable);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use cardea_win32::{IfThere, create_private, let_everyone_write};

    use super::*;

    #[test]
    fn a_file_of_this_user_alone_is_opened_and_one_that_others_reach_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.key");
        drop(create_private(&file, IfThere::Fail).unwrap());
        for kept in [Kept::FromWriting, Kept::FromReading] {
            assert!(open(&file, kept).is_ok(), "{kept:?}");
        }
        let_everyone_write(&file).unwrap();
        for kept in [Kept::FromWriting, Kept::FromReading] {
            let refused = open(&file, kept);
            assert!(matches!(refused, Err(FileProblem::Writable)), "{refused:?}");
        }
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_and_a_certificate_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.pem");
        fs::write(&file, "").unwrap();
        assert!(open(&file, Kept::FromWriting).is_ok());
        let refused = open(&file, Kept::FromReading);
        assert!(matches!(refused, Err(FileProblem::Readable)), "{refused:?}");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let refused = open(folder.path(), Kept::FromWriting);
        assert!(matches!(refused, Err(FileProblem::NotAFile)), "{refused:?}");
        let absent = open(&folder.path().join("absent"), Kept::FromWriting);
        assert!(
            matches!(absent, Err(FileProblem::Unreadable(_))),
            "{absent:?}"
        );
    }
}
