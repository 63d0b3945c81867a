use super::*;

fn put(contents: &mut Contents, text: &str) -> *mut rustchat_message {
    contents.put(Content::of_bytes(text.as_bytes().to_vec()))
}

fn text(message: *mut rustchat_message) -> String {
    // SAFETY: the tests look at live messages only.
    String::from_utf8(unsafe { get(message) }.unwrap().bytes().to_vec()).unwrap()
}

fn release(message: *mut rustchat_message) {
    // SAFETY: the tests release what they have.
    unsafe { Releases::new().add(message) };
}

#[test]
fn messages_of_blocks_end_in_any_order_and_on_any_thread() {
    for count in [0, 1, 2, 3, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE + 7] {
        for expected in [0, 1, count, count + 5] {
            let mut contents = Contents::expecting(expected);
            let mut all: Vec<_> = (0..count).map(|index| put(&mut contents, &index.to_string())).collect();
            drop(contents);
            all.reverse();
            // SAFETY: live messages.
            all.iter().step_by(3).for_each(|message| unsafe { get(*message) }.unwrap().retain());
            let again: Vec<usize> = all.iter().step_by(3).map(|message| message.expose_provenance()).collect();
            all.iter().enumerate().for_each(|(index, message)| {
                assert_eq!(text(*message), (count - 1 - index).to_string());
                release(*message);
            });
            std::thread::spawn(move || {
                for message in again.into_iter().map(ptr::with_exposed_provenance_mut) {
                    assert!(text(message).parse::<usize>().unwrap() < count);
                    release(message);
                }
            })
            .join()
            .unwrap();
        }
    }
}

#[test]
fn a_released_neighbour_is_no_message_while_the_block_lives() {
    let mut contents = Contents::expecting(2);
    let (first, second) = (put(&mut contents, "first"), put(&mut contents, "second"));
    release(first);
    // SAFETY: the block lives, since its second message does.
    assert!(unsafe { get(first) }.is_none());
    assert_eq!(text(second), "second");
    release(second);
}
