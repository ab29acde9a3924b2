//! What a candidate might try, tried by ourselves before the first one is run: a tier in which one of these works is not used. It harms nothing but what it has made itself.

use super::restraint::LONGEST_FILE;
use super::{Confinement, NoConfinement, View, run_briefly};
use crate::launcher::restrict_environment;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The hidden command that tries it, confined: [`try_all`].
pub const ESCAPE: &str = "__escape";

/// What it prints at its end: whoever does not has not tried everything.
const ALL: &str = "all tried";

/// A variable that nobody may see.
const DECOY: &str = "LEANWRIGHT_DECOY";

/// Where there is something to be had: made outside, and told to who tries.
struct Target {
    folder: PathBuf,
    port: u16,
    datagram_port: u16,
    outside: u32,
}

impl Target {
    /// What may be read: a folder with a file.
    fn given(&self) -> PathBuf {
        self.folder.join("given/text")
    }

    /// What may be written to.
    fn output(&self) -> PathBuf {
        self.folder.join("output")
    }

    fn secret(&self) -> PathBuf {
        self.folder.join("secret")
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Beside the folder that was made for all this.
    fn trace(&self) -> PathBuf {
        self.folder.with_extension("escaped")
    }

    /// Whether a file was made where the folder is. A private folder of the same name, in which there is nothing else, is no escape; what it leaves would be seen from outside.
    fn is_there(&self, made: std::io::Result<File>) -> bool {
        made.is_ok() && self.secret().exists()
    }

    fn words(&self) -> [OsString; 4] {
        let numbers = [self.port.to_string(), self.datagram_port.to_string(), self.outside.to_string()];
        let [port, datagram_port, outside] = numbers.map(OsString::from);
        [self.folder.clone().into(), port, datagram_port, outside]
    }

    fn read(words: &[OsString]) -> Option<Self> {
        let [folder, port, datagram_port, outside] = words else { return None };
        let (port, datagram_port) = (port.to_str()?.parse().ok()?, datagram_port.to_str()?.parse().ok()?);
        Some(Self { folder: folder.into(), port, datagram_port, outside: outside.to_str()?.parse().ok()? })
    }
}

type Attempt = (&'static str, fn(&Target) -> bool);

/// Each says whether it could do it.
const ATTEMPTS: [Attempt; 15] = [
    ("write beside its folder", |target| target.is_there(File::create(target.folder.join("beside")))),
    ("write to what it may read", |target| File::options().append(true).open(target.given()).is_ok()),
    ("empty what it may read", |target| File::options().write(true).truncate(true).open(target.given()).is_ok()),
    ("change the mode of what it may read", |target| {
        std::fs::set_permissions(target.given(), PermissionsExt::from_mode(0o777)).is_ok()
    }),
    ("give what it may read a second name and write to that", |target| {
        let twin = target.output().join("twin");
        std::fs::hard_link(target.given(), &twin).is_ok() && File::options().append(true).open(twin).is_ok()
    }),
    ("write through a link", |target| {
        let link = target.output().join("link");
        std::os::unix::fs::symlink(target.folder.join("beside"), &link).is_ok() && target.is_there(File::create(link))
    }),
    ("write where temporary files are", |target| target.is_there(File::create(target.trace()))),
    ("read a file of the user's", |target| std::fs::read(target.secret()).is_ok()),
    ("see a variable of the user's", |_| std::env::var_os(DECOY).is_some()),
    ("look into another process", |target| File::open(format!("/proc/{}/environ", target.outside)).is_ok()),
    ("connect by TCP", |target| TcpStream::connect(("127.0.0.1", target.port)).is_ok()),
    ("send by UDP", |target| {
        let send = |socket: UdpSocket| socket.send_to(b"x", ("127.0.0.1", target.datagram_port));
        UdpSocket::bind("127.0.0.1:0").and_then(send).is_ok()
    }),
    ("connect to a socket in a folder", |target| UnixStream::connect(target.socket()).is_ok()),
    ("connect to a socket without a folder", |target| connect_abstract(target).is_ok()),
    ("start another program", |_| Command::new("/bin/sh").args(["-c", ":"]).status().is_ok()),
];

#[cfg(target_os = "linux")]
fn abstract_address(target: &Target) -> std::io::Result<std::os::unix::net::SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    std::os::unix::net::SocketAddr::from_abstract_name(target.folder.as_os_str().as_encoded_bytes())
}

#[cfg(target_os = "linux")]
fn connect_abstract(target: &Target) -> std::io::Result<UnixStream> {
    UnixStream::connect_addr(&abstract_address(target)?)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_: &Target) -> std::io::Result<UnixStream> {
    Err(ErrorKind::Unsupported.into())
}

/// Try everything and print what worked, a line each.
pub fn try_all(words: &[OsString]) -> std::io::Result<()> {
    let Some(target) = Target::read(words) else { return Err(std::io::Error::other("no target")) };
    let mut out = std::io::stdout();
    for (name, attempt) in ATTEMPTS {
        if attempt(&target) {
            writeln!(out, "{name}")?;
        }
    }
    // The first process of a namespace is bubblewrap's own if it is not this one, and has no filter.
    if std::process::id() != 1 && File::options().write(true).open("/proc/1/mem").is_ok() {
        writeln!(out, "write into the first process")?;
    }
    // What it may do it can do: a sandbox in which nothing works tells nothing.
    if std::fs::read(target.given()).is_err() {
        writeln!(out, "(but it could not read what it was given)")?;
    }
    if std::fs::write(target.output().join("written"), "x").is_err() {
        writeln!(out, "(but it could not write its output)")?;
    }
    writeln!(out, "{ALL}")?;
    out.flush()?;
    // Whoever is not allowed to is ended by the kernel.
    let long = File::create(target.output().join("long")).and_then(|file| file.set_len(LONGEST_FILE + 1));
    if long.is_ok() {
        writeln!(out, "write a file of any length")?;
    }
    Ok(())
}

/// Have everything tried in a tier: an error if anything worked.
pub(super) fn must_fail(tier: &Confinement, helper: &Path) -> Result<(), NoConfinement> {
    let worked = attempt(Some(tier), helper).map_err(|error| tier.does_not_work(error.to_string()))?;
    match worked.is_empty() {
        true => Ok(()),
        false => Err(NoConfinement::Leaks(worked.join("; "))),
    }
}

/// What worked, by what was said and by what was seen from outside.
fn attempt(tier: Option<&Confinement>, helper: &Path) -> std::io::Result<Vec<String>> {
    let made = tempfile::tempdir()?;
    let (tcp, udp) = (TcpListener::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    let target = Target {
        folder: std::fs::canonicalize(made.path())?,
        port: tcp.local_addr()?.port(),
        datagram_port: udp.local_addr()?.port(),
        outside: std::process::id(),
    };
    let given = target.folder.join("given");
    std::fs::create_dir(&given)?;
    std::fs::create_dir(target.output())?;
    std::fs::write(target.given(), "given")?;
    std::fs::write(target.secret(), "secret")?;
    let mode = std::fs::metadata(target.given())?.permissions();
    let socket = UnixListener::bind(target.socket())?;
    tcp.set_nonblocking(true)?;
    udp.set_nonblocking(true)?;
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    let _abstract = UnixListener::bind_addr(&abstract_address(&target)?)?;

    let view = View { read: vec![given], write: Some(target.output()), ..View::default() };
    let mut words = tier.map_or_else(Vec::new, |tier| tier.words(helper, &view, &target.output()));
    words.extend([helper.as_os_str().to_owned(), ESCAPE.into()]);
    words.extend(target.words());
    let [program, arguments @ ..] = &words[..] else { return Err(ErrorKind::NotFound.into()) };
    let mut command = Command::new(program);
    command.args(arguments).env(DECOY, "secret");
    if tier.is_some() {
        restrict_environment(&mut command);
    }
    let output = run_briefly(&mut command)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut worked: Vec<String> = said.lines().filter(|line| *line != ALL).map(str::to_owned).collect();
    if !said.lines().any(|line| line == ALL) {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(std::io::Error::other(format!("it ended with {} before the end: {}", output.status, words.trim())));
    }
    let seen = [
        ("a file beside its folder", target.folder.join("beside").exists()),
        ("a temporary file", target.trace().exists()),
        ("another text in what it may read", std::fs::read(target.given())? != b"given"),
        ("another mode of what it may read", std::fs::metadata(target.given())?.permissions() != mode),
        ("a connection", tcp.accept().is_ok() || socket.accept().is_ok()),
        ("a datagram", udp.recv(&mut [0]).is_ok()),
    ];
    let _ = std::fs::remove_file(target.trace());
    worked.extend(seen.into_iter().filter(|(_, is_seen)| *is_seen).map(|(name, _)| format!("leave {name}")));
    Ok(worked)
}

/// What works without anything that confines: for tests, as an attempt that never works shows nothing.
#[doc(hidden)]
pub fn unconfined(helper: &Path) -> std::io::Result<Vec<String>> {
    attempt(None, helper)
}

/// What is tried, in words.
pub fn names() -> impl Iterator<Item = &'static str> {
    ATTEMPTS.iter().map(|(name, _)| *name)
}
