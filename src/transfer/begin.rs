//! The first step of a request.

use std::sync::Arc;

use bytes::Bytes;

use super::deed::Deed;
use super::download::Download;
use super::listing::Listing;
use super::store::{Home, Store};
use super::task::{Next, Step, Task};
use super::upload::Upload;
use super::wire::{Refused, Report, Request};

/// Does the first step of a request.
pub(super) fn begin(store: &Arc<Store>, home: &Arc<Home>, request: &Request<'_>) -> Step {
    let deed = Deed { store, home };
    let done = |id: u32| vec![Report::Done(id, None).framed()];
    match request {
        Request::Stat(id, path) => answered(deed.stat(*id, path)),
        Request::MakeFolder(id, flags, path) => {
            answered(deed.make_folder(path, flags.parents, flags.lenient).map(|()| done(*id)))
        }
        Request::Remove(id, flags, path) => answered(deed.remove(path, flags.lenient).map(|()| done(*id))),
        Request::RemoveFolder(id, flags, path) => answered(deed.remove_folder(path, flags.lenient).map(|()| done(*id))),
        Request::Rename(id, flags, from, to) => answered(deed.rename(from, to, flags.overwrite).map(|()| done(*id))),
        Request::List(id, path) => first(Listing::open(home, *id, path)),
        Request::Put(id, put) => first(Upload::open(store, home, *id, put)),
        Request::Get(id, get) => first(Download::open(store, home, *id, get)),
        _ => Step::new(Vec::new(), Next::Done),
    }
}

/// The answer of a name operation.
fn answered(result: Result<Vec<Bytes>, Refused>) -> Step {
    Step::of(result.map(|said| Step::new(said, Next::Done)))
}

/// The first step of what has more than one.
fn first(opened: Result<impl Task, Refused>) -> Step {
    opened.map_or_else(Step::refused, |task| Box::new(task).step(Vec::new()))
}
