//! The process on its own, for Windows; see the library.

fn main() {
    reader_process::run(|| {});
}
