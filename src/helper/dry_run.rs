//! The dry run: writes frames to a file instead of driving pins, one line per frame. It is for
//! testing the helper on a computer without pins.

use super::Opener;
use crate::output::{Output, OutputError};
use crate::time::Time;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

/// Appends `open`, `show` with the frames in hexadecimal, and `rest` to a file.
pub fn open_dry_run(path: PathBuf) -> Opener {
    Box::new(move |_plans| {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let mut dry_run = DryRun(file.map_err(|error| {
            OutputError::new(format!("cannot open {}: {error}", path.display()), "")
        })?);
        dry_run.write_line("open")?;
        Ok(Box::new(dry_run))
    })
}

struct DryRun(File);

impl DryRun {
    fn write_line(&mut self, line: &str) -> Result<(), OutputError> {
        let written = self.0.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| OutputError::new(format!("cannot write: {error}"), ""))
    }
}

impl Output for DryRun {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let mut line = "show".to_owned();
        for frame in frames {
            line.push(' ');
            for byte in frame {
                let _ = write!(line, "{byte:02x}");
            }
        }
        self.write_line(&line)
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        self.write_line("rest")
    }
}
