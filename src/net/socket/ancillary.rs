//! Ancillary data: descriptors, credentials and the like, that travel beside a message. See cmsg(3).

use std::ops::Range;

use libc::c_int;

/// The length of an item, which stands at its beginning.
#[cfg(not(target_vendor = "apple"))]
type Length = usize;
#[cfg(target_vendor = "apple")]
type Length = u32;

/// Bytes of a header: length, level and kind.
const HEADER: usize = size_of::<libc::cmsghdr>();

/// Where in a header level and kind stand.
const LEVEL: usize = HEADER - 2 * size_of::<c_int>();
const KIND: usize = HEADER - size_of::<c_int>();

/// What items are aligned to.
const ALIGNMENT: usize = size_of::<Length>();

#[cfg(not(target_vendor = "apple"))]
fn usize_of(bytes: [u8; ALIGNMENT]) -> usize {
    Length::from_ne_bytes(bytes)
}
#[cfg(target_vendor = "apple")]
fn usize_of(bytes: [u8; ALIGNMENT]) -> usize {
    Length::from_ne_bytes(bytes) as usize
}

/// One piece of ancillary data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AncillaryItem {
    /// The protocol it belongs to, such as `SOL_SOCKET`.
    pub level: c_int,
    /// What it is there, such as `SCM_RIGHTS`.
    pub kind: c_int,
    /// Where in the buffer its data lies; shorter than the sender's if it was truncated.
    pub data: Range<usize>,
}

impl AncillaryItem {
    /// Appends an item to `buffer`, in the form the kernel reads.
    pub fn encode_into(level: c_int, kind: c_int, data: &[u8], buffer: &mut Vec<u8>) {
        let end = buffer.len() + (HEADER + data.len()).next_multiple_of(ALIGNMENT);
        buffer.extend_from_slice(&((HEADER + data.len()) as Length).to_ne_bytes());
        buffer.extend_from_slice(&level.to_ne_bytes());
        buffer.extend_from_slice(&kind.to_ne_bytes());
        buffer.extend_from_slice(data);
        buffer.resize(end, 0);
    }

    /// The items in what the kernel has written.
    pub fn decode(buffer: &[u8]) -> Vec<AncillaryItem> {
        let mut items = Vec::new();
        let mut start = 0;
        while let Some(header) = buffer.get(start..start + HEADER) {
            let length = header.first_chunk().map_or(0, |bytes| usize_of(*bytes));
            if length < HEADER {
                break;
            }
            let number = |offset: usize| header[offset..].first_chunk().map_or(0, |bytes| c_int::from_ne_bytes(*bytes));
            let end = start.saturating_add(length).min(buffer.len());
            items.push(AncillaryItem { level: number(LEVEL), kind: number(KIND), data: start + HEADER..end });
            start = end.next_multiple_of(ALIGNMENT);
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_and_a_cut_item_keeps_what_is_there() {
        let mut buffer = Vec::new();
        AncillaryItem::encode_into(1, 2, b"abc", &mut buffer);
        AncillaryItem::encode_into(3, 4, b"", &mut buffer);
        let items = AncillaryItem::decode(&buffer);
        let seen: Vec<_> = items.iter().map(|item| (item.level, item.kind, &buffer[item.data.clone()])).collect();
        assert_eq!(seen, [(1, 2, &b"abc"[..]), (3, 4, &b""[..])]);
        let cut = &buffer[..HEADER + 2];
        assert_eq!(AncillaryItem::decode(cut)[0].data, HEADER..HEADER + 2);
        assert_eq!(AncillaryItem::decode(&buffer[..HEADER - 1]), []);
    }
}
