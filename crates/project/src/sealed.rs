//! Files of the cache folder that several processes write and read at once: written elsewhere and moved into place, and sealed with a
//! digest, so that a damaged one is made anew and never believed.
//!
//! They are as trustworthy as the user's own cache folder: without a sandbox, a candidate that runs could write there.

use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;

const DIGEST: usize = 32;

/// Write a file with the digest of its content in front. Returns the digest.
pub fn write_sealed(path: &Path, content: &[u8]) -> std::io::Result<blake3::Hash> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let digest = blake3::hash(content);
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(digest.as_bytes())?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(digest)
}

/// The content of a file that is as it was written; with `expected`, as one writer has written it.
pub fn read_sealed(path: &Path, expected: Option<&blake3::Hash>) -> std::io::Result<Vec<u8>> {
    let mut bytes = std::fs::read(path)?;
    let damaged = || Error::new(ErrorKind::InvalidData, format!("{} is damaged", path.display()));
    let (digest, content) = bytes.split_first_chunk::<DIGEST>().ok_or_else(damaged)?;
    let is_whole = blake3::hash(content).as_bytes() == digest;
    if !is_whole || expected.is_some_and(|expected| expected.as_bytes() != digest) {
        return Err(damaged());
    }
    bytes.drain(..DIGEST);
    Ok(bytes)
}

/// The digest that stands in a sealed file.
pub fn digest_in(path: &Path) -> Option<blake3::Hash> {
    let mut digest = [0; DIGEST];
    std::fs::File::open(path).ok()?.read_exact(&mut digest).ok()?;
    Some(digest.into())
}
