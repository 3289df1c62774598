//! Config files on disk. Anything but a regular file is rejected at once, at its include.

use lumen::{Dialect, limits::FILE_BYTES, load_config, load_config_as};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::path::PathBuf;

/// Creates an empty directory for one test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("lumen-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn anything_but_a_regular_file_is_rejected() {
    let folder = folder("kinds");
    let main = folder.join("printer.cfg");
    let here = folder.display();
    let fifo = folder.join("fifo.cfg");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    fs::create_dir(folder.join("folder.cfg")).unwrap();
    for (include, wanted) in [
        (
            "fifo.cfg",
            format!("cannot read {here}/fifo.cfg: it is a FIFO, not a regular file"),
        ),
        (
            "folder.*",
            format!("cannot read {here}/folder.cfg: it is a directory, not a regular file"),
        ),
        (
            "/dev/zero",
            "cannot read /dev/zero: it is a device, not a regular file".to_owned(),
        ),
    ] {
        fs::write(&main, format!("[lumen]\n[include {include}]\n")).unwrap();
        let error = load_config(&main).unwrap_err();
        assert_eq!(error.to_string(), format!("{here}/printer.cfg:2: {wanted}"));
    }
    let error = load_config(&fifo).unwrap_err();
    assert_eq!(error.location, None);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn patterns_find_files_in_directories() {
    let folder = folder("patterns");
    for name in ["b/x.cfg", "a/x.cfg", "a-b/x.cfg", "a/.x.cfg"] {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        let section = name.replace('/', " ");
        fs::write(folder.join(name), format!("[{section}]\n")).unwrap();
    }
    fs::write(folder.join("printer.cfg"), "[include */[x]*.cfg]\n").unwrap();
    let read = load_config(&folder.join("printer.cfg")).unwrap();
    let names: Vec<&str> = read.sections().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a-b x.cfg", "a x.cfg", "b x.cfg"]);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_size_of_a_file_is_limited_and_it_must_be_utf8() {
    let folder = folder("sizes");
    let path = folder.join("printer.cfg");
    fs::write(&path, "\n".repeat(FILE_BYTES)).unwrap();
    assert!(load_config(&path).is_ok());
    fs::write(&path, "\n".repeat(FILE_BYTES + 1)).unwrap();
    let wanted = format!("{} must have at most {FILE_BYTES} bytes", path.display());
    assert_eq!(load_config(&path).unwrap_err().to_string(), wanted);
    fs::write(&path, b"[lumen]\n\xff\n").unwrap();
    let problem = load_config(&path).unwrap_err().to_string();
    assert!(problem.contains("is not UTF-8"), "{problem}");
    let absent = load_config(&folder.join("none.cfg"))
        .unwrap_err()
        .to_string();
    assert!(
        absent.ends_with("none.cfg: No such file or directory"),
        "{absent}"
    );
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn invalid_utf8_is_reported_with_its_line() {
    let folder = folder("latin");
    let main = folder.join("printer.cfg");
    let part = folder.join("lights.cfg");
    fs::write(&main, "[lumen]\n[include lights.cfg]\n").unwrap();
    fs::write(&part, b"[lumen_group a]\n# gr\xfcn\n").unwrap();
    let error = load_config(&main).unwrap_err();
    let problem = "the line has a byte that is not UTF-8 (0xfc), so Klipper cannot read the file; \
                   save it as UTF-8";
    assert_eq!(
        error.to_string(),
        format!("{}:2: {problem}", part.display())
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn two_stars_search_all_directories_in_kalico() {
    let folder = folder("depth");
    let main = folder.join("printer.cfg");
    fs::create_dir_all(folder.join("a/b/.c")).unwrap();
    fs::write(&main, "[include a/**/*.cfg]\n").unwrap();
    for (name, text) in [
        ("a/0.cfg", "[s0]\n"),
        ("a/b/1.cfg", "[s1]\n"),
        ("a/b/.c/2.cfg", "[s2]\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let names = |dialect| {
        let read = load_config_as(dialect, &main).unwrap();
        let sections = read.sections().iter();
        sections.map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(Dialect::Klipper), ["s1"]);
    assert_eq!(names(Dialect::Kalico), ["s0", "s1"]);
    // A link to a parent must end at a limit, not in an endless search.
    std::os::unix::fs::symlink(&folder, folder.join("a/up")).unwrap();
    let found = load_config_as(Dialect::Kalico, &main);
    assert!(found.is_err() || found.unwrap().section("s0").is_some());
    fs::remove_dir_all(folder).unwrap();
}
