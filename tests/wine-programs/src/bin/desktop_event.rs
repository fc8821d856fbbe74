//! Lets the agent hear of something that happens to the session, as Windows would tell it.
//!
//! Usage: `desktop-event lock|unlock|disconnect|suspend|resume|log-off`

#[cfg(windows)]
fn main() {
    use cardea_win32::desktop::{Staged, stage};

    let what = match std::env::args().nth(1).as_deref() {
        Some("lock") => Staged::Lock,
        Some("unlock") => Staged::Unlock,
        Some("disconnect") => Staged::Disconnect,
        Some("suspend") => Staged::Suspend,
        Some("resume") => Staged::Resume,
        Some("log-off") => Staged::LogOff,
        other => panic!("{other:?} cannot happen"),
    };
    stage(what).unwrap();
}

#[cfg(not(windows))]
fn main() {
    panic!("only Windows tells it so");
}
