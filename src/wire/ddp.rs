//! DDP, the Distributed Display Protocol: pixels in UDP packets, to WLED and other controllers.
//!
//! A frame is cut into packets that fit one Ethernet frame; each says where in the controller's
//! buffer its bytes belong, and the last one asks to show them all. A lost packet leaves some
//! pixels as they were until the next frame.
//!
//! Format: <http://www.3waylabs.com/ddp/>.

use std::mem;

/// The port that controllers listen on.
pub const PORT: u16 = 4048;
/// Bytes before the pixels.
pub const HEADER: usize = 10;
/// Most pixel bytes of one packet: 480 pixels of three channels, or 360 of four; with the headers
/// of DDP, UDP and IP it stays below Ethernet's 1500 bytes.
pub const MOST: usize = 1440;

/// Version 1 of the protocol.
const VERSION: u8 = 0x40;
/// Show what has come.
const PUSH: u8 = 0x01;
/// Three channels of eight bits, red first.
const RGB: u8 = 0x0B;
/// Four channels of eight bits, red first.
const RGBW: u8 = 0x1B;
/// The controller's pixels, among the other things one can talk to.
const DISPLAY: u8 = 1;
/// Packets are numbered from 1 to 15; 0 is a packet without a number.
const LAST_NUMBER: u8 = 15;
/// From so many packets a frame on, numbers no longer tell an early packet from a late one: WLED
/// takes the next ten numbers for new and the others for old.
const MOST_NUMBERED: usize = 10;

/// Cuts the frames of one strip into packets.
///
/// ```
/// use lumen::wire::ddp::Packetizer;
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
    /// Makes one for pixels of three or four channels.
    pub fn new(channels: usize) -> Self {
        Self {
            data_type: if channels == 4 { RGBW } else { RGB },
            number: 0,
            packet: Vec::with_capacity(HEADER + MOST),
        }
    }

    /// The packets of a frame, to be sent in this order; none of an empty frame.
    pub fn packets<'a>(&'a mut self, frame: &'a [u8]) -> Packets<'a> {
        Packets {
            numbered: frame.len() <= MOST_NUMBERED * MOST,
            packetizer: self,
            rest: frame,
            offset: 0,
        }
    }

    fn fill(&mut self, head: u8, offset: u32, data: &[u8]) {
        self.packet.clear();
        self.packet
            .extend_from_slice(&[head, self.number, self.data_type, DISPLAY]);
        self.packet.extend_from_slice(&offset.to_be_bytes());
        self.packet
            .extend_from_slice(&(data.len() as u16).to_be_bytes());
        self.packet.extend_from_slice(data);
    }
}

/// The packets of one frame; each is made in the place of the one before.
#[derive(Debug)]
pub struct Packets<'a> {
    packetizer: &'a mut Packetizer,
    rest: &'a [u8],
    offset: u32,
    numbered: bool,
}

impl Packets<'_> {
    /// The next packet; `None` after the last one.
    // Not an iterator: the packet is lent only until the next one is made.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Option<&[u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = mem::take(&mut self.rest);
        let (data, rest) = rest.split_at(rest.len().min(MOST));
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
    fn the_header_says_version_number_type_place_and_length() {
        let sent = packets(&mut Packetizer::new(4), 1444);
        assert_eq!(sent[0][..HEADER], [0x40, 1, 0x1B, 1, 0, 0, 0, 0, 5, 0xA0]);
        assert_eq!(sent[1], [0x41, 2, 0x1B, 1, 0, 0, 5, 0xA0, 0, 4, 7, 7, 7, 7]);
    }

    #[test]
    fn a_frame_that_fills_its_packets_is_pushed_by_the_last_of_them() {
        let sent = packets(&mut Packetizer::new(3), 2 * MOST);
        let heads: Vec<u8> = sent.iter().map(|packet| packet[0]).collect();
        assert_eq!(heads, [0x40, 0x41]);
    }

    #[test]
    fn numbers_run_from_1_to_15_across_frames() {
        let mut packetizer = Packetizer::new(3);
        let numbers: Vec<u8> = (0..16).map(|_| packets(&mut packetizer, 3)[0][1]).collect();
        let expected: Vec<u8> = (1..=15).chain([1]).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn packets_of_a_frame_that_is_too_long_for_numbers_have_none() {
        let mut packetizer = Packetizer::new(3);
        let most = packets(&mut packetizer, 10 * MOST);
        assert!(most.iter().all(|packet| packet[1] != 0));
        let more = packets(&mut packetizer, 10 * MOST + 3);
        assert!(more.iter().all(|packet| packet[1] == 0));
    }

    #[test]
    fn an_empty_frame_is_no_packet() {
        assert!(packets(&mut Packetizer::new(3), 0).is_empty());
    }
}
