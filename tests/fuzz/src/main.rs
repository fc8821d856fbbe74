//! The fuzzer, for the target that the environment variable `FUZZ_TARGET` names: `cargo xtask fuzz`.
//! Built without its runtime it runs given inputs once: `cargo run -p fuzz -- TARGET FILE...`

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
    use std::sync::LazyLock;
    static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        fuzz::target(&name).expect("FUZZ_TARGET names a target")
    });
    match TARGET.1(input) {
        fuzz::Verdict::Accepted | fuzz::Verdict::Refused => libfuzzer_sys::Corpus::Keep,
        fuzz::Verdict::Unreadable => libfuzzer_sys::Corpus::Reject,
    }
});

#[cfg(not(fuzzing))]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some((_, run)) = fuzz::target(&name) else {
        let names: Vec<_> = fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("Usage: fuzz TARGET FILE...\nTargets: {}", names.join(", "));
        std::process::exit(2);
    };
    for file in arguments {
        let input = std::fs::read(&file).expect("the file can be read");
        println!("{file}: {:?}", run(&input));
    }
}
