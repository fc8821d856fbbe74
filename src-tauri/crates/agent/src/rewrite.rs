//! Writes a file anew, whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::paths;

/// What the name of the file under way ends with.
pub(crate) const SUFFIX: &str = ".new";

/// Puts `content` in the place of the file at `path`, or where there is none; no reader ever sees a
/// part. Callers see to it that they are the only one.
///
/// # Errors
/// When it cannot be written; what is at `path` is then as it was.
pub(crate) fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = cleared(path)?;
    let written = paths::create_private_file(&fresh).and_then(|mut new| {
        new.write_all(content)?;
        new.sync_all()
    });
    exchange(written, &fresh, path)
}

/// Puts in the place of the file at `path` what `copy` writes of it; no reader ever sees a part.
/// `copy` reads to the end; what another agent of this user appends from then on is taken over
/// until the very moment of the exchange.
///
/// # Errors
/// When it cannot be read or written; the file is then as it was.
pub(crate) fn rewrite(
    path: &Path,
    copy: impl FnOnce(&mut File, &mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let fresh = cleared(path)?;
    let mut old = File::open(path)?;
    let mut new = BufWriter::new(paths::create_private_file(&fresh)?);
    let written = copy(&mut old, &mut new).and_then(|()| {
        new.flush()?;
        new.get_ref().sync_all()?;
        // Putting it on the disk took a while.
        io::copy(&mut old, new.get_mut()).map(drop)
    });
    // Windows exchanges no file that somebody has open.
    drop((old, new));
    exchange(written, &fresh, path)
}

/// Where the file under way is written, without what a crash left there.
fn cleared(path: &Path) -> io::Result<PathBuf> {
    let fresh = under_way(path);
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(fresh),
    }
}

/// Puts what was written in the place of the old, or takes it away.
fn exchange(written: io::Result<()>, fresh: &Path, path: &Path) -> io::Result<()> {
    let exchanged = written.and_then(|()| paths::replace(fresh, path));
    if exchanged.is_err() {
        let _best_effort = std::fs::remove_file(fresh);
    }
    exchanged
}

fn under_way(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_appended_meanwhile_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::write(&path, "old\nyoung\n").unwrap();
        rewrite(&path, |old, new| {
            let text = io::read_to_string(old)?;
            new.write_all(text.strip_prefix("old\n").unwrap().as_bytes())?;
            paths::append_private(&path)?.write_all(b"meanwhile\n")
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "young\nmeanwhile\n");
        assert!(paths::is_private(&path));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_whole_file_is_put_also_where_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // As a crash leaves it.
        fs::write(under_way(&path), "half").unwrap();
        for content in ["first", "2nd"] {
            put(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert!(paths::is_private(&path));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let taken = folder.path().join("folder");
        fs::create_dir_all(taken.join("full")).unwrap();
        assert!(put(&taken, b"x").is_err());
        assert!(!under_way(&taken).exists());
    }

    #[test]
    fn a_file_that_cannot_be_written_anew_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::write(&path, "old\n").unwrap();
        // As a crash leaves it.
        fs::write(under_way(&path), "half").unwrap();
        let failed = rewrite(&path, |_, new| {
            new.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
        assert!(!under_way(&path).exists());
    }
}
