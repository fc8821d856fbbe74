//! Settings as behaviour. No file is touched but in `files`.

mod errors;
mod files;
mod fuzz;
mod live;
mod own;
mod parts;
mod places;
pub(super) mod registry;
mod rights;
mod values;
#[cfg(windows)]
mod windows;

use std::path::PathBuf;

use super::source::{Content, Gathered, Source, Standing};
use super::*;

/// The full path of a program.
const PROGRAM: &str = if cfg!(windows) {
    r"C:\Program Files\x\x.exe"
} else {
    "/usr/bin/true"
};

/// Loads what is written in these places, as if in files that administrators alone can write.
fn load_texts(texts: &[(Place, &str)]) -> Loaded {
    load_as(Standing::Administrator, Build::Release, texts)
}

fn load_as(standing: Standing, build: Build, texts: &[(Place, &str)]) -> Loaded {
    let source = |(place, text): &(Place, &str)| Source {
        origin: Origin::whole(*place, PathBuf::from(format!("/{place}.toml"))),
        standing,
        content: Content::Text((*text).to_owned()),
    };
    let gathered = Gathered {
        sources: texts.iter().map(source).collect(),
        errors: Vec::new(),
    };
    loaded(gathered, build)
}

fn load_file(text: &str) -> Loaded {
    load_texts(&[(Place::File, text)])
}

pub(super) fn shown(errors: &[SettingError]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn value<'a>(settings: &'a Effective, key: &str) -> &'a str {
    let row = settings.show().iter().find(|row| row.key == key);
    &row.unwrap_or_else(|| panic!("no {key}")).value
}
