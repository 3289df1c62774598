//! What the lights show now, for programs that draw it.

use super::Engine;
use super::mailbox::ConfigChange;
use super::output_handle::LastFrame;
use crate::layout::Group;
use crate::limits::PREVIEW_PIXELS;
use crate::time::Time;

/// The name, the numbers and the text of a group cost as much as this number of pixels.
const PIXELS_OF_GROUP: usize = 60;

/// The pixels of the groups, as many as fit into one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The time of the engine.
    pub now: Time,
    /// The time of the newest of the frames.
    pub drawn: Time,
    /// Groups, or parts of them, in the order of the config.
    pub groups: Vec<GroupPixels>,
    /// The first pixel that did not fit, counted over all groups.
    pub next: Option<usize>,
}

/// Pixels of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPixels {
    /// Name of the group.
    pub name: String,
    /// Number of all its pixels.
    pub count: usize,
    /// The first of these pixels; 0 is the first of the group.
    pub first: usize,
    /// Red, green, blue, white, four bytes per pixel, in drawing order.
    pub rgbw: Vec<u8>,
}

impl Engine {
    /// Returns the pixels of the last frames, from the pixel `first` of all groups on. Those of one
    /// strip belong together; another strip can be one frame ahead.
    pub fn preview(&self, first: usize) -> Preview {
        let Some(inner) = self.live() else {
            return Preview::default();
        };
        let running = inner.config.lock().running();
        let mut preview = read(&running, first);
        preview.now = inner.shared.clock.now();
        preview
    }
}

fn read(running: &ConfigChange, first: usize) -> Preview {
    let mut preview = Preview::default();
    let mut frames = vec![None; running.strip_outputs.len()];
    let mut room = PREVIEW_PIXELS;
    // Pixels of the groups before, and what is still to be skipped.
    let (mut before, mut skip) = (0, first);
    for group in running.plan.groups.iter().map(|it| &it.group) {
        let count = group.pixels();
        if skip >= count && skip > 0 {
            (before, skip) = (before + count, skip - count);
            continue;
        }
        room = room.saturating_sub(PIXELS_OF_GROUP);
        if room == 0 {
            preview.next = Some(before + skip);
            break;
        }
        let taken = room.min(count - skip);
        for run in group.runs() {
            if let Some(frame) = frames.get_mut(run.strip).filter(|it| it.is_none()) {
                let output = &running.strip_outputs[run.strip];
                *frame = Some(output.last_frame());
            }
        }
        preview.groups.push(GroupPixels {
            name: group.name.clone(),
            count,
            first: skip,
            rgbw: pixels_of(group, &frames, skip, taken),
        });
        room -= taken;
        if skip + taken < count {
            preview.next = Some(before + skip + taken);
            break;
        }
        (before, skip) = (before + count, 0);
    }
    let drawn = frames.iter().flatten().map(|it| it.drawn);
    preview.drawn = drawn.max().unwrap_or_default();
    preview
}

/// Returns `count` pixels of a group in drawing order. A frame of an earlier config can be shorter.
fn pixels_of(group: &Group, frames: &[Option<LastFrame>], first: usize, count: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(4 * count);
    let (mut skip, mut room) = (first, count);
    for run in group.runs() {
        let length = run.pixels();
        let skipped = skip.min(length);
        let taken = room.min(length - skipped);
        (skip, room) = (skip - skipped, room - taken);
        let frame = frames.get(run.strip).and_then(Option::as_ref);
        let (frame, _) = frame.map_or(&[][..], |it| &it.rgbw).as_chunks::<4>();
        let pixel = |index: usize| frame.get(index).copied().unwrap_or_default();
        if run.first <= run.last {
            let start = run.first + skipped;
            pixels.extend((start..start + taken).flat_map(pixel));
        } else {
            let end = run.first + 1 - skipped;
            pixels.extend((end - taken..end).rev().flat_map(pixel));
        }
    }
    pixels
}
