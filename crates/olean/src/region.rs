//! The object graph in a file: checked access to objects, arrays, strings and numbers by pointer.
//!
//! Source of the layout: `src/runtime/compact.cpp`, `src/library/module.cpp`, `src/include/lean/lean.h` of Lean 4: an
//! 80-byte header, the base address, the root pointer, then objects, each behind an 8-byte object header
//! (`rc: u32, size: u16, fields: u8, tag: u8`).

use crate::file::{MAX_PARTS, Olean};
use std::borrow::Cow;
use std::fmt;

/// Why a file is not a compiled module that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a compiled Lean module (no `olean` marker)")]
    NotAnOlean,
    #[error("a compiled module of format {0}; formats 1 and 2 can be read")]
    Format(u8),
    #[error("neither the 32-bit nor the 64-bit layout fits")]
    Layout,
    #[error("damaged at byte {at}: {what}")]
    Damaged { at: usize, what: &'static str },
}

/// What the first 80 bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub format: u8,
    pub lean_version: String,
    pub git_hash: String,
}

/// A pointer as it stands in the file.
pub type Pointer = u64;

const BASE_AT: usize = 0x50;
const OBJECT_HEADER: usize = 8;
const MAX_CONSTRUCTOR: u8 = 244;
const ARRAY: u8 = 246;
const SCALAR_ARRAY: u8 = 248;
const STRING: u8 = 249;
const BIG_NUMBER: u8 = 250;
const THUNK: u8 = 251;
const TASK: u8 = 252;
const REFERENCE: u8 = 253;

/// A file's bytes with what is needed to follow its pointers.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    bytes: &'a [u8],
    /// Where the pointers of each part lead to.
    parts: [Part; MAX_PARTS],
    /// Bytes per pointer and per `size_t`: 4 or 8.
    word: usize,
    /// Whether big numbers are GMP's.
    gmp: bool,
}

/// A part of the bytes, and the address that it believes to begin at.
#[derive(Clone, Copy, Default)]
struct Part {
    base: u64,
    start: usize,
    end: usize,
}

/// A constructor object.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    region: Region<'a>,
    at: usize,
    pub tag: u8,
    pub fields: u8,
}

impl fmt::Debug for Region<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({} bytes, {} bit)", self.bytes.len(), self.word * 8)
    }
}

