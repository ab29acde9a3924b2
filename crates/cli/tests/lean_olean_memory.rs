//! The memory that reading a compiled module takes, measured on all of Lean's library: at most a stated multiple of the file.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_olean::{MEMORY_PER_BYTE, Module, Olean, Store};
use leanwright_testkit::Modules;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What even an empty file takes.
const FLOOR: usize = 64 << 10;

#[test]
fn memory_is_a_stated_multiple_of_the_file() {
    let (mut greatest, mut files) = (0.0_f64, 0);
    let mut folders = vec![Modules::library_folder()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "olean") {
                let olean = Olean::new(std::fs::read(&path).unwrap());
                let before = MEMORY.current_usage();
                MEMORY.reset_peak_usage();
                let mut store = Store::new();
                let module = Module::read(&olean, &mut store).unwrap();
                let taken = MEMORY.peak_usage() - before;
                let size = olean.bytes().len();
                assert!(taken <= FLOOR + size * MEMORY_PER_BYTE, "{}: {taken} for {size} bytes", path.display());
                greatest = greatest.max(taken.saturating_sub(FLOOR) as f64 / size as f64);
                files += 1;
                drop(module);
            }
        }
    }
    println!("{files} files; {greatest:.1} bytes for each byte at most");
    assert!(files > 2000);
}
