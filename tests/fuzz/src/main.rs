//! The targets under libFuzzer. `GPET_FUZZ_TARGET` names the one to run; the rest of the command line is libFuzzer's.

#![no_main]

use std::sync::LazyLock;

use fuzz::Target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("GPET_FUZZ_TARGET").unwrap_or_default();
    fuzz::named(&name).unwrap_or_else(|| panic!("GPET_FUZZ_TARGET: no target is called `{name}`"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.read)(data));
