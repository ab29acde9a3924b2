//! Tier 2's part about files: landlock, in full or not at all. It does not hide that a file is there, nor its size and times (landlock(7), "current limitations").

use super::restraint::Files;
use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use std::io::Error;

/// The first with a right to truncate: without it, whoever may read a file could empty it.
const VERSION: ABI = ABI::V3;

/// Of the devices and the kernel's files, what a program looks at to find its way; of processes only itself.
const READ: [&str; 8] = [
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
];

/// Leave this process nothing of the file system but these.
pub(super) fn restrict(files: &Files) -> std::io::Result<()> {
    let ruleset = || -> Result<_, landlock::RulesetError> {
        // Signals and sockets are forbidden as system calls; where landlock knows them (its sixth version), it forbids them as well.
        let created = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .scope(Scope::Signal | Scope::AbstractUnixSocket)?
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(VERSION))?
            .create()?;
        // Files of the system that are not there are left out.
        let read = path_beneath_rules(files.read.iter(), AccessFs::from_read(VERSION));
        let of_kernel = path_beneath_rules(READ, AccessFs::ReadFile | AccessFs::ReadDir);
        let null = path_beneath_rules(["/dev/null"], AccessFs::ReadFile | AccessFs::WriteFile);
        created.add_rules(read)?.add_rules(of_kernel)?.add_rules(null)
    };
    let mut ruleset = ruleset().map_err(Error::other)?;
    if let Some(folder) = &files.write {
        let folder = PathFd::new(folder).map_err(Error::other)?;
        ruleset = ruleset.add_rule(PathBeneath::new(folder, writing())).map_err(Error::other)?;
    }
    let status = ruleset.restrict_self().map_err(Error::other)?;
    match (status.ruleset, status.no_new_privs) {
        // Partly, where there are no scopes: without all rights to files it would not have been made.
        (RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced, true) => Ok(()),
        _ => Err(Error::other("this kernel does not know all of landlock's third version")),
    }
}

/// No links, devices or sockets.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
}
