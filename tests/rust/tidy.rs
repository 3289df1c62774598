//! Checks the rules of the source tree: which module uses which, how long files and functions are,
//! and where `unsafe` may stand.

// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod language;
#[cfg(test)]
mod source;

use source::{Source, files};

/// The modules of the crate, lowest first; a module names only itself and modules of lower rows.
const MODULES: &[&[&str]] = &[
    &["limits"],
    &["text", "time"],
    &["color"],
    &["input", "layout"],
    &["effect", "state"],
    &["finish", "layer", "wire"],
    &["plan"],
    &["spec"],
    &["config_file", "renderer"],
    &["check", "request"],
    &["output", "simulation"],
    &["engine", "helper"],
    &["command", "reload"],
    &["doctor"],
    &["native", "py", "wasm"],
];

/// System calls, and the exports of the WebAssembly module, whose fixed names count as unsafe.
const UNSAFE: [&str; 2] = ["src/output/sys.rs", "src/wasm/exports.rs"];

const RUST_FILE_LINES: usize = 500;
const PYTHON_FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;

fn row(module: &str) -> Option<usize> {
    MODULES.iter().position(|modules| modules.contains(&module))
}

/// Fails with all findings at once, one a line.
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

fn crate_sources() -> Vec<Source> {
    files(&["src"], "rs")
}

#[test]
fn every_module_has_a_place_in_the_order() {
    let unknown: Vec<String> = crate_sources()
        .iter()
        .filter(|source| source.module() != "lib" && row(source.module()).is_none())
        .map(|source| format!("{}: no such module", source.path))
        .collect();
    none(&unknown);
}

#[test]
fn a_lower_module_never_uses_a_higher_one() {
    let mut findings = Vec::new();
    for source in crate_sources() {
        let module = source.module();
        for named in source.modules_used() {
            if module != "lib" && named != module && row(&named) >= row(module) {
                findings.push(format!("{}: {module} must not use {named}", source.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn files_stay_short() {
    let rust = files(&["src", "tests/rust", "benches"], "rs");
    let python = files(&["python", "klippy_extra", "tests"], "py");
    let limits = [(rust, RUST_FILE_LINES), (python, PYTHON_FILE_LINES)];
    let mut findings = Vec::new();
    for (sources, limit) in limits {
        for source in sources {
            let lines = source.text.lines().count();
            if lines > limit {
                findings.push(format!("{}: {lines} lines, limit {limit}", source.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    // A scenario of tests/rust may be long: it reads from top to bottom.
    for source in files(&["src", "benches"], "rs") {
        for (name, lines) in source.functions() {
            if lines > FUNCTION_LINES {
                findings.push(format!(
                    "{}: {name} has {lines} lines, limit {FUNCTION_LINES}",
                    source.path
                ));
            }
        }
    }
    none(&findings);
}

#[test]
fn a_parent_module_stands_beside_its_directory() {
    let findings: Vec<String> = files(&["src", "tests/rust"], "rs")
        .into_iter()
        .map(|source| source.path)
        .filter(|path| path.ends_with("/mod.rs"))
        .collect();
    none(&findings);
}

#[test]
fn unsafe_code_is_only_at_the_edges() {
    let findings: Vec<String> = crate_sources()
        .into_iter()
        .filter(|source| !UNSAFE.contains(&&*source.path) && source.has_word("unsafe"))
        .map(|source| source.path)
        .collect();
    none(&findings);
}

#[test]
fn python_is_known_only_at_the_edge() {
    let findings: Vec<String> = crate_sources()
        .into_iter()
        .filter(|source| source.module() != "py" && source.has_word("pyo3"))
        .map(|source| source.path)
        .collect();
    none(&findings);
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    // Put together here, so that this file passes.
    let places = ["root", "work", "home/runner"].map(|place| format!("/{place}/"));
    let folders = ["src", "tests", "benches", "python", "klippy_extra", "docs"];
    let mut findings = Vec::new();
    for extension in ["rs", "py", "pyi", "md", "cfg"] {
        for source in files(&folders, extension) {
            for place in &places {
                if source.text.contains(place.as_str()) {
                    findings.push(format!("{}: {place}", source.path));
                }
            }
        }
    }
    none(&findings);
}
