//! A compiled module may contain anything: it is read or refused, never with a panic, and in bounded time.
#![no_main]

use leanwright_olean::{Module, Olean, Store, axiom_names, import_names};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The last byte says whether the rest is one file or is cut into parts.
    let cut = bytes.last().map_or(0, |last| bytes.len() * usize::from(*last & 7) / 8);
    let (first, second) = bytes.split_at(cut);
    let olean = if cut == 0 { Olean::new(bytes.to_vec()) } else { Olean::of_parts([first.to_vec(), second.to_vec()]) };
    let mut store = Store::new();
    if let Ok(module) = Module::read(&olean, &mut store) {
        for constant in module.constants.values() {
            let _ = constant.mentions(&store);
            let _ = store.digest(constant.type_);
        }
    }
    let _ = import_names(&olean);
    let _ = axiom_names(&olean);
});
