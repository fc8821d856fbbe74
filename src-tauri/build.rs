//! Takes the page, the icons and what the window may do into the program.

fn main() {
    tauri_build::build();
}
