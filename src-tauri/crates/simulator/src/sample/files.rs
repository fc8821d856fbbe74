//! The files of the page, as they are built into this program.

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file and where it is served.
pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) kind: &'static str,
    pub(super) content: &'static str,
}

impl File {
    /// The file at this path.
    pub(super) fn at(path: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.path == path)
    }
}

macro_rules! file {
    ($path:expr, $kind:ident, $file:expr) => {
        File {
            path: $path,
            kind: $kind,
            content: include_str!(concat!("../../../../clients/typescript/", $file)),
        }
    };
}

macro_rules! client {
    ($name:literal) => {
        file!(concat!("/client/", $name), SCRIPT, concat!("dist/", $name))
    };
}

const FILES: &[File] = &[
    file!("/", HTML, "sample/index.html"),
    file!("/sample.css", CSS, "sample/sample.css"),
    file!("/sample.js", SCRIPT, "sample/sample.js"),
    client!("address.js"),
    client!("client.js"),
    client!("error.js"),
    client!("event.js"),
    client!("exchange.js"),
    client!("find.js"),
    client!("index.js"),
    client!("line.js"),
    client!("page.js"),
    client!("pairing.js"),
    client!("parser.js"),
    client!("proof.js"),
    client!("silence.js"),
    client!("snapshot.js"),
    client!("stream.js"),
    client!("tabs.js"),
    client!("view.js"),
    client!("views.js"),
    client!("watch.js"),
    client!("world.js"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a script at `path` imports, as paths.
    fn imports<'a>(path: &str, script: &'a str) -> impl Iterator<Item = String> + use<'a> {
        let folder = path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned();
        let quoted = script.split(" from './").skip(1);
        quoted.filter_map(move |rest| {
            let (name, _) = rest.split_once('\'')?;
            Some(format!("{folder}/{name}"))
        })
    }

    #[test]
    fn every_module_that_the_page_imports_is_served() {
        let scripts = FILES.iter().filter(|file| file.kind == SCRIPT);
        let mut count = 0;
        for file in scripts {
            for path in imports(file.path, file.content) {
                assert!(File::at(&path).is_some(), "{path} for {}", file.path);
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }
}