impl<'a> Region<'a> {
    /// Check the header and find out the layout.
    pub fn open(olean: &'a Olean) -> Result<(Self, Header), Error> {
        let (bytes, starts) = (olean.bytes(), olean.starts());
        if bytes.get(..5) != Some(b"olean") {
            return Err(Error::NotAnOlean);
        }
        let format = bytes.get(5).copied().unwrap_or(0);
        if !(1..=2).contains(&format) {
            return Err(Error::Format(format));
        }
        let text = |range: std::ops::Range<usize>| {
            let raw = bytes.get(range).unwrap_or_default();
            let end = raw.iter().position(|byte| *byte == 0).unwrap_or(raw.len());
            String::from_utf8_lossy(raw.get(..end).unwrap_or_default()).into_owned()
        };
        let header = Header { format, lean_version: text(7..40), git_hash: text(40..BASE_AT) };
        let gmp = bytes.get(6).copied().unwrap_or(0) & 1 == 1;
        // The layout checks itself: with the right word size the root is a constructor inside the file.
        for word in [8, 4] {
            let mut region = Self { bytes, parts: [Part::default(); MAX_PARTS], word, gmp };
            let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
            let mut parts = region.parts;
            for (part, (start, end)) in parts.iter_mut().zip(starts.iter().zip(ends)) {
                *part = Part { base: region.word_at(start + BASE_AT).unwrap_or(0), start: *start, end };
            }
            region.parts = parts;
            let root = region.root().and_then(|root| region.object(root));
            if root.is_ok_and(|root| root.tag == 0 && (4..=16).contains(&root.fields)) {
                return Ok((region, header));
            }
        }
        Err(Error::Layout)
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes per pointer.
    pub fn word_size(&self) -> usize {
        self.word
    }

    /// The pointer to the module's data.
    pub fn root(&self) -> Result<Pointer, Error> {
        let last = self.parts.iter().map(|part| part.start).max().unwrap_or(0);
        self.word_at(last + BASE_AT + self.word)
    }

    fn word_at(&self, at: usize) -> Result<u64, Error> {
        let bytes =
            self.bytes.get(at..at.saturating_add(self.word)).ok_or(Error::Damaged { at, what: "end of file" })?;
        Ok(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn size_at(&self, at: usize) -> Result<usize, Error> {
        usize::try_from(self.word_at(at)?).map_err(|_| Error::Damaged { at, what: "size" })
    }

    /// The place of a pointer's object, checked for range and alignment.
    fn locate(&self, pointer: Pointer) -> Result<usize, Error> {
        let (at, part) = self.place(pointer).ok_or(Error::Damaged { at: 0, what: "pointer out of range" })?;
        let first = part.start + BASE_AT + 2 * self.word;
        if at % self.word == 0 && at >= first && at + OBJECT_HEADER <= part.end {
            Ok(at)
        } else {
            Err(Error::Damaged { at, what: "pointer out of range" })
        }
    }

    /// The place that a pointer leads to, and the part that it is in.
    fn place(&self, pointer: Pointer) -> Option<(usize, Part)> {
        self.parts.iter().find_map(|part| {
            let offset = usize::try_from(pointer.checked_sub(part.base)?).ok()?;
            let at = part.start.checked_add(offset)?;
            (at < part.end).then_some((at, *part))
        })
    }

    fn tag_at(&self, at: usize) -> u8 {
        self.bytes.get(at + 7).copied().unwrap_or(u8::MAX)
    }

    /// The value of a boxed scalar: `Name.anonymous`, `[]`, small numbers, constructors without fields.
    pub fn scalar(&self, pointer: Pointer) -> Option<u64> {
        (pointer & 1 == 1).then_some(pointer >> 1)
    }

    /// The constructor object at a pointer.
    pub fn object(&self, pointer: Pointer) -> Result<Object<'a>, Error> {
        let at = self.locate(pointer)?;
        let tag = self.tag_at(at);
        let fields = self.bytes.get(at + 6).copied().unwrap_or(0);
        if tag > MAX_CONSTRUCTOR {
            return Err(Error::Damaged { at, what: "a constructor was expected" });
        }
        Ok(Object { region: *self, at, tag, fields })
    }

    /// The elements of an array.
    pub fn array(&self, pointer: Pointer) -> Result<impl Iterator<Item = Pointer> + use<'a>, Error> {
        let at = self.locate(pointer)?;
        if self.tag_at(at) != ARRAY {
            return Err(Error::Damaged { at, what: "an array was expected" });
        }
        let size = self.size_at(at + OBJECT_HEADER)?;
        let data = at + OBJECT_HEADER + 2 * self.word;
        let end = size.checked_mul(self.word).and_then(|length| length.checked_add(data));
        if end.is_none_or(|end| end > self.bytes.len()) {
            return Err(Error::Damaged { at, what: "an array longer than the file" });
        }
        let region = *self;
        Ok((0..size).map(move |index| region.word_at(data + index * region.word).unwrap_or(0)))
    }

    /// How many bytes a string's text has, as its object says.
    pub fn string_size(&self, pointer: Pointer) -> Result<usize, Error> {
        let at = self.locate(pointer)?;
        if self.tag_at(at) != STRING {
            return Err(Error::Damaged { at, what: "a string was expected" });
        }
        self.size_at(at + OBJECT_HEADER)?.checked_sub(1).ok_or(Error::Damaged { at, what: "a string without an end" })
    }

    /// A string's text.
    pub fn string(&self, pointer: Pointer) -> Result<&'a str, Error> {
        let at = self.locate(pointer)?;
        let length = self.string_size(pointer)?;
        let data = at + OBJECT_HEADER + 3 * self.word;
        let text = data.checked_add(length).and_then(|end| self.bytes.get(data..end));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .ok_or(Error::Damaged { at, what: "a string that is not UTF-8" })
    }

