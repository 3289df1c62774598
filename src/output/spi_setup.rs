//! What a computer needs for a strip on SPI, as remedies for the user: the device, access to it,
//! and the length of the kernel's buffer.

use super::board::Board;

/// The command that enables SPI on a Raspberry Pi.
pub(crate) const ENABLE: &str = "sudo raspi-config nonint do_spi 0";

/// The commands that give the SPI devices to the group `spi`. Raspberry Pi OS has the group and
/// the rule, most other systems do not.
const ALLOW: [&str; 2] = [
    "sudo groupadd --system --force spi",
    "echo 'SUBSYSTEM==\"spidev\", GROUP=\"spi\", MODE=\"0660\"' | sudo tee \
     /etc/udev/rules.d/99-spi.rules",
];

/// The shortest buffer that is recommended.
const MIN_BUFFER: usize = 32_768;

/// Returns how to get the SPI devices of a computer.
pub(crate) fn how_to_enable(board: &Board) -> String {
    if board.pi().is_none() {
        return "enable SPI with an overlay, see docs/Other_Boards.md, then reboot".to_owned();
    }
    if board.has_setting("dtparam=spi=on") {
        return "SPI is enabled in config.txt: reboot; the second device of a port needs an \
                overlay, see docs/Outputs.md"
            .to_owned();
    }
    format!("{ENABLE}, then reboot")
}

/// Returns the command that adds the user to a group.
pub(crate) fn join(group: &str) -> String {
    format!("sudo usermod -a -G {group} $USER")
}

/// Returns the commands that give the user access to SPI devices that belong to root.
pub(crate) fn allow() -> impl Iterator<Item = String> {
    ALLOW.into_iter().map(str::to_owned).chain([join("spi")])
}

/// Returns the same as a remedy.
pub(crate) fn how_to_allow() -> String {
    let commands: Vec<String> = allow().collect();
    format!("{}, then reboot", commands.join("; "))
}

/// Returns how to make the kernel's SPI buffer at least `bytes` long.
pub(crate) fn longer_buffer(board: &Board, bytes: usize) -> String {
    let bytes = bytes.max(MIN_BUFFER);
    let setting = format!("add spidev.bufsiz={bytes} to");
    if board.pi().is_none() {
        let place = "the kernel's command line, see docs/Other_Boards.md";
        return format!("{setting} {place}, then reboot");
    }
    let file = board.boot_file("cmdline.txt");
    let file = file.as_deref().unwrap_or("/boot/firmware/cmdline.txt");
    format!("{setting} {file}, then reboot")
}
