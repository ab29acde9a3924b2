//! Makes of a task what is sent to the runner, and what is shown to a user who asks: one function for both.
//!
//! Reads the project's files: not for the session's own thread.

use crate::shared::lock;
use leanwright_contract::{ContextDiagnostic, MineTask};
use leanwright_engine::{NameIndex, NotSent, Outgoing, bundle};
use leanwright_project::{Project, with_modules};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the names of a project are taken for true: they are hints.
const NAMES_LAST: Duration = Duration::from_secs(30);

type KnownNames = HashMap<PathBuf, (Instant, Arc<NameIndex>)>;

/// The user's rules, and the names of the projects that were asked about.
#[derive(Clone, Default)]
pub struct TaskPacker {
    outgoing: Arc<Outgoing>,
    names: Arc<Mutex<KnownNames>>,
}

impl TaskPacker {
    pub fn new(outgoing: Arc<Outgoing>) -> Self {
        Self { outgoing, names: Arc::default() }
    }

    /// The task of a hole in the project at `root` as it is sent; `Err` says why it is not.
    pub fn task(
        &self,
        root: &Path,
        task: &MineTask,
        diagnostics: Vec<ContextDiagnostic>,
    ) -> Result<serde_json::Value, NotSent> {
        let context = self.outgoing.context.map(|size| {
            let module = Project::at(root).and_then(|project| project.module_of(Path::new(&task.file)));
            let module = module.map(|(module, _)| module.to_string()).unwrap_or_default();
            bundle(task, &module, &self.names(root), diagnostics, size)
        });
        self.outgoing.prepare(task, context)
    }

    fn names(&self, root: &Path) -> Arc<NameIndex> {
        if let Some((read, names)) = lock(&self.names).get(root)
            && read.elapsed() < NAMES_LAST
        {
            return Arc::clone(names);
        }
        let names = Arc::new(read_names(root));
        lock(&self.names).insert(root.to_path_buf(), (Instant::now(), Arc::clone(&names)));
        names
    }
}

/// The names that a project declares. What cannot be read is left out.
fn read_names(root: &Path) -> NameIndex {
    let mut names = NameIndex::default();
    let Ok(project) = Project::at(root) else { return names };
    let indexes = with_modules(&project, NameIndex::of_file);
    indexes.into_iter().for_each(|index| names.extend(index));
    names
}
