//! Files stored and fetched, one after the other: a large one, or a folder of small ones.

use std::path::Path;

use rustchat::net::{Deadline, Endpoint};
use rustchat::transfer::{Download, FileClient, FileClientOptions, FileServer, FileServerOptions, RemotePath, Upload};

use crate::report::{Stopwatch, client_auth, server_auth};
use crate::{Result, Way};

pub(crate) fn serve(way: Way, root: &str) -> Result {
    let mut options = FileServerOptions::new("127.0.0.1:0".parse::<Endpoint>()?);
    options.auth = Some(server_auth()?);
    options.tls = way.tls.then(Default::default);
    options.root = Some(root.to_owned());
    options.disk_reserve = 0;
    options.durable = !way.no_fsync;
    let server = FileServer::start(options)?;
    println!("listening on {}", server.address());
    server.join(Deadline::never())?;
    Ok(())
}

/// `put` and `get` move a file, `put-all` and `get-all` a folder and what is in it.
pub(crate) fn call(way: Way, address: &str, what: &str, from: &str, to: &str) -> Result {
    let mut options = FileClientOptions::new(address.parse::<Endpoint>()?);
    options.auth = Some(client_auth()?);
    options.tls = way.tls.then(Default::default);
    let files = FileClient::connect(&options, Deadline::never())?;
    let upload = || {
        let upload = Upload::new().overwrite();
        if way.no_verify { upload.without_hashes() } else { upload }
    };
    let download = || {
        let download = Download::new().overwrite();
        let download = if way.no_verify { download.without_hashes() } else { download };
        if way.no_fsync { download.without_sync() } else { download }
    };
    let never = Deadline::never();
    let watch = Stopwatch::start();
    let bytes = match what {
        "put" => files.upload(from, &RemotePath::parse(to)?, upload(), never)?.size,
        "get" => files.download(&RemotePath::parse(from)?, Path::new(to), download(), never)?.size,
        "put-all" => files.upload_tree(from, &RemotePath::parse(to)?, upload(), never)?.bytes,
        "get-all" => files.download_tree(&RemotePath::parse(from)?, to, download(), never)?.bytes,
        _ => return Err(format!("{what} is none of put, get, put-all, get-all").into()),
    };
    watch.report("bytes", bytes);
    Ok(())
}
