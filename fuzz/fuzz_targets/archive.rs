#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resitu_fuzz::archive(bytes));
