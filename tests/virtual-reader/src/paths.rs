//! The part of libc by which pcscd finds its files and drivers.
//!
//! `/run/pcscd` is in the test's folder, and the driver of USB readers is this library. Each
//! function is libc's for everything else.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;
use std::ptr::null;

const RUN: &[u8] = b"/run/pcscd";
const USB_DRIVER: &str = "libccid.so";

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// `RTLD_NEXT`: the function of this name in the libraries after this one.
const NEXT: *mut c_void = std::ptr::without_provenance_mut(usize::MAX);
/// `RTLD_DEEPBIND`: other drivers find their own functions before this library's of the same name.
const DEEPBIND: c_int = 8;

/// libc's function of this name.
///
/// # Safety
/// `F` is the type of that function.
unsafe fn libc<F: Copy>(name: &CStr) -> F {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    // SAFETY: a function pointer is as large as this one, and the caller knows its type.
    unsafe { std::mem::transmute_copy(&dlsym(NEXT, name.as_ptr())) }
}

/// The path that pcscd should get instead; the path itself when nothing is to be changed.
unsafe fn moved(path: *const c_char) -> CString {
    // SAFETY: pcscd passes strings for paths.
    let path = unsafe { CStr::from_ptr(path) };
    match (path.to_bytes().strip_prefix(RUN), crate::folder()) {
        (Some(rest), Some(folder)) => {
            let moved = [folder.as_os_str().as_bytes(), b"/pcscd", rest].concat();
            CString::new(moved).unwrap()
        }
        _ => path.to_owned(),
    }
}

/// Defines functions of libc that take a path and something else.
macro_rules! moved {
    ($($name:ident as $symbol:literal ($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(path: *const c_char, $($argument: $type),*) -> $answer {
            // SAFETY: the type is the one in libc's manual, the arguments are pcscd's own, and a
            // path stays a path.
            unsafe {
                let path = moved(path);
                let function: unsafe extern "C" fn(*const c_char, $($type),*) -> $answer =
                    libc($symbol);
                function(path.as_ptr(), $($argument),*)
            }
        }
    )*};
}

moved! {
    // Variadic in C: its third argument is passed like any other on x86-64 and on Linux/AArch64.
    open as c"open" (flags: c_int, mode: c_uint) -> c_int;
    fopen as c"fopen" (mode: *const c_char) -> *mut c_void;
    stat as c"stat" (buffer: *mut c_void) -> c_int;
    mkdir as c"mkdir" (mode: c_uint) -> c_int;
    chmod as c"chmod" (mode: c_uint) -> c_int;
    remove as c"remove" () -> c_int;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void {
    // SAFETY: the type in libc's manual.
    let dlopen: unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void =
        unsafe { libc(c"dlopen") };
    // SAFETY: pcscd's own call; a null path means the program with what was preloaded into it.
    unsafe {
        if path.is_null() || crate::folder().is_none() {
            dlopen(path, flags)
        } else if CStr::from_ptr(path).to_string_lossy().ends_with(USB_DRIVER) {
            dlopen(null(), flags)
        } else {
            dlopen(path, flags | DEEPBIND)
        }
    }
}
