//! The handlers of the requests.

use super::answer::{Answer, Call, Data, GroupFrame, Handled, Pairs, Then};
use super::base64::base64;
use super::objects::StatusData;
use super::table::{FIRST, PROFILE, REQUESTS, STRIP};
use super::{SessionMemory, profile as measured, report};
use crate::color::name::{NAMES, hex};
use crate::limits::PREVIEW_PIXELS;
use crate::request::{DURATION, GROUP, LightRequest, LightRequestSpec, STATE_PARAMETER};

pub(super) fn status(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    let wants_profile = call.values.count(&PROFILE, 0)? == 1;
    call.values.done()?;
    let engine = call.engine()?;
    let (found, then) = wants_profile
        .then(|| memory.profile.query(&engine.profile(), call.facts()))
        .unzip();
    let status = engine.status();
    let answer = call.answer(
        || {
            let mut lines = report::lines(&status, call.facts());
            lines.extend(found.as_ref().map(measured::report));
            lines.join("\n")
        },
        || {
            Data::Status(Box::new(StatusData {
                status: status.clone(),
                metrics: engine.metrics(),
                performance: memory.performance.figures().clone(),
                profile: found.clone(),
            }))
        },
    );
    Ok(answer.then(then.flatten()))
}

pub(super) fn profile(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    call.values.done()?;
    let profile = call.engine()?.profile();
    let (found, then) = memory.profile.query(&profile, call.facts());
    Ok(Answer::data(Data::Profile(found)).then(then))
}

pub(super) fn lights(
    call: &mut Call<'_>,
    memory: &mut SessionMemory,
    spec: &LightRequestSpec,
) -> Handled {
    let request = spec.read(&mut call.values)?;
    let changed = call.engine()?.request(&request);
    changed.map_err(|error| request.explain(&call.values, error))?;
    if request == (LightRequest::Clear { group: None }) {
        memory.test_mode.reset();
    }
    // An effect may need values that were not sampled so far.
    let is_set = matches!(request, LightRequest::Set { .. });
    Ok(Answer::default().then(is_set.then_some(Then::Sample)))
}

pub(super) fn effects(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    call.values.done()?;
    let lists = memory.effects.lists(call.maybe_engine());
    Ok(call.answer(|| lists.text().to_owned(), || Data::Effects(lists.clone())))
}

pub(super) fn colors(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    call.values.done()?;
    let names = || NAMES.iter().map(|(name, _)| *name);
    let colors = NAMES
        .iter()
        .map(|&(name, color)| (name.to_owned(), hex(color)));
    Ok(call.answer(
        || names().collect::<Vec<_>>().join(", "),
        || Data::Colors {
            colors: Pairs(colors.collect()),
        },
    ))
}

pub(super) fn reload(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    call.values.done()?;
    call.engine()?.heartbeat();
    Ok(Answer::text("Reading the config files").then(Some(Then::Reload)))
}

pub(super) fn doctor(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    call.values.done()?;
    call.engine()?;
    Ok(Answer::default().then(Some(Then::Doctor)))
}

pub(super) fn preview(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    let strip = call.values.maybe_text(&STRIP)?;
    let first = call.values.count(&FIRST, 0)? as usize;
    call.values.done()?;
    let engine = call.engine()?;
    let Some(strip) = strip else {
        let preview = engine.preview(first);
        return Ok(Answer::data(Data::Frames {
            now: preview.now.as_secs(),
            drawn: preview.drawn.as_secs(),
            groups: preview.groups.iter().map(GroupFrame::new).collect(),
            next: preview.next,
        }));
    };
    let rgbw = engine.frame(&strip)?;
    let (pixels, _) = rgbw.as_chunks::<4>();
    let first = first.min(pixels.len());
    let end = pixels.len().min(first + PREVIEW_PIXELS);
    Ok(Answer::data(Data::Frame {
        strip,
        pixels: pixels.len(),
        first,
        rgbw: base64(pixels[first..end].as_flattened()),
        next: (end < pixels.len()).then_some(end),
    }))
}

pub(super) fn test(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    let state = call.values.text(&STATE_PARAMETER)?.to_lowercase();
    let duration = call.values.seconds(&DURATION)?;
    call.values.done()?;
    let engine = call.engine()?;
    memory.test_mode.show(engine, call.now(), &state, duration)
}

pub(super) fn test_start(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    let duration = call.values.seconds(&DURATION)?;
    call.values.done()?;
    memory.test_mode.start(call.engine()?, call.now(), duration)
}

pub(super) fn test_stop(call: &mut Call<'_>, memory: &mut SessionMemory) -> Handled {
    call.values.done()?;
    memory.test_mode.stop(call.engine()?, call.now())
}

pub(super) fn test_state<const STEP: isize>(
    call: &mut Call<'_>,
    memory: &mut SessionMemory,
) -> Handled {
    call.values.done()?;
    let engine = call.engine()?;
    memory.test_mode.step_state(engine, call.now(), STEP)
}

pub(super) fn test_effect<const STEP: isize>(
    call: &mut Call<'_>,
    memory: &mut SessionMemory,
) -> Handled {
    let group = call.values.maybe_text(&GROUP)?;
    call.values.done()?;
    let engine = call.engine()?;
    memory
        .test_mode
        .step_effect(engine, call.now(), group, STEP)
}

pub(super) fn operation(
    call: &Call<'_>,
    memory: &mut SessionMemory,
    state: &'static str,
    begins: bool,
) -> Handled {
    call.values.done()?;
    memory.operations.set(call.engine()?, state, begins)?;
    Ok(Answer::default())
}

pub(super) fn help(call: &mut Call<'_>, _: &mut SessionMemory) -> Handled {
    call.values.done()?;
    let commands = REQUESTS.iter().filter(|it| it.is_command());
    let commands: Vec<_> = commands
        .map(|it| (it.gcode(), it.help.to_owned()))
        .collect();
    let lines = commands
        .iter()
        .map(|(name, help)| format!("{name}: {help}"));
    Ok(call.answer(
        || lines.collect::<Vec<_>>().join("\n"),
        || Data::Commands {
            commands: Pairs(commands.clone()),
        },
    ))
}
