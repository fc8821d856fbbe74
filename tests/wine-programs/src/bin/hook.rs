//! What IT has run when a session has ended: says what it is told, and what a user sees of it.
//!
//! Usage: `hook [ARGUMENT]…`

#[cfg(windows)]
fn main() {
    use cardea_win32::console_of_this;

    let variable = |name| std::env::var(name).unwrap_or_default();
    println!(
        "hook: reason {}, session {}, console {:?}, arguments {:?}",
        variable("CARDEA_REASON"),
        variable("CARDEA_SESSION_ID"),
        console_of_this(),
        std::env::args().skip(1).collect::<Vec<_>>()
    );
}

#[cfg(not(windows))]
fn main() {
    panic!("only Windows shows consoles");
}
