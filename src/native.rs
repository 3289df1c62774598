//! What the crate offers besides the pure core: the engine with its outputs, and what is around it.
//! The WebAssembly module has none of it.

pub use crate::command::{
    Answer, Asked, Data, Form, GroupFrame, Replies, Reply, Session, Summary, Then,
};
pub use crate::command::{
    CallerFacts, Chain, Holds, ReactorFacts, WebFacts, request_without_engine,
};
pub use crate::command::{Console, Delivery, EffectLists, Figures, Messages};
pub use crate::command::{GroupObject, LightObject, Objects, StripObject};
pub use crate::command::{NeopixelChains, NeopixelCommand, neopixel_command, pin_refused};
pub use crate::command::{OLD_REQUESTS, REQUESTS, RequestKind, RequestSpec, WEB_REQUESTS};
pub use crate::command::{find as find_request, requests, unknown_name};
pub use crate::command::{tracked_commands, untracked_commands};
pub use crate::config_file::{DiskFiles, load as load_config, load_as as load_config_as};
pub use crate::doctor::{Board, CheckResult, DoctorInput, Level, User, examine};
pub use crate::doctor::{DoctorProgress, DoctorRun, Loader, ObjectFields, Package};
pub use crate::doctor::{check_config, setup_commands};
pub use crate::doctor::{counts as count_levels, lines as report_lines, sorted as sort_findings};
pub use crate::engine::{Blanked, blank, blank_with_factory};
pub use crate::engine::{ClockKind, Engine, EngineError, Options, OutputMode, Prepared, Wants};
pub use crate::engine::{Cost, Costs, Counters, EffectCost, OutputCost, Profile, Spread, Window};
pub use crate::engine::{
    GroupPixels, GroupStatus, HostStrip, Metrics, Notice, NoticeKind, Preview, Status, StripStatus,
};
pub use crate::helper::{Config, ConfigStrip, HelperError, HelperSettings, Opener, log_to_stderr};
pub use crate::helper::{open_dry_run, pins as open_helper_pins, serve as serve_helper};
pub use crate::output::mcu_link::{
    Change, Condition, KlipperLights, PinClock, Rate, Update, Warning,
};
pub use crate::output::mcu_link::{
    LED_KINDS, LedObject, McuConnection, ObjectKind, set_led_script,
};
pub use crate::output::mcu_link::{check_length as check_led_count, find_objects, led_channels};
pub use crate::output::{
    Factory, FrameSink, HealthState, Memory, Output, OutputError, Pump, Recording,
};
pub use crate::output::{Health, KlipperSlot, SinkStats, Writes};
pub use crate::output::{build as build_output, helper_client};
pub use crate::reload::{Outcome, Reload, ReloadInput, ReloadProgress, ReloadStep};
