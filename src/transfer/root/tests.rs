//! The same names and the same links by both ways: nothing outside is ever reached.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::transfer::names;
use crate::transfer::scratch::Scratch;

/// A root beside a secret that is not in it; both go with it.
struct Ground {
    _folder: Scratch,
    path: std::path::PathBuf,
}

impl Ground {
    fn new() -> Ground {
        let folder = Scratch::new();
        let path = folder.path().join("files");
        fs::create_dir_all(path.join("in/deep")).unwrap();
        fs::create_dir(folder.path().join("filesX")).unwrap();
        for secret in ["secret", "filesX/secret"] {
            fs::write(folder.path().join(secret), "outside").unwrap();
        }
        for file in ["a", "in/b", "in/deep/c"] {
            fs::write(path.join(file), "inside").unwrap();
        }
        Ground { _folder: folder, path }
    }

    fn roots(&self, follow: Follow) -> [Root; 2] {
        let root = || Root::open(&self.path, follow).unwrap();
        assert_eq!(root().how(), How::Kernel, "this system has openat2");
        [root(), root().with(How::Walk)]
    }
}

fn read(root: &Root, path: &[String]) -> Result<String, Refusal> {
    let file = root.file(path).map_err(|refused| refused.0)?;
    Ok(std::io::read_to_string(fs::File::from(file)).unwrap())
}

/// As a client names it: the rules for names come first.
fn ask(root: &Root, path: &[&[u8]]) -> Result<String, Refusal> {
    names::path(path).map_err(|refused| refused.0).and_then(|path| read(root, &path))
}