    /// The little-endian bytes of a big number, without leading zeros.
    pub fn big_number(&self, pointer: Pointer) -> Result<&'a [u8], Error> {
        Ok(without_leading_zeros(self.big_natural(pointer)?))
    }

    /// A natural number that must be small: a line, an index, a number of parameters.
    pub fn small_natural(&self, pointer: Pointer) -> Result<u64, Error> {
        self.scalar(pointer).ok_or(Error::Damaged { at: 0, what: "a small number was expected" })
    }

    /// A natural number that counts something in the file: a bound variable, a field, parameters.
    pub fn index(&self, pointer: Pointer) -> Result<u32, Error> {
        let number = self.small_natural(pointer)?;
        u32::try_from(number).map_err(|_| Error::Damaged { at: 0, what: "a small number was expected" })
    }

    /// A natural number that fits into 64 bits. In a 32-bit file, those from 2³¹ on are big numbers.
    pub fn natural_u64(&self, pointer: Pointer) -> Result<u64, Error> {
        if let Some(small) = self.scalar(pointer) {
            return Ok(small);
        }
        // Lean writes no more words than a number needs: a longer one is not looked through.
        let digits = self.big_natural(pointer)?;
        let digits = if digits.len() <= 16 { without_leading_zeros(digits) } else { digits };
        if digits.len() > 8 {
            return Err(Error::Damaged { at: 0, what: "a number of 64 bits at most was expected" });
        }
        Ok(digits.iter().rev().fold(0, |value, digit| value << 8 | u64::from(*digit)))
    }

    fn big_natural(&self, pointer: Pointer) -> Result<&'a [u8], Error> {
        let at = self.locate(pointer)?;
        let damaged = |what| Error::Damaged { at, what };
        if self.tag_at(at) != BIG_NUMBER {
            return Err(damaged("a number was expected"));
        }
        // GMP: `alloc: i32, size: i32, digits: pointer`; own numbers: `negative: bool, size: size_t, digits: pointer`.
        let (length, digits) = if self.gmp {
            let size = self.bytes.get(at + 12..at + 16).and_then(|raw| raw.try_into().ok()).map(i32::from_le_bytes);
            let size = size.and_then(|size| usize::try_from(size).ok()).ok_or(damaged("a negative number"))?;
            (size.saturating_mul(self.word), self.word_at(at + 16)?)
        } else {
            if self.bytes.get(at + OBJECT_HEADER).copied().unwrap_or(1) != 0 {
                return Err(damaged("a negative number"));
            }
            let size = self.size_at(at + OBJECT_HEADER + self.word)?;
            (size.saturating_mul(4), self.word_at(at + OBJECT_HEADER + 2 * self.word)?)
        };
        let start = self.place(digits);
        let range = start.and_then(|(start, _)| Some(start..start.checked_add(length)?));
        range.and_then(|range| self.bytes.get(range)).ok_or(damaged("a number longer than the file"))
    }

    /// The elements of a `List`.
    pub fn list(&self, mut pointer: Pointer) -> Result<Vec<Pointer>, Error> {
        let mut elements = Vec::new();
        while self.scalar(pointer).is_none() {
            let cons = self.object(pointer)?;
            if cons.tag != 1 || elements.len() > self.bytes.len() / OBJECT_HEADER {
                return Err(Error::Damaged { at: cons.at, what: "a list was expected" });
            }
            elements.push(cons.field(0)?);
            pointer = cons.field(1)?;
        }
        Ok(elements)
    }
}

pub(crate) fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
    digits.get(..end).unwrap_or_default()
}

/// Any object: what it points to, and its bytes that are no pointers.
pub(crate) struct Shape<'a> {
    pub tag: u8,
    pub data: &'a [u8],
    at: usize,
    pointers: std::ops::Range<usize>,
}

impl Shape<'_> {
    /// The objects and scalars that it points to, in order.
    pub fn children(&self, region: Region<'_>) -> Result<Vec<Pointer>, Error> {
        self.pointers.clone().step_by(region.word).map(|at| region.word_at(at)).collect()
    }

    pub fn damaged(&self, what: &'static str) -> Error {
        Error::Damaged { at: self.at, what }
    }

    /// The bytes without those that Lean has not written. An object ends at a multiple of eight bytes, and Lean clears only the
    /// last word: in a 32-bit file, behind scalars that end in the word before it, stands what was in the memory. How long the
    /// scalars are is not known, so of that word only the first byte counts. (`lean_alloc_ctor_memory` in `lean.h`.)
    pub fn settled_data(&self, region: Region<'_>) -> Cow<'_, [u8]> {
        let word = region.word;
        let split = self.data.len().checked_sub(2 * word).filter(|_| self.tag <= MAX_CONSTRUCTOR && word == 4);
        let Some((settled, [first, _, _, _, 0, 0, 0, 0])) = split.map(|split| self.data.split_at(split)) else {
            return Cow::Borrowed(self.data);
        };
        Cow::Owned([settled, &[*first]].concat())
    }
}

