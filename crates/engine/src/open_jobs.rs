//! The jobs that are open, and the requests that wait for several of them. What a job does next is not known here.

use crate::event::{JobId, ProveToken};
use crate::work::Job;
use leanwright_contract::editor::ProveResult;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Jobs {
    open: BTreeMap<JobId, Job>,
    /// `ProveAll` requests that are not answered yet.
    groups: BTreeMap<ProveToken, Group>,
    last: u64,
}

/// A `ProveAll` that is worked on.
#[derive(Debug, Default)]
struct Group {
    waiting: BTreeSet<JobId>,
    results: Vec<ProveResult>,
}

/// What waited with a token that is taken back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    ForOne,
    ForSeveral,
}

impl Jobs {
    pub fn begin(&mut self, job: Job) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        self.open.insert(id, job);
        id
    }

    pub fn get(&self, id: JobId) -> Option<&Job> {
        self.open.get(&id)
    }

    pub fn get_mut(&mut self, id: JobId) -> Option<&mut Job> {
        self.open.get_mut(&id)
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (JobId, &Job)> {
        self.open.iter().map(|(id, job)| (*id, job))
    }

    /// Those of some kind, the oldest first.
    pub fn ids(&self, is_wanted: impl Fn(&Job) -> bool) -> Vec<JobId> {
        self.iter().filter(|(_, job)| is_wanted(job)).map(|(id, _)| id).collect()
    }

    pub fn end(&mut self, id: JobId) -> Option<Job> {
        self.open.remove(&id)
    }

    /// A request waits for all of these.
    pub fn wait_for_all(&mut self, token: ProveToken, jobs: Vec<JobId>) {
        for id in &jobs {
            if let Some(job) = self.open.get_mut(id) {
                job.groups.push(token);
            }
        }
        self.groups.insert(token, Group { waiting: jobs.into_iter().collect(), results: Vec::new() });
    }

    /// A job has ended that a request for several waited for: all results, if it was the last one.
    pub fn result_for(&mut self, token: ProveToken, id: JobId, result: ProveResult) -> Option<Vec<ProveResult>> {
        let group = self.groups.get_mut(&token)?;
        group.waiting.remove(&id);
        group.results.push(result);
        if group.waiting.is_empty() { self.groups.remove(&token).map(|group| group.results) } else { None }
    }

    /// Nobody waits with this token any more. Returns what did, and the jobs that nobody else wants.
    pub fn take_back(&mut self, token: ProveToken) -> (Option<Waited>, Vec<JobId>) {
        let waited = if self.groups.remove(&token).is_some() {
            Some(Waited::ForSeveral)
        } else {
            self.open.values().any(|job| job.tokens.contains(&token)).then_some(Waited::ForOne)
        };
        let mut abandoned = Vec::new();
        for (id, job) in &mut self.open {
            let before = job.tokens.len() + job.groups.len();
            job.tokens.retain(|other| *other != token);
            job.groups.retain(|other| *other != token);
            let left = job.tokens.len() + job.groups.len();
            // What is judged again nobody had to ask for.
            if left < before && left == 0 && !job.automatic && job.known.is_none() {
                abandoned.push(*id);
            }
        }
        (waited, abandoned)
    }
}
