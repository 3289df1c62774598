//! The Python binding: the extension module `klipper_lumen._engine`, documented in its stub.
//!
//! Converts values and maps errors; contains no other logic. Every call is guarded: a panic becomes
//! a `LumenError`, because pyo3's own `PanicException` would shut the printer down. Log records are
//! the only calls into Python.

mod config_file;
mod doctor;
mod engine;
mod error;
mod helper;
mod klipper_lights;
mod klipper_sections;
mod log;
mod messages;
mod meters;
mod reload;
mod report;
mod request;
mod sample;
mod seconds;
mod spec;

#[pyo3::pymodule]
mod _engine {
    #[pymodule_export]
    use super::config_file::{
        ConfigFile, ConfigFileError, is_klipper_neopixel, is_lumen, klipper_neopixel_options,
        read_config,
    };
    #[pymodule_export]
    use super::doctor::{DoctorRun, board_model, check_file, examine, spi_commands};
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::error::{ConfigError, LumenError, RequestError};
    #[pymodule_export]
    use super::helper::{helper_config, helper_strips, serve_helper};
    #[pymodule_export]
    use super::klipper_lights::{
        FrameSlot, KlipperLights, check_leds, find_leds, led_channels, led_kinds,
        mcu_bytes_per_second, set_led_script,
    };
    #[pymodule_export]
    use super::klipper_sections::{
        NeopixelChains, klipper_events, neopixel_command, pin_refused, unknown_name,
    };
    #[pymodule_export]
    use super::log::Notice;
    #[pymodule_export]
    use super::messages::{ConsoleLimits, Delivery, Messages};
    #[pymodule_export]
    use super::meters::{Holds, ReplyLimits};
    #[pymodule_export]
    use super::reload::{Reload, ReloadProgress, reload_lines};
    #[pymodule_export]
    use super::request::{Request, blank_object, blank_objects, old_macro, request, requests};
    #[pymodule_export]
    use super::sample::{PrinterObjects, SampleClock};
    #[pymodule_export]
    use super::spec::{
        blank, catalog, check, colors, counted, effects, limits, nearest, number_meant, palettes,
        shown,
    };

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python spells it so")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
