//! What hostile programs have written is removed, whatever it is, once they have ended. Nothing is removed that is not in the folder which they could write to.

use std::fs::Permissions;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// A folder of this user's, and no link to one.
pub fn is_own_folder(path: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own)
}

/// Remove what is in a folder, as deep as it may be and whatever modes it has: level by level, with one folder open at a time. Whoever could change that meanwhile
/// has ended. A link is nothing to go through: whoever wrote it means what is not his.
pub fn empty(folder: &Path) {
    if !is_own_folder(folder) {
        return;
    }
    let open = |folder: &Path| std::fs::set_permissions(folder, Permissions::from_mode(0o700));
    let _ = open(folder);
    // Names that nobody can have taken before.
    let prefix = RandomState::new().hash_one(0_u8);
    let mut moved = 0_usize;
    while let Some(Ok(entry)) = std::fs::read_dir(folder).ok().and_then(|mut entries| entries.next()) {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder {
            if std::fs::remove_file(&path).is_err() {
                return;
            }
            continue;
        }
        let _ = open(&path);
        for child in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            if child.file_type().is_ok_and(|kind| kind.is_dir()) {
                let _ = open(&child.path());
            }
            moved += 1;
            let _ = std::fs::rename(child.path(), folder.join(format!(".moved-{prefix:x}-{moved}")));
        }
        if std::fs::remove_dir(&path).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_candidate_has_written_goes() {
        let folder = tempfile::tempdir().unwrap();
        // Deeper than a path may be long, and than one may recurse.
        let script = "p=$(printf 'd/%.0s' $(seq 1000)); for i in 1 2 3 4 5; do mkdir -p $p && cd -P $p || exit 1; done; echo x > f; chmod 0 f; cd \"$0\"; mkdir e e/f; chmod 0 e; mkdir -p .moved-1/keep/it; ln -s / l; chmod 0 .";
        let status = std::process::Command::new("bash")
            .args(["-c", script])
            .arg(folder.path())
            .current_dir(folder.path())
            .status();
        assert!(status.unwrap().success());
        empty(folder.path());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
