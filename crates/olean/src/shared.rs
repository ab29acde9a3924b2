//! Texts and numbers that many nodes may refer to: their bytes are there once, and comparing two costs the same for any length.
//!
//! A hostile file can let a thousand nodes share one number of half a megabyte: nothing here may copy or read the whole of it for
//! each of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that are shared when it is cloned. Equal exactly if the bytes are: by their digest, which is made once.
pub struct Shared<T: ?Sized>(Arc<Digested<T>>);

struct Digested<T: ?Sized> {
    digest: blake3::Hash,
    value: Box<T>,
}

impl<T: ?Sized + AsRef<[u8]>> Shared<T> {
    fn new(value: Box<T>) -> Self {
        let digest = blake3::hash((*value).as_ref());
        Self(Arc::new(Digested { digest, value }))
    }
}

impl<T: ?Sized> Shared<T> {
    /// A digest of the bytes.
    pub fn digest(&self) -> &blake3::Hash {
        &self.0.digest
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: ?Sized> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.digest.as_bytes() == other.0.digest.as_bytes()
    }
}

impl<T: ?Sized> Eq for Shared<T> {}

impl<T: ?Sized> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.as_bytes().hash(state);
    }
}

impl<T: ?Sized + Ord> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of the bytes.
impl<T: ?Sized + Ord> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.0.value.cmp(&other.0.value) }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl From<&str> for Shared<str> {
    fn from(text: &str) -> Self {
        Self::new(text.into())
    }
}

impl From<String> for Shared<str> {
    fn from(text: String) -> Self {
        Self::new(text.into())
    }
}

impl From<Vec<u8>> for Shared<[u8]> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes.into())
    }
}

impl PartialEq<str> for Shared<str> {
    fn eq(&self, other: &str) -> bool {
        *self.0.value == *other
    }
}

impl PartialEq<&str> for Shared<str> {
    fn eq(&self, other: &&str) -> bool {
        *self.0.value == **other
    }
}

impl Serialize for Shared<str> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Shared<str> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.into())
    }
}

impl fmt::Display for Shared<str> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
