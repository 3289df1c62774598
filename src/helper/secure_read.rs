//! Reads files that control a root process: only root and the process's user can have written them.

use rustix::fs::{Mode, OFlags, fstat, open, stat};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Maximum length of a file in bytes.
const MAX_BYTES: u64 = 65_536;
const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;

/// Reads a file that only root and the user of this process can change or replace.
pub(super) fn read(path: &Path) -> Result<String, String> {
    if !path.is_absolute() {
        return Err(format!("{} is not an absolute path", path.display()));
    }
    let cannot = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
    // The canonical folder, because links in the path lead to other folders.
    let folder = path.parent().unwrap_or(path).canonicalize();
    let path = &folder
        .map_err(|error| cannot(&error))?
        .join(path.file_name().unwrap_or_default());
    // NONBLOCK: opening a FIFO does not wait for a writer.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = open(path, flags, Mode::empty()).map_err(|errno| cannot(&errno))?;
    let status = fstat(&file).map_err(|errno| cannot(&errno))?;
    if status.st_mode & KIND != FILE {
        return Err(format!("{} is not a file", path.display()));
    }
    let me = rustix::process::geteuid().as_raw();
    check_owner_and_mode(path, status.st_uid, status.st_mode, me)?;
    for folder in path.ancestors().skip(1) {
        let status = stat(folder).map_err(|errno| cannot(&errno))?;
        // In a sticky folder, users cannot replace the files of other users.
        let mode = if status.st_mode & STICKY == 0 {
            status.st_mode
        } else {
            0
        };
        check_owner_and_mode(folder, status.st_uid, mode, me)?;
    }
    let mut text = String::new();
    let read = File::from(file)
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text);
    match read.map_err(|error| cannot(&error))? as u64 {
        ..=MAX_BYTES => Ok(text),
        _ => Err(format!("{} is longer than 64 KiB", path.display())),
    }
}

/// Returns an error unless only root and `me` can change a file with this owner and mode.
fn check_owner_and_mode(path: &Path, owner: u32, mode: u32, me: u32) -> Result<(), String> {
    let path = path.display();
    if owner != 0 && owner != me {
        return Err(format!("{path} belongs to user {owner}, not to root"));
    }
    if mode & WRITABLE_BY_OTHERS != 0 {
        let mode = mode & 0o7777;
        return Err(format!(
            "{path} can be written by users other than its owner (mode {mode:04o})"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("lumen-trust-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    fn file(folder: &Path, mode: u32) -> PathBuf {
        let file = folder.join("helper.json");
        fs::write(&file, "{}").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_file_of_the_same_user_is_read() {
        let folder = folder("own");
        assert_eq!(read(&file(&folder, 0o644)).unwrap(), "{}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_or_folder_that_others_can_write_is_refused() {
        let folder = folder("mode");
        for mode in [0o664, 0o646, 0o666] {
            let file = file(&folder, mode);
            let expected = format!(
                "{} can be written by users other than its owner (mode 0{mode:o})",
                file.display()
            );
            assert_eq!(read(&file).unwrap_err(), expected);
        }
        let file = file(&folder, 0o600);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o775)).unwrap();
        let expected = format!(
            "{} can be written by users other than its owner (mode 0775)",
            folder.display()
        );
        assert_eq!(read(&file).unwrap_err(), expected);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        let path = Path::new("/etc/lumen/helper.json");
        assert_eq!(check_owner_and_mode(path, 0, 0o644, 1000), Ok(()));
        assert_eq!(check_owner_and_mode(path, 1000, 0o600, 1000), Ok(()));
        assert_eq!(
            check_owner_and_mode(path, 1000, 0o600, 0).unwrap_err(),
            "/etc/lumen/helper.json belongs to user 1000, not to root"
        );
    }

    #[test]
    fn links_folders_and_long_files_are_refused() {
        let folder = folder("kind");
        let real = file(&folder, 0o600);
        let link = folder.join("link");
        symlink(&real, &link).unwrap();
        assert!(read(&link).unwrap_err().starts_with("cannot read "));
        assert!(read(&folder).unwrap_err().ends_with(" is not a file"));
        fs::write(&real, vec![b' '; 70_000]).unwrap();
        assert!(read(&real).unwrap_err().ends_with(" is longer than 64 KiB"));
        assert_eq!(
            read(Path::new("helper.json")).unwrap_err(),
            "helper.json is not an absolute path"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
