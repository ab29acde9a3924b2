//! Compiled modules that somebody wrote to burst the reader: each is read or refused in memory that is the stated multiple of it, and
//! in time that grows with it. They have a megabyte each, as one honest file of Lean's library has.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]

use leanwright_olean::{MEMORY_PER_BYTE, Module, Olean, Store, import_names};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What even an empty file takes.
const FLOOR: usize = 64 << 10;
const SIZE: usize = 1 << 20;
const BASE: u64 = 0x1000_0000;
const NIL: u64 = 1;

const ARRAY: u8 = 246;
const STRING: u8 = 249;
const BIG_NUMBER: u8 = 250;

/// A 64-bit file that is being written.
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn new() -> Self {
        let mut bytes = vec![0; 0x60];
        bytes[..6].copy_from_slice(b"olean\x02");
        bytes[0x50..0x58].copy_from_slice(&BASE.to_le_bytes());
        Self { bytes }
    }

    fn at(&self) -> u64 {
        BASE + self.bytes.len() as u64
    }

    fn header(&mut self, size: u16, fields: u8, tag: u8) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.at();
        self.bytes.extend([0; 4]);
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend([fields, tag]);
        at
    }

    fn words(&mut self, words: &[u64]) {
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    /// A constructor with eight bytes of scalars behind its fields.
    fn object(&mut self, tag: u8, fields: &[u64]) -> u64 {
        let at = self.header(16 + 8 * fields.len() as u16, fields.len() as u8, tag);
        self.words(fields);
        self.words(&[0]);
        at
    }

    fn array(&mut self, elements: &[u64]) -> u64 {
        let at = self.header(0, 0, ARRAY);
        self.words(&[elements.len() as u64, elements.len() as u64]);
        self.words(elements);
        at
    }

    /// A string whose object says `length`, whatever follows.
    fn string_of(&mut self, length: usize, text: &[u8]) -> u64 {
        let at = self.header(0, 0, STRING);
        self.words(&[length as u64 + 1, length as u64 + 1, length as u64]);
        self.bytes.extend(text);
        at
    }

    fn string(&mut self, text: &str) -> u64 {
        let at = self.string_of(text.len(), text.as_bytes());
        self.bytes.push(0);
        at
    }

    fn name(&mut self, prefix: u64, text: u64) -> u64 {
        self.object(1, &[prefix, text])
    }

    fn number(&mut self, digits: u64, words: u64) -> u64 {
        let at = self.header(0, 0, BIG_NUMBER);
        self.words(&[0, 2 * words, digits]);
        at
    }

    fn list(&mut self, elements: impl IntoIterator<Item = u64>) -> u64 {
        elements.into_iter().fold(NIL, |tail, head| self.object(1, &[head, tail]))
    }

    fn axiom(&mut self, name: u64, parameters: u64, statement: u64) -> u64 {
        let base = self.object(0, &[name, parameters, statement]);
        let body = self.object(0, &[base]);
        self.object(0, &[body])
    }

    fn numbered(&mut self, prefix: u64, number: usize) -> u64 {
        self.object(2, &[prefix, (number as u64) << 1 | 1])
    }

    /// `Sort 0`.
    fn sort(&mut self) -> u64 {
        self.object(3, &[1])
    }

    fn module(mut self, imports: u64, constants: u64, entries: u64) -> Vec<u8> {
        let root = self.object(0, &[imports, NIL, constants, NIL, entries]);
        self.bytes[0x58..0x60].copy_from_slice(&root.to_le_bytes());
        self.bytes
    }

    fn module_of_constants(mut self, constants: &[u64]) -> Vec<u8> {
        let (constants, none) = (self.array(constants), self.array(&[]));
        self.module(none, constants, none)
    }

    fn module_of_entries(mut self, extension: &[&str], entries: &[u64]) -> Vec<u8> {
        let name = extension.iter().fold(1, |prefix, part| {
            let text = self.string(part);
            self.name(prefix, text)
        });
        let (entries, none) = (self.array(entries), self.array(&[]));
        let pair = self.object(0, &[name, entries]);
        let entries = self.array(&[pair]);
        self.module(none, none, entries)
    }

    fn left(&self) -> usize {
        SIZE.saturating_sub(self.bytes.len())
    }
}

/// Nodes that differ and share one big number.
fn a_number_that_many_nodes_share() -> Vec<u8> {
    let mut file = Writer::new();
    let digits = file.at();
    file.bytes.extend(vec![0xab; SIZE / 2]);
    let number = file.number(digits, SIZE as u64 / 16);
    let (name, mut term) = (file.numbered(1, 0), file.sort());
    while file.left() > 200 {
        term = file.object(11, &[name, number, term]);
    }
    let constant = file.axiom(name, NIL, term);
    file.module_of_constants(&[constant])
}

