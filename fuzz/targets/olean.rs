//! A compiled module may contain anything: it is read or refused, never with a panic, in bounded time, and in memory
//! that is a stated multiple of it.
#![no_main]

use leanwright_olean::{MEMORY_PER_BYTE, Module, Olean, Store, axiom_names, import_names};
use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What even an empty file takes.
const FLOOR: usize = 64 << 10;

fuzz_target!(|bytes: &[u8]| {
    // A last byte that files seldom have says that they are two parts.
    let cut = bytes.last().filter(|last| **last >= 0xf8).map_or(0, |last| bytes.len() * usize::from(*last & 7) / 8);
    let (first, second) = bytes.split_at(cut);
    let olean = if cut == 0 { Olean::new(bytes.to_vec()) } else { Olean::of_parts([first.to_vec(), second.to_vec()]) };
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut store = Store::new();
    let read = Module::read(&olean, &mut store);
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken <= FLOOR + bytes.len() * MEMORY_PER_BYTE, "{taken} bytes for a file of {}", bytes.len());
    if let Ok(module) = read {
        for constant in module.constants.values() {
            let _ = constant.mentions(&store);
            let _ = store.digest(constant.type_);
        }
    }
    let _ = import_names(&olean);
    let _ = axiom_names(&olean);
});
