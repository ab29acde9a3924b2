//! System calls that no confined program needs, by seccomp. A list of what is forbidden, not of what is allowed: Lean and Node need many, and other ones in each version. What
//! is newer than the list is forbidden as a whole.

use super::restraint::Restraint;
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter, sock_filter,
};
use std::collections::BTreeMap;
use std::io::Error;

/// What reaches around namespaces, or is the kernel's own business.
const ALWAYS: [c_long; 59] = [
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_sched_setaffinity,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
];

/// Without the network there are no sockets at all, but for pairs of streams, which lead nowhere else.
const SOCKETS: [c_long; 3] = [libc::SYS_socket, libc::SYS_connect, libc::SYS_bind];

/// Kinds of sockets that can send to an address although they are one of a pair (`socket(2)`: datagram, raw, reliable datagram, packets).
const NO_STREAMS: [u64; 5] = [2, 3, 4, 5, 10];

/// Families that a program with the network has: internet protocols, and the kernel's own for the list of its addresses. Not those of other programs of this machine.
const INTERNET: [libc::c_int; 3] = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Commands of `fcntl` that have the kernel send signals to somebody.
const SIGNALLING: [libc::c_int; 3] = [libc::F_SETOWN, 15, 10];

/// Requests of `ioctl` that have it send signals, type into a terminal, or change what a file system keeps of a file or is
/// (`asm-generic/sockios.h`, `asm-generic/ioctls.h`, `linux/fs.h`, `linux/fsverity.h`).
const REQUESTS: [u64; 12] = [
    0x8901,
    0x8902,
    0x5412,
    0x541c,
    0x4008_6602,
    0x4004_6602,
    0x401c_5820,
    0xc004_5877,
    0xc018_5879,
    0x4100_9432,
    0x4080_6685,
    0x8004_587d,
];

/// What reaches other processes of the user's, their memory or their files where there are no namespaces and landlock has no rule (landlock(7)).
const WITHOUT_NAMESPACES: [c_long; 37] = [
    FCHMODAT2,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_fremovexattr,
    libc::SYS_fsetxattr,
    libc::SYS_inotify_add_watch,
    libc::SYS_ioprio_set,
    libc::SYS_kill,
    libc::SYS_lremovexattr,
    libc::SYS_lsetxattr,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_msgctl,
    libc::SYS_msgget,
    libc::SYS_msgrcv,
    libc::SYS_msgsnd,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_removexattr,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_semctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_setpriority,
    libc::SYS_setxattr,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_shmget,
    libc::SYS_tkill,
    libc::SYS_utimensat,
];

const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

/// Not yet in crate `libc`; the same number everywhere.
const FCHMODAT2: c_long = 452;

#[cfg(target_arch = "x86_64")]
mod old {
    //! Older calls with the same effects, which newer architectures have not.
    use libc::c_long;

    pub const ALWAYS: [c_long; 6] =
        [libc::SYS__sysctl, libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt, libc::SYS_uselib, libc::SYS_ustat];
    pub const PROCESSES: [c_long; 2] = [libc::SYS_fork, libc::SYS_vfork];
    pub const WITHOUT_NAMESPACES: [c_long; 6] =
        [libc::SYS_chmod, libc::SYS_chown, libc::SYS_futimesat, libc::SYS_lchown, libc::SYS_utime, libc::SYS_utimes];
}

#[cfg(not(target_arch = "x86_64"))]
mod old {
    use libc::c_long;
    pub const ALWAYS: [c_long; 0] = [];
    pub const PROCESSES: [c_long; 0] = [];
    pub const WITHOUT_NAMESPACES: [c_long; 0] = [];
}

