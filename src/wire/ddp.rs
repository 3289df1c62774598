//! DDP, the Distributed Display Protocol: pixels in UDP packets, for WLED and other controllers.
//!
//! A frame is split into packets that fit one Ethernet frame. Each packet has the offset of its
//! bytes in the controller's buffer, and the last one makes the controller show the frame. After
//! a lost packet, its pixels stay unchanged until the next frame.
//!
//! Format: <http://www.3waylabs.com/ddp/>.

use std::mem;

/// The port that controllers listen on.
pub const PORT: u16 = 4048;
/// Bytes before the pixels.
pub const HEADER: usize = 10;
/// Maximum pixel bytes per packet: 480 pixels of three channels or 360 of four. With the headers of
/// DDP, UDP and IP, the packet stays below the 1500 bytes of Ethernet.
pub const MAX_DATA: usize = 1440;

/// Version 1 of the protocol.
const VERSION: u8 = 0x40;
/// Flag: show the frame.
const PUSH: u8 = 0x01;
/// Three channels of eight bits, red first.
const RGB: u8 = 0x0B;
/// Four channels of eight bits, red first.
const RGBW: u8 = 0x1B;
/// Destination: the pixels of the controller.
const DISPLAY: u8 = 1;
/// Sequence numbers are 1 to 15; 0 means that a packet has none.
const LAST_NUMBER: u8 = 15;
/// Frames with more packets have no sequence numbers. WLED accepts the next ten numbers as new and
/// drops the others as late, so more packets would be dropped.
const MAX_NUMBERED_PACKETS: usize = 10;

/// Splits the frames of one strip into packets.
///
/// ```
/// use lumen::ddp::Packetizer;
///
/// let mut packetizer = Packetizer::new(3);
/// let mut packets = packetizer.packets(&[255, 0, 0]);
/// assert_eq!(
///     packets.next(),
///     Some(&[0x41, 1, 0x0B, 1, 0, 0, 0, 0, 0, 3, 255, 0, 0][..])
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Packetizer {
    data_type: u8,
    number: u8,
    packet: Vec<u8>,
}

impl Packetizer {
    /// Creates a packetizer for pixels of three or four channels.
    pub fn new(channels: usize) -> Self {
        Self {
            data_type: if channels == 4 { RGBW } else { RGB },
            number: 0,
            packet: Vec::with_capacity(HEADER + MAX_DATA),
        }
    }

    /// The packets of a frame in the order to send them; an empty frame has none.
    pub fn packets<'a>(&'a mut self, frame: &'a [u8]) -> Packets<'a> {
        Packets {
            numbered: frame.len() <= MAX_NUMBERED_PACKETS * MAX_DATA,
            packetizer: self,
            rest: frame,
            offset: 0,
        }
    }

    fn fill(&mut self, flags: u8, offset: u32, data: &[u8]) {
        self.packet.clear();
        self.packet
            .extend_from_slice(&[flags, self.number, self.data_type, DISPLAY]);
        self.packet.extend_from_slice(&offset.to_be_bytes());
        self.packet
            .extend_from_slice(&(data.len() as u16).to_be_bytes());
        self.packet.extend_from_slice(data);
    }
}

/// The packets of one frame; each one overwrites the one before.
#[derive(Debug)]
pub struct Packets<'a> {
    packetizer: &'a mut Packetizer,
    rest: &'a [u8],
    offset: u32,
    numbered: bool,
}

impl Packets<'_> {
    /// The next packet; `None` after the last one.
    // Not an `Iterator`: the packet is borrowed only until the next call.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Option<&[u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = mem::take(&mut self.rest);
        let (data, rest) = rest.split_at(rest.len().min(MAX_DATA));
        self.rest = rest;
        let packetizer = &mut *self.packetizer;
        packetizer.number = if self.numbered {
            packetizer.number % LAST_NUMBER + 1
        } else {
            0
        };
        let push = if rest.is_empty() { PUSH } else { 0 };
        packetizer.fill(VERSION | push, self.offset, data);
        self.offset += data.len() as u32;
        Some(&packetizer.packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(packetizer: &mut Packetizer, bytes: usize) -> Vec<Vec<u8>> {
        let frame = vec![7; bytes];
        let mut packets = packetizer.packets(&frame);
        let mut all = Vec::new();
        while let Some(packet) = packets.next() {
            all.push(packet.to_vec());
        }
        all
    }

    #[test]
    fn the_header_has_version_number_type_offset_and_length() {
        let sent = packets(&mut Packetizer::new(4), 1444);
        assert_eq!(sent[0][..HEADER], [0x40, 1, 0x1B, 1, 0, 0, 0, 0, 5, 0xA0]);
        assert_eq!(sent[1], [0x41, 2, 0x1B, 1, 0, 0, 5, 0xA0, 0, 4, 7, 7, 7, 7]);
    }

    #[test]
    fn only_the_last_of_two_full_packets_has_the_push_flag() {
        let sent = packets(&mut Packetizer::new(3), 2 * MAX_DATA);
        let flags: Vec<u8> = sent.iter().map(|packet| packet[0]).collect();
        assert_eq!(flags, [0x40, 0x41]);
    }

    #[test]
    fn numbers_run_from_1_to_15_across_frames() {
        let mut packetizer = Packetizer::new(3);
        let numbers: Vec<u8> = (0..16).map(|_| packets(&mut packetizer, 3)[0][1]).collect();
        let expected: Vec<u8> = (1..=15).chain([1]).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn packets_of_a_long_frame_have_no_numbers() {
        let mut packetizer = Packetizer::new(3);
        let numbered = packets(&mut packetizer, 10 * MAX_DATA);
        assert!(numbered.iter().all(|packet| packet[1] != 0));
        let unnumbered = packets(&mut packetizer, 10 * MAX_DATA + 3);
        assert!(unnumbered.iter().all(|packet| packet[1] == 0));
    }

    #[test]
    fn an_empty_frame_has_no_packets() {
        assert!(packets(&mut Packetizer::new(3), 0).is_empty());
    }
}
