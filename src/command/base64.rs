//! Base64, which carries bytes in JSON.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes bytes as base64, with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    let (threes, rest) = bytes.as_chunks::<3>();
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    // Not letter by letter: klippy's reactor waits for it.
    text.extend(threes.iter().flat_map(|three| digits(*three)));
    if !rest.is_empty() {
        let mut padded = [0; 3];
        padded[..rest.len()].copy_from_slice(rest);
        text.extend_from_slice(&digits(padded)[..=rest.len()]);
        text.resize(text.len().next_multiple_of(4), b'=');
    }
    // All digits are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

fn digits([a, b, c]: [u8; 3]) -> [u8; 4] {
    let number = u32::from_be_bytes([0, a, b, c]);
    [18, 12, 6, 0].map(|shift| DIGITS[(number >> shift) as usize & 63])
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[255, 255, 255, 251]), "////+w==");
    }
}
