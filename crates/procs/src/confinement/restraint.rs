//! The last step before a confined program, in every tier: a process limits itself and becomes the program. It can give nothing back.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

/// The hidden command that does it: [`restrain`].
pub const RESTRAIN: &str = "__restrain";

/// The longest file that a confined process may write, in bytes.
pub const LONGEST_FILE: u64 = 512 << 20;

const PROCESSES: &str = "--processes";
const NETWORK: &str = "--network";
const FILES: &str = "--files";
const READ: &str = "--read";
const WRITE: &str = "--write";
const PROGRAM: &str = "--";

/// What a process is left with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Restraint {
    /// Whether it may start other processes.
    pub processes: bool,
    /// Whether it has sockets.
    pub network: bool,
    /// The files that there are for it; all, if something else sees to that.
    pub files: Option<Files>,
}

/// Files and folders, with all that is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Files {
    pub read: Vec<PathBuf>,
    pub write: Option<PathBuf>,
}

impl Restraint {
    /// The words of the hidden command, up to where the program's begin.
    pub fn words(&self) -> Vec<OsString> {
        let mut words: Vec<&OsStr> = Vec::new();
        words.extend(self.processes.then_some(OsStr::new(PROCESSES)));
        words.extend(self.network.then_some(OsStr::new(NETWORK)));
        if let Some(files) = &self.files {
            words.push(OsStr::new(FILES));
            words.extend(files.read.iter().flat_map(|path| [OsStr::new(READ), path.as_os_str()]));
            words.extend(files.write.iter().flat_map(|path| [OsStr::new(WRITE), path.as_os_str()]));
        }
        words.push(OsStr::new(PROGRAM));
        words.into_iter().map(OsStr::to_owned).collect()
    }

    /// Read them back, with the program's.
    fn read(words: &[OsString]) -> std::io::Result<(Self, &[OsString])> {
        let mut restraint = Self::default();
        let mut rest = words;
        loop {
            let [word, behind @ ..] = rest else { return Err(std::io::Error::other("no program")) };
            rest = behind;
            match (word.to_str(), rest) {
                (Some(PROGRAM), _) => return Ok((restraint, rest)),
                (Some(PROCESSES), _) => restraint.processes = true,
                (Some(NETWORK), _) => restraint.network = true,
                (Some(FILES), _) => restraint.files = Some(Files::default()),
                (Some(READ | WRITE), [path, behind @ ..]) => {
                    let files = restraint.files.get_or_insert_default();
                    match word == READ {
                        true => files.read.push(path.into()),
                        false => files.write = Some(path.into()),
                    }
                    rest = behind;
                }
                _ => return Err(std::io::Error::other(format!("unknown word {}", word.display()))),
            }
        }
    }
}

/// Become the program that the words name, with what they leave it. Returns only if that cannot be done: then nothing was run.
pub fn restrain(words: &[OsString]) -> std::io::Error {
    let run = || -> std::io::Result<std::convert::Infallible> {
        let (restraint, command) = Restraint::read(words)?;
        let [program, arguments @ ..] = command else { return Err(std::io::Error::other("no program")) };
        limit_files()?;
        // What we have inherited, an open folder perhaps, is not the program's.
        close_fds::set_fds_cloexec(3, &[]);
        restraint.apply()?;
        Err(std::process::Command::new(program).args(arguments).exec())
    };
    match run() {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

fn limit_files() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    for (resource, limit) in [(Resource::Fsize, LONGEST_FILE), (Resource::Core, 0)] {
        let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
impl Restraint {
    fn apply(&self) -> std::io::Result<()> {
        if let Some(files) = &self.files {
            drop_capabilities()?;
            super::files::restrict(files)?;
        }
        // Without namespaces what reaches other processes must be forbidden one by one.
        super::system_calls::forbid(self, self.files.is_some())
    }
}

/// Leave nothing of what root may do, now and after a program is started; bubblewrap does it by itself.
#[cfg(target_os = "linux")]
fn drop_capabilities() -> std::io::Result<()> {
    use rustix::thread::{CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities};
    // Who may not do this has none to give back; one that this kernel does not know is not there.
    for capability in CapabilitySet::all().iter() {
        let _ = remove_capability_from_bounding_set(capability);
    }
    let none = CapabilitySet::empty();
    Ok(set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?)
}

#[cfg(not(target_os = "linux"))]
impl Restraint {
    fn apply(&self) -> std::io::Result<()> {
        Err(std::io::Error::other("this system has neither landlock nor seccomp"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let files = Files { read: vec!["/usr".into(), "--".into()], write: Some("/out put".into()) };
        for restraint in [
            Restraint::default(),
            Restraint { processes: true, network: true, files: None },
            Restraint { processes: false, network: true, files: Some(files) },
            Restraint { files: Some(Files::default()), ..Restraint::default() },
        ] {
            let words: Vec<OsString> =
                restraint.words().into_iter().chain(["lean".into(), "--network".into()]).collect();
            let (read, program) = Restraint::read(&words).unwrap();
            assert_eq!((read, program), (restraint, &["lean".into(), "--network".into()][..]));
        }
        for words in [&["--network"][..], &["lean", "--"], &["--read"]] {
            let words: Vec<OsString> = words.iter().map(Into::into).collect();
            assert!(Restraint::read(&words).is_err(), "{words:?}");
        }
    }
}