/// Literals of different lengths that lie on one another.
fn numbers_that_overlap() -> Vec<u8> {
    let mut file = Writer::new();
    let digits = file.at();
    file.bytes.extend(vec![0xab; SIZE / 2]);
    let (name, mut term, mut words) = (file.numbered(1, 0), file.sort(), SIZE as u64 / 16);
    while file.left() > 400 {
        let number = file.number(digits, words);
        let literal = file.object(0, &[number]);
        let literal = file.object(9, &[literal]);
        term = file.object(5, &[term, literal]);
        words -= 1;
    }
    let constant = file.axiom(name, NIL, term);
    file.module_of_constants(&[constant])
}

/// Names that differ and share one long string.
fn a_string_that_many_names_share(length: usize) -> Vec<u8> {
    let mut file = Writer::new();
    let (text, sort) = (file.string(&"x".repeat(length)), file.sort());
    let mut constants = Vec::new();
    while file.left() > 300 + 8 * constants.len() {
        let prefix = file.numbered(1, constants.len());
        let name = file.name(prefix, text);
        constants.push(file.axiom(name, NIL, sort));
    }
    file.module_of_constants(&constants)
}

/// String objects that say that they reach to the end of the file.
fn strings_that_overlap() -> Vec<u8> {
    let mut file = Writer::new();
    let (name, sort) = (file.numbered(1, 0), file.sort());
    let mut literals = Vec::new();
    while file.left() > SIZE / 8 * 7 {
        literals.push(file.string_of(SIZE / 2, b""));
    }
    let mut term = sort;
    for string in literals {
        let literal = file.object(1, &[string]);
        let literal = file.object(9, &[literal]);
        term = file.object(5, &[term, literal]);
    }
    let constant = file.axiom(name, NIL, term);
    file.module_of_constants(&[constant])
}

fn a_deep_name() -> Vec<u8> {
    let mut file = Writer::new();
    let (mut name, sort, mut constants) = (1, file.sort(), Vec::new());
    while file.left() > 300 + 8 * constants.len() {
        name = file.numbered(name, 7);
        constants.push(file.axiom(name, NIL, sort));
    }
    file.module_of_constants(&constants)
}

fn a_list_of_levels_that_many_terms_share() -> Vec<u8> {
    let mut file = Writer::new();
    let levels = file.list(std::iter::repeat_n(1, SIZE / 64));
    let (name, mut term, mut count) = (file.numbered(1, 0), file.sort(), 0);
    while file.left() > 300 {
        count += 1;
        let constant = file.numbered(1, count);
        let constant = file.object(4, &[constant, levels]);
        term = file.object(5, &[term, constant]);
    }
    let constant = file.axiom(name, NIL, term);
    file.module_of_constants(&[constant])
}

fn a_list_of_parameters_that_many_constants_share() -> Vec<u8> {
    let mut file = Writer::new();
    let parameter = file.numbered(1, 0);
    let parameters = file.list(std::iter::repeat_n(parameter, SIZE / 64));
    let (sort, mut constants) = (file.sort(), Vec::new());
    while file.left() > 300 + 8 * constants.len() {
        let name = file.numbered(1, constants.len() + 1);
        constants.push(file.axiom(name, parameters, sort));
    }
    file.module_of_constants(&constants)
}

fn an_import_that_is_there_often() -> Vec<u8> {
    let mut file = Writer::new();
    let name = (0..200).fold(1, |name, number| file.numbered(name, number));
    let import = file.object(0, &[name]);
    let imports = file.array(&vec![import; file.left() / 8 - 50]);
    let none = file.array(&[]);
    file.module(imports, none, none)
}

fn an_entry_that_is_there_often(extension: &[&str]) -> Vec<u8> {
    let mut file = Writer::new();
    let name = file.numbered(1, 1);
    let position = file.object(0, &[3, 3]);
    let range = file.object(0, &[position, 1, position, 1]);
    let ranges = file.object(0, &[range, range]);
    let entry = file.object(0, &[name, ranges]);
    let count = file.left() / 8 - 50;
    file.module_of_entries(extension, &vec![entry; count])
}

fn entries_that_share(long: impl Fn(&mut Writer) -> u64) -> Vec<u8> {
    let mut file = Writer::new();
    let shared = long(&mut file);
    let mut entries = Vec::new();
    while file.left() > 300 + 8 * entries.len() {
        let (first, second) = (file.at(), shared);
        entries.push(file.object(0, &[second, first | 1]));
    }
    file.module_of_entries(&["e"], &entries)
}

