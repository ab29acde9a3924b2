//! Where each declaration stands in the source, from the entries of `Lean.declRangeExt`.

use crate::name::{Name, NameId};
use crate::region::{Error, Pointer, Region};
use crate::term::Decoder;

/// A declaration's source range. Lines are 1-based, columns count code points from 0; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclarationRange {
    pub start: (u64, u64),
    pub end: (u64, u64),
}

/// The ranges of a module's declarations. `entries` points to the module's `Array (Name × Array EnvExtensionEntry)`.
pub fn declaration_ranges(
    decoder: &mut Decoder<'_, '_>,
    entries: Pointer,
) -> Result<Vec<(NameId, DeclarationRange)>, Error> {
    let region = decoder.region;
    let extension = decoder.store.intern_name(&Name::from_texts(["Lean", "declRangeExt"]));
    let mut ranges = Vec::new();
    for pair in region.array(entries)? {
        let pair = region.object(pair)?;
        if decoder.name(pair.field(0)?)? != extension {
            continue;
        }
        for entry in region.array(pair.field(1)?)? {
            let entry = region.object(entry)?;
            let name = decoder.name(entry.field(0)?)?;
            ranges.push((name, read_range(region, region.object(entry.field(1)?)?.field(0)?)?));
        }
    }
    Ok(ranges)
}

/// `DeclarationRange`: position, UTF-16 column, end position, UTF-16 end column.
fn read_range(region: Region<'_>, pointer: Pointer) -> Result<DeclarationRange, Error> {
    let range = region.object(pointer)?;
    let position = |field| {
        let position = region.object(range.field(field)?)?;
        Ok((region.small_natural(position.field(0)?)?, region.small_natural(position.field(1)?)?))
    };
    Ok(DeclarationRange { start: position(0)?, end: position(2)? })
}