/// Make what a restraint does not leave fail with "operation not permitted", for this process and all that come of it.
pub(super) fn forbid(restraint: &Restraint, without_namespaces: bool) -> std::io::Result<()> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let mut forbidden: Vec<c_long> = ALWAYS.iter().chain(&old::ALWAYS).copied().collect();
    let equal = SeccompCmpOp::Eq;
    for kind in NO_STREAMS {
        rules.entry(libc::SYS_socketpair).or_default().push(when(1, SeccompCmpOp::MaskedEq(0xf), kind)?);
    }
    for command in SIGNALLING {
        rules.entry(libc::SYS_fcntl).or_default().push(when(1, equal.clone(), u64::from(command.cast_unsigned()))?);
    }
    for request in REQUESTS {
        rules.entry(libc::SYS_ioctl).or_default().push(when(1, equal.clone(), request)?);
    }
    if restraint.network {
        let other = INTERNET.map(|family| condition(0, SeccompCmpOp::Ne, u64::from(family.cast_unsigned())));
        rules.insert(libc::SYS_socket, vec![rule(other.into_iter().collect::<std::io::Result<_>>()?)?]);
    } else {
        forbidden.extend(SOCKETS);
    }
    if without_namespaces {
        forbidden.extend(WITHOUT_NAMESPACES.iter().chain(&old::WITHOUT_NAMESPACES));
        let own = u64::from(std::process::id());
        rules.insert(libc::SYS_tgkill, vec![when(0, SeccompCmpOp::Ne, own)?]);
        // The limits of another process; our own are 0 or our number.
        let other = |own| -> std::io::Result<SeccompCondition> { condition(0, SeccompCmpOp::Ne, own) };
        rules.insert(libc::SYS_prlimit64, vec![rule(vec![other(0)?, other(own)?])?]);
    }
    if !restraint.processes {
        forbidden.extend(old::PROCESSES);
        let threads = u64::try_from(libc::CLONE_THREAD).map_err(Error::other)?;
        rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpOp::MaskedEq(threads), 0)?]);
    } else {
        // New namespaces would bring capabilities in them.
        for flag in NAMESPACES {
            let flag = u64::from(flag.cast_unsigned());
            rules.entry(libc::SYS_clone).or_default().push(when(0, SeccompCmpOp::MaskedEq(flag), flag)?);
        }
    }
    rules.extend(forbidden.into_iter().map(|call| (call, Vec::new())));
    install(rules)?;
    apply_filter(&without_new_calls()).map_err(Error::other)
}

/// The first number of calls that nobody has looked at here, in every architecture: those of Linux 6.6 and before are below it. What has the bit of x32, the calls with another
/// width of pointers, is above it.
const FIRST_NEW: u32 = 453;

/// There are no such calls, as for an older kernel; nor is there `clone3`, whose flags are in memory, where no filter can look: who finds that takes `clone`.
fn without_new_calls() -> BpfProgram {
    // bpf_common.h, seccomp(2): load the number; jump if greater or equal; jump if equal; return.
    const LOAD: u16 = 0x20;
    const GREATER_OR_EQUAL: u16 = 0x35;
    const EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let clone3 = u32::try_from(libc::SYS_clone3).unwrap_or(FIRST_NEW);
    vec![
        step(LOAD, 0, 0, 0),
        step(GREATER_OR_EQUAL, 1, 0, FIRST_NEW),
        step(EQUAL, 0, 1, clone3),
        step(RETURN, 0, 0, SeccompAction::Errno(libc::ENOSYS.cast_unsigned()).into()),
        step(RETURN, 0, 0, SeccompAction::Allow.into()),
    ]
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> std::io::Result<SeccompCondition> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).map_err(Error::other)
}

fn rule(conditions: Vec<SeccompCondition>) -> std::io::Result<SeccompRule> {
    SeccompRule::new(conditions).map_err(Error::other)
}

fn when(argument: u8, operator: SeccompCmpOp, value: u64) -> std::io::Result<SeccompRule> {
    rule(vec![condition(argument, operator, value)?])
}

/// A call of another architecture than our own kills the process (`seccompiler`).
fn install(rules: BTreeMap<i64, Vec<SeccompRule>>) -> std::io::Result<()> {
    let here = std::env::consts::ARCH.try_into().map_err(Error::other)?;
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, here).map_err(Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(Error::other)?;
    apply_filter(&program).map_err(Error::other)
}
