//! The methods of [`Engine`] that post events, samples and commands to the render thread. They
//! check a request, post it and return at once.

use super::mailbox::Post;
use super::{Engine, EngineError};
use crate::color::Color;
use crate::input::Sample;
use crate::request::{LightCommand, LightRequest, LightResolver, Request, RequestError};
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
        let state = config.lights.operation(state)?;
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
        self.lights(|it| it.set(request))
    }

    /// Shows a color that was picked for a group in a web interface, above its state. Switches the
    /// group on unless the color is black. The color that the group's light reports changes nothing
    /// while the group follows its state or is switched off.
    ///
    /// # Errors
    /// When the group is unknown, a level is out of range, or the engine is busy or closed.
    pub fn pick(&self, group: &str, color: Color) -> Result<(), EngineError> {
        self.lights(|it| it.pick(group, color))
    }

    /// Removes what was picked for a group in a web interface. Without a group, for all groups.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn clear_picked(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.lights(|it| it.clear_picked(group))
    }

    /// Shows a state regardless of the printer, for a time or until it is cleared. Alarms still
    /// show.
    ///
    /// # Errors
    /// When the state is unknown, or the engine is busy or closed.
    pub fn force(&self, state: &str, duration: Option<Span>) -> Result<(), EngineError> {
        self.lights(|it| it.force(state, duration))
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
        self.lights(|it| it.dim(group, value, fade))
    }

    /// Switches a group, or all groups, off or on. Alarms and flashes still show.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn switch(&self, group: Option<&str>, is_on: bool) -> Result<(), EngineError> {
        self.lights(|it| it.switch(group, is_on))
    }

    /// Flashes a group, or `all`: `count` pulses of a color or of several, two per second.
    ///
    /// # Errors
    /// When the request is invalid, or the engine is busy or closed.
    pub fn flash(&self, group: &str, color: &str, count: u32) -> Result<(), EngineError> {
        self.lights(|it| it.flash(group, color, count))
    }

    /// Removes what [`Engine::set`] put on a group. Without a group, clears all groups and the
    /// forced state.
    ///
    /// # Errors
    /// When the group is unknown, or the engine is busy or closed.
    pub fn clear(&self, group: Option<&str>) -> Result<(), EngineError> {
        self.lights(|it| it.clear(group))
    }

    /// Changes the lights as a request says.
    ///
    /// # Errors
    /// When the request is invalid, or the engine is busy or closed.
    pub fn request(&self, request: &LightRequest) -> Result<(), EngineError> {
        self.lights(|it| it.resolve(request))
    }

    /// Resolves a request and posts it. Holding the lock keeps a reload from changing the groups
    /// between the two.
    fn lights(
        &self,
        resolve: impl FnOnce(&mut LightResolver) -> Result<LightCommand, RequestError>,
    ) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let mut config = inner.config.lock();
        let command = resolve(&mut config.lights)?;
        inner.post(Post::Lights(command))
    }
}
