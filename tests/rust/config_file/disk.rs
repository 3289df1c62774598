//! What is no regular file is refused at once, in words, at the include that names it.

use lumen::config_file::load;
use lumen::limits::FILE_BYTES;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::path::PathBuf;

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("lumen-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn what_is_no_regular_file_is_refused() {
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
        let error = load(&main).unwrap_err();
        assert_eq!(error.to_string(), format!("{here}/printer.cfg:2: {wanted}"));
    }
    let error = load(&fifo).unwrap_err();
    assert_eq!(error.place, None);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn patterns_find_files_in_folders() {
    let folder = folder("patterns");
    for name in ["b/x.cfg", "a/x.cfg", "a-b/x.cfg", "a/.x.cfg"] {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        let section = name.replace('/', " ");
        fs::write(folder.join(name), format!("[{section}]\n")).unwrap();
    }
    fs::write(folder.join("printer.cfg"), "[include */[x]*.cfg]\n").unwrap();
    let read = load(&folder.join("printer.cfg")).unwrap();
    let names: Vec<&str> = read.sections().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a-b x.cfg", "a x.cfg", "b x.cfg"]);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_file_has_a_limit_and_is_utf8() {
    let folder = folder("sizes");
    let path = folder.join("printer.cfg");
    fs::write(&path, "\n".repeat(FILE_BYTES)).unwrap();
    assert!(load(&path).is_ok());
    fs::write(&path, "\n".repeat(FILE_BYTES + 1)).unwrap();
    let wanted = format!("{} must have at most {FILE_BYTES} bytes", path.display());
    assert_eq!(load(&path).unwrap_err().to_string(), wanted);
    fs::write(&path, b"[lumen]\n\xff\n").unwrap();
    let problem = load(&path).unwrap_err().to_string();
    assert!(problem.contains("is not UTF-8"), "{problem}");
    let absent = load(&folder.join("none.cfg")).unwrap_err().to_string();
    assert!(
        absent.ends_with("none.cfg: No such file or directory"),
        "{absent}"
    );
    fs::remove_dir_all(&folder).unwrap();
}