fn strings(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

/// Names that have led out elsewhere, alone, in front of and behind others.
fn hostile_paths() -> Vec<Vec<Vec<u8>>> {
    let mut names: Vec<Vec<u8>> = [
        "..",
        ".",
        "",
        "/",
        "//",
        "../",
        "/..",
        "./",
        "/.",
        "../..",
        "../../secret",
        "../secret",
        "..\\secret",
        "..//secret",
        "/secret",
        "/etc/passwd",
        "etc/passwd",
        "in/../../secret",
        "in/..",
        "a/b",
        "a/",
        "/a",
        "\0",
        "a\0",
        "\0a",
        "..\0",
        "secret\0.txt",
        ".../",
        "....//",
        "..;/",
        "..%2f",
        "..%00/",
        "%2e%2e",
        "%2e%2e%2fsecret",
        "%252e%252e",
        "..%c0%af",
        "..%c1%9c",
        "\u{2024}\u{2024}",
        "\u{ff0e}\u{ff0e}",
        "\u{2215}etc",
        "..\u{2215}secret",
        ".. ",
        " ..",
        "..\t",
        "..\n",
        "...",
        "....",
        "~",
        "~root",
        "$HOME",
        "C:\\",
        "C:secret",
        "\\\\host\\share",
        "\\..\\secret",
        "file:///etc/passwd",
        "filesX",
        "../filesX/secret",
        "filesX/secret",
        "files/../secret",
        ".rustchat",
        ".rustchat/partial",
        "nul",
        "CON",
        "aux.txt",
        "proc/self/root",
        "/proc/self/root/etc/passwd",
        "/dev/stdin",
        "/proc/self/fd/0",
        "*",
        "?",
        "-rf",
        "`id`",
        "$(id)",
        ";id",
    ]
    .iter()
    .map(|name| name.as_bytes().to_vec())
    .collect();
    names.extend([b"..\xff".to_vec(), b"\xc0\xae\xc0\xae".to_vec(), b"\xe0\x80\xae".to_vec(), b"\xff".to_vec()]);
    names.extend([vec![b'x'; 255], vec![b'x'; 256], [&[b'.'; 254][..], b"/"].concat(), vec![b'/'; 255]]);
    let mut paths = vec![vec![b"x".to_vec(); 65], vec![vec![b'x'; 250]; 20], vec![b"..".to_vec(); 64]];
    for name in names {
        paths.push(vec![name.clone()]);
        paths.push(vec![b"in".to_vec(), name.clone()]);
        paths.push(vec![name.clone(), b"secret".to_vec()]);
        paths.push(vec![b"in".to_vec(), name, b"secret".to_vec()]);
    }
    paths
}

#[test]
fn no_name_leads_out() {
    let ground = Ground::new();
    let paths = hostile_paths();
    assert!(paths.len() >= 200, "{}", paths.len());
    for follow in [Follow::No, Follow::Inside] {
        let [kernel, walk] = ground.roots(follow);
        for path in &paths {
            let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
            let (one, other) = (ask(&kernel, &path), ask(&walk, &path));
            assert!(one.is_err() && one == other, "{path:?}: {one:?} and {other:?}");
        }
        for root in [&kernel, &walk] {
            assert_eq!(ask(root, &[b"in", b"deep", b"c"]), Ok("inside".into()));
            // What comes past the rules for names leads nowhere either.
            for path in ["../secret", "..", "in/../../secret", "in/deep/../../../secret"] {
                assert!(read(root, &strings(path)).is_err(), "{path}");
            }
        }
    }
}

#[test]
fn links_are_followed_by_the_policy_alone() {
    let ground = Ground::new();
    let outside = ground.path.parent().unwrap().to_owned();
    let absolute = outside.join("secret").into_os_string().into_string().unwrap();
    let links = [
        ("up", "..", false),
        ("out", "../secret", false),
        ("absolute", &*absolute, false),
        ("all", "/", false),
        ("proc", "/proc/self/root", false),
        ("round", "round", false),
        ("in/back", "../..", false),
        ("in/own", "../a", true),
        ("in/folder", "deep", true),
        ("twice", "in/own", true),
        ("dots", "./in/.././in/b", true),
    ];
    for (name, target, _) in links {
        symlink(target, ground.path.join(name)).unwrap();
    }
    for root in ground.roots(Follow::No) {
        for (name, ..) in links {
            assert_eq!(read(&root, &strings(name)), Err(Refusal::Symlink), "{name}");
            let through = read(&root, &strings(&format!("{name}/secret"))).unwrap_err();
            assert_eq!(through, Refusal::Symlink, "{name}/secret");
            assert!(root.look(&strings(name)).is_ok(), "it can be looked at");
        }
    }
    for root in ground.roots(Follow::Inside) {
        for (name, _, stays) in links {
            let expected = if stays { Ok("inside".into()) } else { Err(Refusal::Symlink) };
            let path = if name == "in/folder" { "in/folder/c" } else { name };
            assert_eq!(read(&root, &strings(path)), expected, "{name} by {:?}", root.how());
            for through in ["secret", "etc/passwd", "files/../secret"] {
                assert!(read(&root, &strings(&format!("{name}/{through}"))).is_err(), "{name}/{through}");
            }
        }
    }
}

/// As far as it goes without the rights to mount: what the system has mounted is another place.
#[test]
fn another_file_system_is_another_place() {
    for how in [How::Kernel, How::Walk] {
        let system = Root::open(Path::new("/"), Follow::Inside).unwrap().with(how);
        assert_eq!(system.folder(&strings("proc/self")).unwrap_err().0, Refusal::OtherFileSystem);
        assert_eq!(system.look(&strings("proc")).map(drop).unwrap_err().0, Refusal::OtherFileSystem);
    }
}

#[test]
fn nothing_but_a_regular_file_is_opened() {
    let ground = Ground::new();
    let pipe = ground.path.join("pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(ground.path.join("socket")).unwrap();
    for follow in [Follow::No, Follow::Inside] {
        for root in ground.roots(follow) {
            assert_eq!(read(&root, &strings("pipe")), Err(Refusal::NotRegular));
            assert_eq!(read(&root, &strings("socket")), Err(Refusal::NotRegular));
            assert_eq!(read(&root, &strings("in")), Err(Refusal::IsFolder));
            assert_eq!(read(&root, &strings("a/b")), Err(Refusal::NotFolder));
            assert_eq!(read(&root, &strings("none")), Err(Refusal::NotFound));
            assert_eq!(root.listing(&strings("a")).unwrap_err().0, Refusal::NotFolder);
        }
    }
}

/// Has another thread end, whatever becomes of this one.
struct Ends<'s>(&'s AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A parent that is swapped for a link all the time, while folders are renamed.
#[test]
fn nobody_who_swaps_a_folder_for_a_link_leads_out() {
    let ground = Ground::new();
    let (path, outside) = (ground.path.clone(), ground.path.parent().unwrap().join("filesX"));
    fs::create_dir(path.join("swap")).unwrap();
    fs::write(path.join("swap/secret"), "inside").unwrap();
    symlink(&outside, path.join("link")).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _end = Ends(&stop);
        scope.spawn(|| {
            let exchange = rustix::fs::RenameFlags::EXCHANGE;
            while !stop.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, path.join("swap"), CWD, path.join("link"), exchange).unwrap();
            }
        });
        let mut seen = [0_usize; 2];
        for follow in [Follow::No, Follow::Inside] {
            for root in ground.roots(follow) {
                for _ in 0..3000 {
                    match read(&root, &strings("swap/secret")) {
                        Ok(text) => {
                            assert_eq!(text, "inside");
                            seen[0] += 1;
                        }
                        Err(Refusal::Symlink) => seen[1] += 1,
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
        }
        assert!(seen[0] > 0, "{seen:?}");
    });
}

#[test]
fn a_root_is_no_link() {
    let ground = Ground::new();
    let link = ground.path.with_file_name("link");
    symlink(&ground.path, &link).unwrap();
    let error = Root::open(&link, Follow::Inside).unwrap_err();
    assert!(error.message().ends_with("is a symbolic link"), "{error}");
    assert_eq!(Root::open(&ground.path.join("a"), Follow::No).unwrap_err().os_code(), Some(libc::ENOTDIR));
}
