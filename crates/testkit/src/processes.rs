//! The processes below another one, as `/proc` shows them.

use std::collections::HashMap;
use std::path::Path;

/// A process that has not ended.
#[derive(Clone, Debug)]
pub struct Process {
    pub pid: u32,
    /// Of its process group.
    pub group: u32,
    pub arguments: Vec<String>,
    /// Whether it runs or waits, as `proc_pid_stat(5)` names it.
    pub state: String,
    /// The processor time that it has taken, in ticks of the clock.
    pub ticks: u64,
}

/// Every process below another one, at any depth.
pub fn processes_below(parent: u32) -> Vec<Process> {
    let mut children = HashMap::<u32, Vec<Process>>::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if let Some((parent, process)) = read(&entry.path()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut found, mut waiting) = (Vec::new(), vec![parent]);
    while let Some(pid) = waiting.pop() {
        let below = children.remove(&pid).unwrap_or_default();
        waiting.extend(below.iter().map(|process| process.pid));
        found.extend(below);
    }
    found
}

/// A process and its parent. One that ends while it is looked at is none.
fn read(folder: &Path) -> Option<(u32, Process)> {
    let pid = folder.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // The program's name stands in parentheses and may contain some itself.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let [state, parent, group, ..] = fields[..] else { return None };
    let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
    let arguments = String::from_utf8_lossy(&line).split_terminator('\0').map(str::to_owned).collect();
    let ticks = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let process = Process { pid, group: group.parse().ok()?, arguments, state: state.to_owned(), ticks };
    (state != "Z").then_some((parent.parse().ok()?, process))
}