/// A 32-bit file in which an application begins at every word: each word is a pointer, and the head of the object before it.
fn applications_that_overlap() -> Vec<u8> {
    const BASE: u32 = 0x0502_0000;
    let mut words: Vec<u32> = vec![0; 0x58 / 4];
    words[0x50 / 4] = BASE;
    let at = |words: &Vec<u32>| BASE + 4 * words.len() as u32;
    let object = |words: &mut Vec<u32>, tag: u32, fields: &[u32]| {
        let at = at(words);
        words.extend([0, tag << 24 | (fields.len() as u32) << 16 | (16 + 4 * fields.len() as u32)]);
        words.extend(fields);
        words.extend([0, 0]);
        at
    };
    let sort = object(&mut words, 3, &[1]);
    words.extend([sort, sort, sort, sort]);
    while words.len() * 4 < SIZE {
        // The application that begins three words before here has this word as its second term.
        let before = at(&words) - 12;
        words.push(if words.len() < 60 { sort } else { before - 4 });
    }
    // Not one deep term, which would be refused, but many that go on where the one before ends.
    let (end, mut constants) = (at(&words) - 16, Vec::new());
    for number in 0..SIZE as u32 / 40_000 {
        let name = object(&mut words, 2, &[1, 2 * number + 1]);
        let base = object(&mut words, 0, &[name, 1, (BASE + 4000 + number * 40_000).min(end)]);
        let body = object(&mut words, 0, &[base]);
        constants.push(object(&mut words, 0, &[body]));
    }
    let array = |words: &mut Vec<u32>, elements: &[u32]| {
        let at = at(words);
        words.extend([0, u32::from(ARRAY) << 24, elements.len() as u32, elements.len() as u32]);
        words.extend(elements);
        at
    };
    let constants = array(&mut words, &constants);
    let none = array(&mut words, &[]);
    words[0x54 / 4] = object(&mut words, 0, &[none, 1, constants, 1, none]);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes[..6].copy_from_slice(b"olean\x02");
    bytes
}

#[test]
fn hostile_files_take_the_stated_multiple_of_memory() {
    let mut greatest = 0.0_f64;
    let mut check = |what: &str, bytes: Vec<u8>| {
        let size = bytes.len();
        assert!(size <= SIZE + SIZE / 8, "{what}: {size}");
        let olean = Olean::new(bytes);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let mut store = Store::new();
        let module = Module::read(&olean, &mut store);
        let taken = MEMORY.peak_usage() - before;
        greatest = greatest.max(taken as f64 / size as f64);
        let nodes = module.as_ref().map_or(0, |module| {
            module
                .constants
                .values()
                .map(|constant| {
                    let mut nodes = 0;
                    store.visit(constant.type_, |_, _| nodes += 1);
                    nodes
                })
                .max()
                .unwrap_or(0)
        });
        println!(
            "{nodes} nodes; {what}: {:.1} bytes per byte, {:?}",
            taken as f64 / size as f64,
            module.as_ref().err()
        );
        assert!(taken <= FLOOR + size * MEMORY_PER_BYTE, "{what}: {taken} bytes for a file of {size}");
        if let Ok(module) = module {
            // What is read is digested and named without taking more.
            let _ = module.digest(&store);
            let _ = module.constants.keys().map(|name| store.name(*name).0.len()).sum::<usize>();
        }
        let _ = import_names(&olean);
        let taken = MEMORY.peak_usage() - before;
        assert!(taken <= FLOOR + size * MEMORY_PER_BYTE, "{what}, used: {taken} bytes for a file of {size}");
    };
    check("a number that many nodes share", a_number_that_many_nodes_share());
    check("numbers that overlap", numbers_that_overlap());
    check("a string that many names share", a_string_that_many_names_share(SIZE / 2));
    check("a component that many names share", a_string_that_many_names_share(4000));
    check("strings that overlap", strings_that_overlap());
    check("a deep name", a_deep_name());
    check("levels", a_list_of_levels_that_many_terms_share());
    check("parameters", a_list_of_parameters_that_many_constants_share());
    check("applications that overlap", applications_that_overlap());
    check("an import", an_import_that_is_there_often());
    check("an entry", an_entry_that_is_there_often(&["e"]));
    check("a range", an_entry_that_is_there_often(&["Lean", "declRangeExt"]));
    let text = |file: &mut Writer| file.string(&"x".repeat(SIZE / 2));
    check("entries that share a text", entries_that_share(text));
    let names = |file: &mut Writer| {
        let names: Vec<u64> = (0..SIZE / 80).map(|number| file.numbered(1, number)).collect();
        file.array(&names)
    };
    check("entries that share names", entries_that_share(names));
    println!("{greatest:.1} bytes per byte at most");
}
