//! The local socket: one agent per user, in a folder that nobody else can use.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use tokio::net::{UnixListener, UnixStream};

use super::program::{Uptime, is_own_program};
use super::{Owner, this_owner};
use crate::socket_error::SocketError;

/// The local socket; its file goes when this does.
#[derive(Debug)]
pub(crate) struct LocalSocket {
    listener: Option<UnixListener>,
    path: PathBuf,
    inode: u64,
    _lock: File,
}

impl From<Errno> for SocketError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

impl LocalSocket {
    /// Listens at `path`; to be called inside of a runtime. A file that a dead agent left there is
    /// replaced; the lock beside it, which dies with its holder, keeps two new agents from replacing
    /// each other's.
    pub(crate) fn bind(path: &Path) -> Result<Self, SocketError> {
        let lock = lock(&path.with_extension("lock"))?;
        if is_answered(path)? {
            return Err(SocketError::Busy);
        }
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            listener: Some(listener),
            path: path.to_owned(),
            inode: fs::symlink_metadata(path)?.ino(),
            _lock: lock,
        })
    }

    /// The next program that comes. Safe to drop and call again.
    pub(crate) async fn accept(&mut self) -> io::Result<Visitor> {
        match &self.listener {
            Some(listener) => listener.accept().await.map(|(stream, _)| Visitor {
                stream,
                since: Uptime::now(),
            }),
            None => std::future::pending().await,
        }
    }

    /// Takes no more programs, and keeps the place.
    pub(crate) fn stop_listening(&mut self) {
        self.listener = None;
    }
}

/// A program that came to the local socket.
#[derive(Debug)]
pub(crate) struct Visitor {
    stream: UnixStream,
    since: Uptime,
}

impl Visitor {
    /// Whose program it is.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub(crate) fn owner(&self) -> io::Result<Owner> {
        Ok(self.stream.peer_cred()?.uid())
    }

    /// Its process, where the kernel says.
    pub(crate) fn process(&self) -> Option<u32> {
        let peer = self.stream.peer_cred().ok()?;
        peer.pid()?.try_into().ok()
    }

    /// Whether it is one of Cardea's own programs; one that cannot be looked at is not.
    pub(crate) async fn is_own_program(&self) -> bool {
        let Some(pid) = self.stream.peer_cred().ok().and_then(|peer| peer.pid()) else {
            return false;
        };
        let since = self.since;
        let look = move || is_own_program(pid, since).unwrap_or(false);
        tokio::task::spawn_blocking(look).await.unwrap_or(false)
    }

    /// What is said.
    pub(crate) fn into_stream(self) -> UnixStream {
        self.stream
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        let is_still_ours =
            fs::symlink_metadata(&self.path).is_ok_and(|there| there.ino() == self.inode);
        if is_still_ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "cannot remove the local socket");
        }
    }
}

fn lock(path: &Path) -> Result<File, SocketError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file.into()),
        Err(Errno::WOULDBLOCK) => Err(SocketError::AgentRuns),
        Err(error) => Err(error.into()),
    }
}

/// Whether something listens at `path`. Does not wait for it to take the connection.
fn is_answered(path: &Path) -> Result<bool, SocketError> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) | Err(Errno::AGAIN) => Ok(true),
        Err(Errno::NOENT | Errno::CONNREFUSED) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes sure that `folder` is there, is a folder of this user, and that nobody else can use it.
///
/// # Errors
/// When it is not so and cannot be made so.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    // What others could write to may have something of theirs in it.
    if found.uid() != this_owner()? || found.mode() & 0o022 != 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Opens a new or emptied file that only this user can read.
///
/// # Errors
/// When it cannot be made, or is a link.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let flags =
        OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mode = Mode::RUSR | Mode::WUSR;
    let file = File::from(rustix::fs::open(path, flags, mode)?);
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Waits until nobody else holds the file at `path`, and holds it until it is dropped.
///
/// # Errors
/// When it cannot be made, or is a link.
pub(crate) fn hold(path: &Path) -> io::Result<File> {
    let file = create_private(path)?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn the_socket_is_for_its_user_only_and_goes_with_its_agent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let socket = LocalSocket::bind(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_second_agent_is_told_that_the_socket_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let _first = LocalSocket::bind(&path).unwrap();
        let second = LocalSocket::bind(&path);
        assert!(matches!(second, Err(SocketError::AgentRuns)));
        assert!(path.exists());
    }

    #[tokio::test]
    async fn a_squatter_without_the_lock_is_not_pushed_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let _squatter = UnixListener::bind(&path).unwrap();
        assert!(matches!(LocalSocket::bind(&path), Err(SocketError::Busy)));
    }

    #[tokio::test]
    async fn what_a_dead_agent_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        assert!(LocalSocket::bind(&path).is_ok());
    }

    #[tokio::test]
    async fn a_socket_that_took_our_place_stays_when_we_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let ours = LocalSocket::bind(&path).unwrap();
        let another = folder.path().join("another.sock");
        let _another = UnixListener::bind(&another).unwrap();
        fs::rename(&another, &path).unwrap();
        drop(ours);
        assert!(path.exists());
    }

    #[test]
    fn a_folder_that_others_can_use_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("cardea");
        private_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        private_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700, "closed to others");
        fs::set_permissions(&folder, Permissions::from_mode(0o770)).unwrap();
        let refused = private_folder(&folder).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(parent.path(), &link).unwrap();
        assert!(private_folder(&link).is_err());
    }
}
