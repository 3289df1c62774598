//! Tests of opening devices: the checks of the file type and of the driver, and the lock.

use super::*;
use rustix::fs::{CWD, Mode, mkfifoat};
use std::path::PathBuf;

const ANY: Kind = Kind {
    driver: "ws2812-pio-rp1",
    major: None,
    name: "a device of the ws2812-pio driver",
    remedy: "run 'ls /dev/leds*' to list them",
    is_readable: false,
};

const DEVICES: &str = "Character devices:\n  1 mem\n  5 /dev/tty\n153 spi\n510 ws2812-pio-rp1\n\n\
                       Block devices:\n  8 sd\n254 spi\n";

fn open_error(path: &str) -> String {
    let to_error = |error: &io::Error| OutputError::new(format!("kernel: {error}"), "");
    Device::open(path, &ANY, &to_error).unwrap_err().problem
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lumen-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_regular_file_is_refused_and_unchanged_even_behind_a_link() {
    let folder = Folder::new("device-file");
    let (file, link) = (folder.at("printer.cfg"), folder.at("leds0"));
    fs::write(&file, "[printer]\n").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&file, &link] {
        let expected = format!("{path} is a regular file, not a device of the ws2812-pio driver");
        assert_eq!(open_error(path), expected);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "[printer]\n");
}

#[test]
fn opening_does_not_block_on_a_fifo_and_creates_nothing() {
    let folder = Folder::new("device-fifo");
    let fifo = folder.at("fifo");
    mkfifoat(CWD, &fifo, Mode::RWXU).unwrap();
    assert!(open_error(&fifo).contains(" is a FIFO, not a device "));
    assert!(open_error(&folder.at("")).contains(" is a directory, not a device "));
    let absent = folder.at("absent");
    assert!(open_error(&absent).starts_with("kernel: No such file"));
    assert!(!Path::new(&absent).exists());
}

#[test]
fn devices_of_other_drivers_are_refused_by_name() {
    let null = "/dev/null is a device of the driver 'mem', not a device of the ws2812-pio driver";
    assert_eq!(open_error("/dev/null"), null);
    assert!(open_error("/dev/ptmx").contains("is a device of the driver '"));
}

#[test]
fn a_driver_is_found_by_the_major_number_of_a_character_device() {
    assert_eq!(driver_of(DEVICES, 153), Some("spi"));
    assert_eq!(driver_of(DEVICES, 510), Some("ws2812-pio-rp1"));
    assert_eq!(driver_of(DEVICES, 1), Some("mem"));
    assert_eq!(driver_of(DEVICES, 8), None);
    assert_eq!(driver_of("", 153), None);
}

#[test]
fn a_locked_device_is_in_use_until_it_is_dropped() {
    let folder = Folder::new("device-lock");
    let path = folder.at("node");
    fs::write(&path, "").unwrap();
    let open = || Device::lock(File::open(&path).unwrap(), "/dev/leds0");
    let first = open().unwrap();
    // Like the copy of a forked child.
    let _child = first.file.try_clone().unwrap();
    assert_eq!(
        open().unwrap_err().to_string(),
        "another process drives the strip on /dev/leds0 (only one Klipper can drive a strip: use \
         another device, or remove the strip from one printer.cfg)"
    );
    drop(first);
    assert!(open().is_ok());
}
