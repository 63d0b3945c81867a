use super::*;

struct Thing;
struct OtherThing;

impl Object for Thing {
    type Handle = u8;
    const KIND: Kind = Kind::Server;
    fn close(&self) {}
}

impl Object for OtherThing {
    type Handle = u8;
    const KIND: Kind = Kind::Client;
    fn close(&self) {}
}

fn status<T: Object>(handle: *mut T::Handle) -> Option<Status> {
    get::<T>(handle).err().map(|error| error.status())
}

#[test]
fn only_the_handle_of_a_live_object_of_the_kind_is_taken() {
    let handle = insert(Thing).unwrap();
    assert_eq!(status::<Thing>(handle), None);
    assert_eq!(status::<OtherThing>(handle), Some(Status::BadHandle));
    assert!(remove::<OtherThing>(handle).is_err());
    assert!(remove::<Thing>(handle).is_ok());
    assert_eq!(status::<Thing>(handle), Some(Status::BadHandle));
    assert!(remove::<Thing>(handle).is_err());
    let second = insert(Thing).unwrap();
    assert_ne!(handle, second);
    assert_eq!(status::<Thing>(handle), Some(Status::BadHandle));
    drop(remove::<Thing>(second));
}

#[test]
fn no_number_is_worse_than_a_bad_handle() {
    for number in [0, 1, 2, 3, 5, 16, usize::MAX, usize::MAX >> 1, usize::MAX - 1, 0x7fff_1234] {
        let status = status::<Thing>(ptr::without_provenance_mut(number));
        assert_eq!(status, Some(Status::BadHandle), "{number:x}");
    }
}

#[test]
fn the_parts_of_a_handle_do_not_touch() {
    let full =
        Parts { kind: mask(KIND_BITS), slot: mask(SLOT_BITS), serial: mask(SERIAL_BITS), epoch: mask(EPOCH_BITS) };
    assert_eq!(full.to_number(), usize::MAX);
    for parts in [
        Parts { kind: 1, ..Parts { kind: 0, slot: 0, serial: 0, epoch: 0 } },
        Parts { kind: 0, slot: 9, serial: 0, epoch: 0 },
        Parts { kind: 4, slot: 0, serial: 77, epoch: 0 },
        Parts { kind: 2, slot: 3, serial: 5, epoch: 7 },
        full,
    ] {
        assert_eq!(Parts::of_number(parts.to_number()), Some(parts));
    }
    assert_eq!(Parts::of_number(full.to_number() & !1), None);
}
