//! The methods of [`Engine`] that post events, samples and commands to the render thread. They
//! check a request, post it and return at once.

use super::mailbox::Post;
use super::{Engine, EngineError, Request};
use crate::color::Color;
use crate::input::Sample;
use crate::state::{Event, Operation};
use crate::time::Span;
use std::sync::atomic::Ordering;

impl Engine {
    /// Posts an event.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn event(&self, event: Event) -> Result<(), EngineError> {
        self.live()
            .map_or(Ok(()), |inner| inner.post(Post::Event(event)))
    }

    /// Reports the start of an operation that shows as `state`. Pass the result to [`Engine::end`].
    ///
    /// # Errors
    /// When `state` is not an operation, or the engine is busy or closed.
    pub fn begin(&self, state: &str) -> Result<Operation, EngineError> {
        let Some(inner) = self.live() else {
            return Ok(Operation(0));
        };
        // Holding the lock keeps a reload from changing the states between the lookup and the post.
        let config = inner.config.lock();
        let state = config.operation(state)?;
        let operation = Operation(inner.operations.fetch_add(1, Ordering::Relaxed));
        inner.post(Post::Event(Event::Begin(operation, state)))?;
        Ok(operation)
    }

    /// Ends an operation and all operations that began within it. An unknown operation is ignored.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn end(&self, operation: Operation) -> Result<(), EngineError> {
        self.event(Event::End(operation))
    }

    /// Passes on a sample of the printer. It counts as a heartbeat.
    pub fn sample(&self, sample: &Sample) {
        if let Some(inner) = self.live() {
            inner.shared.mailbox.sample(&inner.shared.clock, sample);
        }
    }

    /// Paints a strip from its first pixel on, four bytes per pixel: red, green, blue, white.
    /// Pixels that are not black cover what the groups show, except for alarms (the states `error`
    /// and `disconnected`), flashes and groups that are switched off.
    ///
    /// # Errors
    /// When the strip is unknown.
    pub fn paint(&self, strip: &str, rgbw: &[u8]) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        inner.config.lock().outputs.strip(strip)?;
        let (pixels, _) = rgbw.as_chunks();
        inner.shared.mailbox.paint(strip, pixels);
        Ok(())
    }

    /// Reports that Klipper is alive. After 3 s without a heartbeat the link counts as lost.
    pub fn heartbeat(&self) {
        if let Some(inner) = self.live() {
            inner.shared.mailbox.heartbeat(&inner.shared.clock);
        }
    }

    /// Shows an effect on a group, above its state. For `all`, either every group shows it or none.
    ///
    /// # Errors
    /// When the request is invalid, or the engine is busy or closed.
    pub fn set(&self, request: &Request<'_>) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let mut config = inner.config.lock();
        let commands = config.overrides(request)?.into_iter();
        inner.post(combine_posts(commands.flat_map(|(group, command)| {
            let switch = request.is_picked.then_some(Post::Switch(Some(group), true));
            switch
                .into_iter()
                .chain([Post::Set(group, Box::new(command))])
        })))
    }

    /// Shows a color that was picked for a group in a web interface, above its state. Switches the
    /// group on unless the color is black. The color that the group's light reports changes nothing
    /// while the group follows its state or is switched off.
    ///
    /// # Errors
    /// When the group is unknown, a level is out of range, or the engine is busy or closed.
    pub fn pick(&self, group: &str, color: Color) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let Color { r, g, b, w } = color;
        if let Some(level) = [r, g, b, w].iter().find(|it| !(0.0..=1.0).contains(*it)) {
            let problem = format!("a color must have levels from 0 to 1, got {level}");
            return Err(EngineError::Request(problem));
        }
        let config = inner.config.lock();
        let commands = config.picked(group, color)?.into_iter();
        inner.post(combine_posts(
            commands.map(|(group, command)| Post::Pick(group, Box::new(command))),
        ))
    }

    /// Removes what was picked for a group in a web interface. Without a group, for all groups.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn clear_picked(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.for_groups(group, Post::ClearPicked)
    }

    /// Shows a state regardless of the printer, for a time or until it is cleared. Alarms still
    /// show.
    ///
    /// # Errors
    /// When the state is unknown, or the engine is busy or closed.
    pub fn force(&self, state: &str, duration: Option<Span>) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let config = inner.config.lock();
        inner.post(Post::Force(config.state(state)?, duration))
    }

    /// Fades the brightness of a group, or of everything, to a value of 0.0-1.0. Without `fade`,
    /// uses the fade time of the config. The value holds until the next call.
    ///
    /// # Errors
    /// When the group is unknown, the value is out of range, or the engine is busy or closed.
    pub fn dim(
        &self,
        group: Option<&str>,
        value: f32,
        fade: Option<Span>,
    ) -> Result<(), EngineError> {
        if !(0.0..=1.0).contains(&value) {
            let problem = format!("brightness must be from 0 to 1, got {value}");
            return Err(EngineError::Request(problem));
        }
        self.for_groups(group, |group| Post::Dim(group, value, fade))
    }

    /// Switches a group, or all groups, off or on. Alarms and flashes still show.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn switch(&self, group: Option<&str>, is_on: bool) -> Result<(), EngineError> {
        self.for_groups(group, |group| Post::Switch(group, is_on))
    }

    /// Flashes a group, or `all`: `count` pulses of a color or of several, two per second.
    ///
    /// # Errors
    /// When the request is invalid, or the engine is busy or closed.
    pub fn flash(&self, group: &str, color: &str, count: u32) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let flashes = inner.config.lock().flashes(group, color, count)?;
        inner.post(combine_posts(
            flashes
                .into_iter()
                .map(|(group, flash)| Post::Flash(group, Box::new(flash))),
        ))
    }

    /// Removes what [`Engine::set`] put on a group. Without a group, clears all groups and the
    /// forced state.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn clear(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.for_groups(group, Post::Clear)
    }

    /// Posts for the named groups, or once for everything if `group` is `None`.
    fn for_groups(
        &self,
        group: Option<&str>,
        post: impl Fn(Option<usize>) -> Post,
    ) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let Some(name) = group else {
            return inner.post(post(None));
        };
        let config = inner.config.lock();
        let groups = config.groups_named(name)?;
        inner.post(combine_posts(groups.map(|group| post(Some(group)))))
    }
}

/// Combines several posts into one.
fn combine_posts(posts: impl Iterator<Item = Post>) -> Post {
    let mut posts: Vec<Post> = posts.collect();
    match posts.len() {
        1 => posts.remove(0),
        _ => Post::Batch(posts),
    }
}
