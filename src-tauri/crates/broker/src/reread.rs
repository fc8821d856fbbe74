//! What is read from files, and read again when one of them has changed: looked at whenever it is
//! needed, so that nothing has to be told.

use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is in files that may change.
pub(crate) struct Reread<T> {
    /// As logs and metrics call it.
    what: &'static str,
    files: Vec<PathBuf>,
    read: Box<dyn Fn() -> Result<T, Fault> + Send + Sync>,
    when_wrong: WhenWrong<T>,
    held: Mutex<Held<T>>,
}

/// What counts when the files have changed into something of no use.
pub(crate) enum WhenWrong<T> {
    /// What was there before. Not for what says who may come in.
    KeepLast,
    /// This, until they are right again.
    Instead(fn() -> T),
}

struct Held<T> {
    /// None before the first look.
    stamps: Option<Vec<Stamp>>,
    value: Arc<T>,
    is_wrong: bool,
}

type Fault = Box<dyn Error + Send + Sync>;

/// What changes with a file: inode, size, time of change in seconds and nanoseconds. None when it
/// cannot be asked for.
type Stamp = Option<(u64, u64, i64, i64)>;

impl<T> Reread<T> {
    /// What is in the files now, and will be.
    ///
    /// # Errors
    /// When they are of no use now.
    pub(crate) fn open<E: Error + Send + Sync + 'static>(
        what: &'static str,
        files: Vec<PathBuf>,
        when_wrong: WhenWrong<T>,
        read: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        // Before it is read: a change while it is read is seen the next time.
        let stamps = stamps(&files);
        let value = read()?;
        let held = Held {
            stamps: Some(stamps),
            value: Arc::new(value),
            is_wrong: false,
        };
        Ok(Self::holding(held, what, files, when_wrong, read))
    }

    /// The same, which may also begin with files of no use.
    pub(crate) fn later<E: Error + Send + Sync + 'static>(
        what: &'static str,
        files: Vec<PathBuf>,
        instead: fn() -> T,
        read: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self {
        let held = Held {
            stamps: None,
            value: Arc::new(instead()),
            is_wrong: false,
        };
        Self::holding(held, what, files, WhenWrong::Instead(instead), read)
    }

    fn holding<E: Error + Send + Sync + 'static>(
        held: Held<T>,
        what: &'static str,
        files: Vec<PathBuf>,
        when_wrong: WhenWrong<T>,
        read: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self {
        Self {
            what,
            files,
            read: Box::new(move || read().map_err(Fault::from)),
            when_wrong,
            held: Mutex::new(held),
        }
    }

    /// What counts now.
    pub(crate) fn current(&self) -> Arc<T> {
        self.look().0
    }

    /// Whether the files are of no use now; with the name for it.
    pub(crate) fn is_wrong(&self) -> (&'static str, bool) {
        (self.what, self.look().1)
    }

    fn look(&self) -> (Arc<T>, bool) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = stamps(&self.files);
        if held.stamps.as_ref() != Some(&stamps) {
            held.stamps = Some(stamps);
            self.read_again(&mut held);
        }
        (Arc::clone(&held.value), held.is_wrong)
    }

    fn read_again(&self, held: &mut Held<T>) {
        let what = self.what;
        match (self.read)() {
            Ok(value) => {
                held.value = Arc::new(value);
                held.is_wrong = false;
                tracing::info!(what, "read");
            }
            Err(error) => {
                held.is_wrong = true;
                let error = error.as_ref() as &dyn Error;
                match self.when_wrong {
                    WhenWrong::KeepLast => {
                        tracing::error!(what, error, "of no use; what was there before stays");
                    }
                    WhenWrong::Instead(instead) => {
                        held.value = Arc::new(instead());
                        tracing::error!(what, error, "of no use; nobody counts until it is right");
                    }
                }
            }
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    files.iter().map(|file| stamp(file)).collect()
}

fn stamp(file: &Path) -> Stamp {
    let about = fs::metadata(file).ok()?;
    Some((about.ino(), about.size(), about.ctime(), about.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn number_in(file: &Path) -> Result<u32, io::Error> {
        let text = fs::read_to_string(file)?;
        text.parse().map_err(io::Error::other)
    }

    fn reread(file: &Path, when_wrong: WhenWrong<u32>) -> io::Result<Reread<u32>> {
        let path = file.to_owned();
        Reread::open("number", vec![path.clone()], when_wrong, move || {
            number_in(&path)
        })
    }

    #[test]
    fn a_file_is_read_again_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        assert!(reread(&file, WhenWrong::KeepLast).is_err());
        fs::write(&file, "1").unwrap();
        let number = reread(&file, WhenWrong::KeepLast).unwrap();
        let first = number.current();
        assert_eq!(*first, 1);
        assert!(Arc::ptr_eq(&first, &number.current()));
        fs::write(&file, "22").unwrap();
        assert_eq!(*number.current(), 22);
        // As secrets are mounted: a link to another file.
        let other = folder.path().join("other");
        fs::write(&other, "33").unwrap();
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(&other, &file).unwrap();
        assert_eq!(*number.current(), 33);
        assert_eq!(number.is_wrong(), ("number", false));
    }

    #[test]
    fn a_file_that_becomes_wrong_leaves_what_was_there_or_something_else_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        fs::write(&file, "1").unwrap();
        let kept = reread(&file, WhenWrong::KeepLast).unwrap();
        let replaced = reread(&file, WhenWrong::Instead(|| 0)).unwrap();
        fs::write(&file, "none").unwrap();
        assert_eq!((*kept.current(), *replaced.current()), (1, 0));
        assert!(kept.is_wrong().1 && replaced.is_wrong().1);
        fs::remove_file(&file).unwrap();
        assert_eq!((*kept.current(), *replaced.current()), (1, 0));
        fs::write(&file, "7").unwrap();
        assert_eq!((*kept.current(), *replaced.current()), (7, 7));
        assert!(!kept.is_wrong().1 && !replaced.is_wrong().1);
    }
}
