//! Any text as a config file: it is read, or refused with a file and a line; the same for its Lumen
//! sections.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lumen::config_file::{MemoryFiles, read};
use std::path::Path;

fuzz_target!(|text: &str| {
    let files = [
        ("a.cfg", text.to_owned()),
        ("b.cfg", "[lumen]\na: ${b}\n".to_owned()),
    ];
    match read(Path::new("a.cfg"), &mut MemoryFiles::new(files)) {
        Ok(config) => {
            let _ = (config.lumen(), config.facts());
        }
        Err(error) => assert!(error.place.is_some()),
    }
});
