//! What Klipper's `[neopixel]` sends to a pin of Lumen, as it would to a micro-controller.

use crate::spec::CHIP;
use crate::text::shown;
use std::collections::BTreeMap;

const CONFIG: &str = "config_neopixel";
const UPDATE: &str = "neopixel_update";
const SEND: &str = "neopixel_send";
/// Bytes of a chain: far more than Klipper's `[neopixel]` allows.
const MAX_BYTES: usize = 65_536;

/// A command of Klipper's `[neopixel]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeopixelCommand {
    /// Changes bytes.
    Update,
    /// Shows the bytes.
    Send,
}

/// The chains of all `[neopixel]` sections on a pin of Lumen. Errors are texts for the user.
#[derive(Debug, Default)]
pub struct NeopixelChains(BTreeMap<u32, (String, Vec<u8>)>);

impl NeopixelChains {
    /// Adds the chain of a section; `command` is `config_neopixel oid=0 pin=gpio18 ...`.
    ///
    /// # Errors
    /// When it is another command or lacks a part.
    pub fn add(&mut self, command: &str) -> Result<(), String> {
        let mut words = command.split_whitespace();
        if words.next() != Some(CONFIG) {
            return Err(refused(command));
        }
        let options: BTreeMap<&str, &str> = words.filter_map(|it| it.split_once('=')).collect();
        let number = |key| options.get(key).and_then(|it| it.parse::<u32>().ok());
        let size = number("data_size").and_then(|it| usize::try_from(it).ok());
        let (Some(oid), Some(size @ ..=MAX_BYTES), Some(pin)) =
            (number("oid"), size, options.get("pin"))
        else {
            return Err(format!(
                "Lumen does not support the [neopixel] of this Klipper ('{command}'): update \
                 klipper-lumen, or remove the section with a pin of Lumen"
            ));
        };
        self.0.insert(oid, ((*pin).to_owned(), vec![0; size]));
        Ok(())
    }

    /// Changes bytes of a chain from a position on; ignores what does not fit.
    pub fn update(&mut self, oid: u32, position: usize, data: &[u8]) {
        if let Some((_, bytes)) = self.0.get_mut(&oid)
            && let Some(place) = bytes.get_mut(position..)
        {
            for (byte, new) in place.iter_mut().zip(data) {
                *byte = *new;
            }
        }
    }

    /// The pin and the bytes of a chain.
    pub fn chain(&self, oid: u32) -> Option<(&str, &[u8])> {
        let (pin, bytes) = self.0.get(&oid)?;
        Some((pin, bytes))
    }
}

/// Returns the command with a format.
///
/// # Errors
/// When a `[neopixel]` does not use it.
pub fn neopixel_command(format: &str) -> Result<NeopixelCommand, String> {
    match format.split_whitespace().next() {
        Some(UPDATE) => Ok(NeopixelCommand::Update),
        Some(SEND) => Ok(NeopixelCommand::Send),
        _ => Err(refused(format)),
    }
}

/// The error for a pin of another type.
pub fn pin_refused(pin_type: &str, pin: &str) -> String {
    let (pin_type, pin) = (shown(pin_type), shown(pin));
    format!(
        "Pin '{CHIP}{pin}' cannot be of type '{pin_type}': only [neopixel] can use a pin of Lumen"
    )
}

fn refused(command: &str) -> String {
    format!("Only [neopixel] can use a pin of Lumen, got '{command}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_keeps_the_bytes_that_klipper_sends() {
        let mut chains = NeopixelChains::default();
        let command = "config_neopixel oid=3 pin=gpio18 data_size=4 bit_max_ticks=60";
        chains.add(command).unwrap();
        chains.update(3, 1, &[7, 8]);
        chains.update(3, 3, &[9, 9, 9]);
        chains.update(3, 99, &[1]);
        chains.update(4, 0, &[1]);
        assert_eq!(chains.chain(3), Some(("gpio18", &[0, 7, 8, 9][..])));
        assert_eq!(chains.chain(4), None);
    }

    #[test]
    fn other_commands_are_refused() {
        let mut chains = NeopixelChains::default();
        let error = chains.add("config_digital_out oid=1").unwrap_err();
        assert!(error.starts_with("Only [neopixel] can use a pin of Lumen, got '"));
        for command in [
            "config_neopixel oid=7 port=A data_size=12",
            "config_neopixel oid=7 pin=a data_size=-1",
            "config_neopixel oid=7 pin=a data_size=99999999",
        ] {
            let error = chains.add(command).unwrap_err();
            assert!(error.starts_with("Lumen does not support the [neopixel] of this Klipper"));
        }
        assert_eq!(
            neopixel_command("neopixel_send oid=%c"),
            Ok(NeopixelCommand::Send)
        );
        assert!(neopixel_command("set_digital_out pin=%u").is_err());
    }
}
