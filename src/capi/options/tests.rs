use super::*;

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq)]
struct Small {
    struct_size: usize,
    value: u32,
    reserved: u32,
}

impl Options for Small {
    const NAME: &'static str = "Small";

    fn reserved_is_zero(&self) -> bool {
        self.reserved == 0
    }
}

#[repr(C)]
struct Grown {
    small: Small,
    more: u64,
}

fn read_grown(size: usize, more: u64) -> Result<Small> {
    let grown = Grown { small: Small { struct_size: size, value: 5, reserved: 0 }, more };
    // SAFETY: `grown` can be read as far as its size says, or the size is refused.
    unsafe { read((&raw const grown).cast::<Small>()) }
}

#[test]
fn a_later_version_is_taken_as_long_as_nothing_of_it_is_used() {
    assert_eq!(read_grown(size_of::<Small>(), 1).unwrap().value, 5);
    assert_eq!(read_grown(size_of::<Grown>(), 0).unwrap().value, 5);
    assert!(read_grown(size_of::<Grown>(), 1).unwrap_err().message().contains("reserved"));
    for size in [0, 1, size_of::<Small>() - 1, LARGEST + 1, usize::MAX] {
        assert!(read_grown(size, 0).unwrap_err().message().contains("struct_size"), "{size}");
    }
}

#[test]
fn a_report_fills_all_but_the_size_of_the_caller() {
    let mut grown = Grown { small: Small { struct_size: size_of::<Grown>(), value: 5, reserved: 6 }, more: 7 };
    // SAFETY: `grown` can be written as far as its size says.
    let report = unsafe { Report::new((&raw mut grown).cast::<Small>()) }.unwrap();
    report.set(Small { struct_size: 0, value: 8, reserved: 0 });
    assert_eq!(grown.small, Small { struct_size: size_of::<Grown>(), value: 8, reserved: 0 });
    assert_eq!(grown.more, 0);
}

#[test]
fn times_below_their_range_are_refused_by_name() {
    assert!(deadline(-2).err().unwrap().message().starts_with("timeout_ms is -2"));
    assert!(deadline(i64::MIN).is_err());
    assert!(deadline(i64::MAX).is_ok());
}
