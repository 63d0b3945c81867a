//! The thread that tells an observer what the room has got.

use std::sync::Arc;

use super::event::Observer;
use super::hub::Hub;
use super::said::Said;
use super::service::Chat;
use crate::error;
use crate::reactor::{Body, Shutdown};

const NAME: &str = "rustchat-said";

/// The thread that tells the observer.
pub(super) fn body(hub: &Arc<Hub>, observer: Observer, shutdown: Arc<Shutdown<Chat>>) -> Body {
    let hub = Arc::clone(hub);
    let run = move || {
        let mut observer = observer;
        if let Some(said) = &hub.said {
            tell(said, &mut observer, &shutdown);
        }
        // It may own objects of the host program whose drop must not take the thread down either.
        let _ = error::caught("drop", || drop(observer));
    };
    (NAME.into(), Box::new(run))
}

/// Runs until the queue is closed and empty, or those who are told of the server's end have waited long enough.
fn tell(said: &Said, observer: &mut Observer, shutdown: &Shutdown<Chat>) {
    let (mut messages, mut told_of_loss) = (Vec::new(), 0);
    while said.take(&mut messages).is_ok() {
        let dropped = said.dropped();
        if dropped > told_of_loss {
            log::warn!("{} messages were lost to an observer that did not take them in time", dropped - told_of_loss);
            told_of_loss = dropped;
        }
        for message in messages.drain(..) {
            if shutdown.is_late() {
                said.lose();
            } else if error::caught("said", || observer(message)).is_err() {
                log::error!("the observer panicked");
            }
        }
    }
}