impl<'a> Region<'a> {
    /// Whether the object at a pointer is of a kind that points to nothing.
    pub(crate) fn is_leaf(&self, pointer: Pointer) -> Result<bool, Error> {
        Ok(matches!(self.tag_at(self.locate(pointer)?), SCALAR_ARRAY | STRING | BIG_NUMBER))
    }

    /// The object at a pointer, of whatever kind it is.
    pub(crate) fn shape(&self, pointer: Pointer) -> Result<Shape<'a>, Error> {
        let at = self.locate(pointer)?;
        let tag = self.tag_at(at);
        let damaged = |what| Error::Damaged { at, what };
        let bytes = |start: usize, length: usize| {
            start.checked_add(length).and_then(|end| self.bytes.get(start..end)).ok_or(damaged("end of file"))
        };
        let body = at + OBJECT_HEADER;
        let (pointers, data) = match tag {
            0..=MAX_CONSTRUCTOR => {
                let fields = usize::from(self.bytes.get(at + 6).copied().unwrap_or(0)) * self.word;
                let size = self.bytes.get(at + 4..at + 6).and_then(|raw| raw.try_into().ok()).map(u16::from_le_bytes);
                let scalars = usize::from(size.unwrap_or(0)).checked_sub(OBJECT_HEADER + fields);
                let scalars = scalars.ok_or(damaged("an object smaller than its fields"))?;
                bytes(body, fields)?;
                (body..body + fields, bytes(body + fields, scalars)?)
            }
            ARRAY => {
                let length =
                    self.size_at(body)?.checked_mul(self.word).ok_or(damaged("an array longer than the file"))?;
                let start = body + 2 * self.word;
                bytes(start, length)?;
                (start..start + length, &[][..])
            }
            SCALAR_ARRAY => {
                let element = usize::from(self.bytes.get(at + 6).copied().unwrap_or(0));
                let length =
                    self.size_at(body)?.checked_mul(element).ok_or(damaged("an array longer than the file"))?;
                (body..body, bytes(body + 2 * self.word, length)?)
            }
            STRING => (body..body, self.string(pointer)?.as_bytes()),
            BIG_NUMBER => (body..body, self.big_natural(pointer)?),
            THUNK | TASK | REFERENCE => {
                bytes(body, self.word)?;
                (body..body + self.word, &[][..])
            }
            _ => return Err(damaged("an object that no file has")),
        };
        Ok(Shape { tag, data, at, pointers })
    }
}

impl Object<'_> {
    /// The pointer in a field.
    pub fn field(&self, index: usize) -> Result<Pointer, Error> {
        if index >= usize::from(self.fields) {
            return Err(Error::Damaged { at: self.at, what: "too few fields" });
        }
        self.region.word_at(self.at + OBJECT_HEADER + index * self.region.word)
    }

    /// A byte of the scalar area behind the fields.
    pub fn scalar_byte(&self, index: usize) -> Result<u8, Error> {
        let at = self.at + OBJECT_HEADER + usize::from(self.fields) * self.region.word + index;
        self.region.bytes.get(at).copied().ok_or(Error::Damaged { at, what: "end of file" })
    }

    /// Four bytes of the scalar area behind the fields, as a number.
    pub fn scalar_u32(&self, offset: usize) -> Result<u32, Error> {
        let bytes = [0, 1, 2, 3].map(|index| self.scalar_byte(offset + index));
        bytes.into_iter().rev().try_fold(0, |value, byte| Ok(value << 8 | u32::from(byte?)))
    }

    /// An error about this object.
    pub fn damaged(&self, what: &'static str) -> Error {
        Error::Damaged { at: self.at, what }
    }
}
