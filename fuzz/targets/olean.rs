//! A compiled module may contain anything: it is read or refused, never with a panic, and in bounded time.
#![no_main]

use leanwright_olean::{Module, Store, axiom_names, import_names};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut store = Store::new();
    if let Ok(module) = Module::read(bytes, &mut store) {
        for constant in module.constants.values() {
            let _ = constant.mentions(&store);
            let _ = store.digest(constant.type_);
        }
    }
    let _ = import_names(bytes);
    let _ = axiom_names(bytes);
});
