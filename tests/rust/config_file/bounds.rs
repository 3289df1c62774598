//! The limits of config files, and of includes that form a graph.

use super::{parse, problem};
use lumen::{
    MemoryFiles, limits::CONFIG_BYTES, limits::INCLUDE_DEPTH, limits::INCLUDES, limits::LINE_BYTES,
    limits::SECTION_OPTIONS, limits::SECTIONS, limits::VALUE_BYTES, read_config,
};
use std::fmt::Write as _;
use std::path::Path;

/// Reads files with the given texts; each may include the others.
fn graph(files: Vec<(String, String)>) -> Result<usize, String> {
    let read = read_config(Path::new("0"), &mut MemoryFiles::new(files));
    read.map(|it| it.sections().len())
        .map_err(|error| error.to_string())
}

#[test]
fn the_depth_of_includes_is_limited() {
    let chain = |count: usize| {
        let file = |n: usize| (n.to_string(), format!("[include {}]\n", n + 1));
        let mut files: Vec<_> = (0..count - 1).map(file).collect();
        files.push(((count - 1).to_string(), "[lumen]\n".to_owned()));
        graph(files)
    };
    assert_eq!(chain(INCLUDE_DEPTH), Ok(1));
    let wanted = format!("includes must not be nested deeper than {INCLUDE_DEPTH} files");
    let deep = Err(format!("{}:1: {wanted}", INCLUDE_DEPTH - 1));
    assert_eq!(chain(INCLUDE_DEPTH + 1), deep);
    assert_eq!(chain(900), deep);
}

#[test]
fn includes_that_fan_out_are_counted() {
    let twice = |n: usize| (n.to_string(), format!("[include {}]\n", n + 1).repeat(2));
    let problem = graph((0..40).map(twice).collect()).unwrap_err();
    assert!(problem.contains("deeper"), "{problem}");
    let mut files: Vec<_> = (0..20).map(twice).collect();
    files.push(("20".to_owned(), "[lumen]\n".to_owned()));
    let problem = graph(files).unwrap_err();
    let wanted = format!("a config must have at most {INCLUDES} included files");
    let lines = format!("a config must have at most {INCLUDES} includes");
    assert!(
        problem.ends_with(&wanted) || problem.ends_with(&lines),
        "{problem}"
    );
}

#[test]
fn the_total_size_of_all_files_is_limited() {
    let text = "\n".repeat(CONFIG_BYTES / 8);
    let files = [
        ("0".to_owned(), "[include 1]\n".repeat(9)),
        ("1".to_owned(), text),
    ];
    let wanted = format!("0:8: a config must have at most {CONFIG_BYTES} bytes in all");
    assert_eq!(graph(files.to_vec()), Err(wanted));
}

#[test]
fn lines_includes_sections_and_configs_are_limited() {
    let line = format!("[x]\na: {}\n", "x".repeat(LINE_BYTES));
    let wanted = format!("printer.cfg:2: a line must have at most {LINE_BYTES} bytes");
    assert_eq!(problem(&line, &[]), wanted);
    let include = format!("[include {}]\n", "x".repeat(VALUE_BYTES + 1));
    let wanted = format!("printer.cfg:1: an include must have at most {VALUE_BYTES} bytes");
    assert_eq!(problem(&include, &[]), wanted);
    let mut text = "[x]\n".to_owned();
    for index in 0..SECTION_OPTIONS {
        let _ = writeln!(text, "o{index}: 1");
    }
    // A repeated option does not count twice.
    assert!(parse(&format!("{text}o7: 2\n"), &[]).is_ok());
    let wanted = format!(
        "printer.cfg:{}: section 'x' must have at most {SECTION_OPTIONS} options",
        SECTION_OPTIONS + 2
    );
    assert_eq!(problem(&format!("{text}more: 2\n"), &[]), wanted);
    let mut text = String::new();
    for index in 0..=SECTIONS {
        let _ = writeln!(text, "[x{index}]");
    }
    let last = SECTIONS + 1;
    let wanted = format!("printer.cfg:{last}: a config must have at most {SECTIONS} sections");
    assert_eq!(problem(&text, &[]), wanted);
}

#[test]
fn the_options_of_default_in_all_sections_are_limited() {
    let mut text = "[DEFAULT]\n".to_owned();
    for number in 0..SECTION_OPTIONS {
        let _ = writeln!(text, "o{number}: {}", "x".repeat(1000));
    }
    for number in 0..SECTIONS - 1 {
        let _ = writeln!(text, "[s{number}]");
    }
    let wanted = format!(
        "printer.cfg:1: a config must have at most {CONFIG_BYTES} bytes in all, with the options of \
         [DEFAULT] in every section"
    );
    assert_eq!(problem(&text, &[]), wanted);
}
