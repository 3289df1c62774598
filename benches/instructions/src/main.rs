//! Runs one case for a number of frames, so that a tool can count its instructions.
//!
//! Without arguments it lists the cases. `CASE FRAMES` runs one. The instructions of a frame are
//! the difference of two runs, divided by the difference of their frames; so what a start costs
//! does not count. Nothing here depends on the time or on chance.

mod effects;
mod finish;
mod frame;

use std::hint::black_box;
use std::io::Write as _;
use std::process::ExitCode;

/// Number of pixels of every case.
const PIXELS: usize = 150;

/// What one case does in a frame; the argument is the number of the frame.
type DrawFrame = Box<dyn FnMut(u64)>;

/// A named case. Only the one that runs is built.
struct Case {
    name: String,
    build: Box<dyn FnOnce() -> DrawFrame>,
}

fn cases() -> impl Iterator<Item = Case> {
    effects::cases()
        .chain(finish::cases())
        .chain(frame::cases())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, frames] = arguments.as_slice() else {
        let mut out = std::io::stdout().lock();
        let written = cases().try_for_each(|it| writeln!(out, "{}", it.name));
        return written.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    };
    let case = cases().find(|it| it.name == *name);
    let (Some(case), Ok(frames)) = (case, frames.parse::<u64>()) else {
        return ExitCode::FAILURE;
    };
    let mut draw = (case.build)();
    (0..frames).for_each(|frame| draw(black_box(frame)));
    ExitCode::SUCCESS
}
