//! What an engine takes: events, samples and commands. Every call returns at once.

use super::mailbox::Post;
use super::{Engine, EngineError, Request};
use crate::color::Color;
use crate::input::Sample;
use crate::state::{Event, Operation};
use crate::time::Span;
use std::sync::atomic::Ordering;

/// Beats of a flash in a second, and the fade at both its ends.
const FLASH_HZ: f64 = 2.0;
const FLASH_FADE: Span = Span::from_millis(100);

impl Engine {
    /// Posts an event.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn event(&self, event: Event) -> Result<(), EngineError> {
        self.live()
            .map_or(Ok(()), |inner| inner.post(Post::Event(event)))
    }

    /// Says that a command begins that shows as `state`; the answer is for [`Engine::end`].
    ///
    /// # Errors
    /// For a state that no command shows as, and when the engine is busy or closed.
    pub fn begin(&self, state: &str) -> Result<Operation, EngineError> {
        let Some(inner) = self.live() else {
            return Ok(Operation(0));
        };
        // The lock keeps a reload from coming between what was understood and its post.
        let config = inner.config.lock();
        let state = config.operation(state)?;
        let operation = Operation(inner.operations.fetch_add(1, Ordering::Relaxed));
        inner.post(Post::Event(Event::Begin(operation, state)))?;
        Ok(operation)
    }

    /// Ends an operation and all that began within it; an unknown one is ignored.
    ///
    /// # Errors
    /// When the engine is busy or closed.
    pub fn end(&self, operation: Operation) -> Result<(), EngineError> {
        self.event(Event::End(operation))
    }

    /// Hands over what was measured; it is a heartbeat too.
    pub fn sample(&self, sample: &Sample) {
        if let Some(inner) = self.live() {
            inner.shared.mailbox.sample(&inner.shared.clock, sample);
        }
    }

    /// Paints a strip from its first pixel, four bytes a pixel: red, green, blue, white. What is not
    /// black shows above what groups show there, but not above alarms, flashes and being off.
    ///
    /// # Errors
    /// For an unknown strip.
    pub fn paint(&self, strip: &str, rgbw: &[u8]) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        inner.config.lock().strip_output(strip)?;
        let (pixels, _) = rgbw.as_chunks();
        inner.shared.mailbox.paint(strip, pixels);
        Ok(())
    }

    /// Says that the caller lives; 3 s after the last one the link counts as lost.
    pub fn heartbeat(&self) {
        if let Some(inner) = self.live() {
            inner.shared.mailbox.heartbeat(&inner.shared.clock);
        }
    }

    /// Shows an effect on a group, above its state; on `all` groups or, refused, on none.
    ///
    /// # Errors
    /// What is wrong with the request, in words; and when the engine is busy or closed.
    pub fn set(&self, request: &Request<'_>) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let mut config = inner.config.lock();
        let commands = config.overrides(request)?.into_iter();
        inner.post(together(commands.flat_map(|(group, command)| {
            let switch = request.is_picked.then_some(Post::Switch(Some(group), true));
            switch
                .into_iter()
                .chain([Post::Set(group, Box::new(command))])
        })))
    }

    /// Shows a color that was picked for a group in a web interface, above its state; it switches
    /// the group on, unless it is black. A color that the group's light reports while it follows
    /// its state, or is switched off, changes nothing.
    ///
    /// # Errors
    /// For an unknown group or a level out of range, and when the engine is busy or closed.
    pub fn pick(&self, group: &str, color: Color) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let Color { r, g, b, w } = color;
        if let Some(level) = [r, g, b, w].iter().find(|it| !(0.0..=1.0).contains(*it)) {
            let problem = format!("a color must have levels from 0 to 1, got {level}");
            return Err(EngineError::Request(problem));
        }
        let mut config = inner.config.lock();
        let commands = config.picked(group, color)?.into_iter();
        inner.post(together(
            commands.map(|(group, command)| Post::Pick(group, Box::new(command))),
        ))
    }

    /// Takes back what was picked for a group in a web interface; without a group, for all.
    ///
    /// # Errors
    /// For an unknown group, and when the engine is busy or closed.
    pub fn clear_picked(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.for_groups(group, Post::ClearPicked)
    }

    /// Shows a state whatever the printer does, alarms excepted, for a time or until it is cleared.
    ///
    /// # Errors
    /// For a name that nobody declared, and when the engine is busy or closed.
    pub fn force(&self, state: &str, duration: Option<Span>) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let config = inner.config.lock();
        inner.post(Post::Force(config.state(state)?, duration))
    }

    /// Fades the brightness of a group, or of everything, to a value of 0.0-1.0, where the fade is
    /// not told in the config's; it holds until another is set.
    ///
    /// # Errors
    /// For an unknown group or a value out of range, and when the engine is busy or closed.
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

    /// Switches a group, or all, off or on again. Alarms and flashes show in any case.
    ///
    /// # Errors
    /// For an unknown group, and when the engine is busy or closed.
    pub fn switch(&self, group: Option<&str>, is_on: bool) -> Result<(), EngineError> {
        self.for_groups(group, |group| Post::Switch(group, is_on))
    }

    /// Lets a group, or `all`, call for attention: `count` beats of a color, twice a second.
    ///
    /// # Errors
    /// What is wrong with the request, in words; and when the engine is busy or closed.
    pub fn flash(&self, group: &str, color: &str, count: u32) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let options = [("min", "0"), ("max", "1"), ("speed", "2")];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = Request {
            group,
            effect: &format!("pulse {color}"),
            options: &options,
            duration: Some(Span::from_secs(f64::from(count) / FLASH_HZ)),
            fade: Some(FLASH_FADE),
            is_picked: false,
        };
        let mut config = inner.config.lock();
        let flashes = config.overrides(&request)?.into_iter();
        inner.post(together(
            flashes.map(|(group, flash)| Post::Flash(group, Box::new(flash))),
        ))
    }

    /// Takes back what [`Engine::set`] put on a group; without a group on all, and the forced
    /// state.
    ///
    /// # Errors
    /// For an unknown group, and when the engine is busy or closed.
    pub fn clear(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.for_groups(group, Post::Clear)
    }

    /// Posts for a group; without one, once for all that there is.
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
        inner.post(together(groups.map(|group| post(Some(group)))))
    }
}

/// One post of several.
fn together(posts: impl Iterator<Item = Post>) -> Post {
    let mut posts: Vec<Post> = posts.collect();
    match posts.len() {
        1 => posts.remove(0),
        _ => Post::All(posts),
    }
}
