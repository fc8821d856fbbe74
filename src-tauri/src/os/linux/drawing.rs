//! Without OpenGL the tray has 40 MiB less: GDK sets it up for windows that the tray never has, and
//! where there is no graphics card that brings a compiler along.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What GDK looks at (<https://docs.gtk.org/gtk3/running.html>).
const NAME: &str = "GDK_GL";
/// GDK knows the first word, and we by the second that it is of us.
const OURS: &str = "disable,cardea";

/// Starts this program anew, in this process, without OpenGL. Comes back where that is so already,
/// where the user has said how it is to be, and where it cannot be done.
pub(crate) fn draw_without_gl() {
    if env::var_os(NAME).is_some() {
        return;
    }
    let Ok(itself) = env::current_exe() else {
        return;
    };
    let error = Command::new(itself)
        .args(env::args_os().skip(1))
        .env(NAME, OURS)
        .exec();
    tracing::warn!(%error, "the tray takes more memory than it needs");
}

/// The variable that is not for other programs: they draw as they like.
pub(crate) fn own_variable() -> Option<&'static str> {
    let is_ours = env::var_os(NAME).is_some_and(|value| value == OURS);
    is_ours.then_some(NAME)
}
