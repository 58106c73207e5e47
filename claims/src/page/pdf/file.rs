//! The body, cross-reference table and trailer of a file (ISO 32000-1 §7.5).

use std::fmt;
use std::io::{self, Write};

use flate2::{Compress, Compression, FlushCompress, Status};
use sha2::{Digest, Sha256};

use super::Id;

/// A file in the making: objects may be written in any order, each once.
pub(super) struct File<W> {
    out: W,
    written: u64,
    /// Where each object begins; 0 while it is not written.
    offsets: Vec<u64>,
    content: Sha256,
    deflate: Compress,
    packed: Vec<u8>,
}

impl<W> fmt::Debug for File<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} objects, {} bytes)", self.offsets.len(), self.written)
    }
}

impl<W: Write> File<W> {
    pub(super) fn begin(out: W) -> io::Result<Self> {
        let mut file = Self {
            out,
            written: 0,
            offsets: Vec::new(),
            content: Sha256::new(),
            deflate: Compress::new(Compression::default(), true),
            packed: Vec::new(),
        };
        // The second line tells transports that the file is not text.
        file.put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")?;
        Ok(file)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Takes the next number for an object that is written later.
    pub(super) fn reserve(&mut self) -> Id {
        self.offsets.push(0);
        Id::try_from(self.offsets.len()).unwrap_or(Id::MAX)
    }

    /// Writes an object.
    pub(super) fn object(&mut self, id: Id, body: &str) -> io::Result<()> {
        self.begin_object(id)?;
        self.content.update(body);
        self.put(body.as_bytes())?;
        self.put(b"\nendobj\n")
    }

    /// Writes a compressed stream with further entries of its dictionary.
    pub(super) fn stream(&mut self, id: Id, entries: &str, data: &[u8]) -> io::Result<()> {
        self.content.update(entries);
        self.content.update(data);
        self.pack(data)?;
        self.begin_object(id)?;
        let packed = std::mem::take(&mut self.packed);
        self.put(format!("<<{entries}/Filter/FlateDecode/Length {}>>stream\n", packed.len()).as_bytes())?;
        self.put(&packed)?;
        self.packed = packed;
        self.put(b"\nendstream\nendobj\n")
    }

    fn begin_object(&mut self, id: Id) -> io::Result<()> {
        if let Some(offset) = self.offsets.get_mut(id as usize - 1) {
            *offset = self.written;
        }
        self.content.update(id.to_be_bytes());
        self.put(format!("{id} 0 obj\n").as_bytes())
    }

    /// Compresses into `packed`.
    fn pack(&mut self, data: &[u8]) -> io::Result<()> {
        self.deflate.reset();
        self.packed.clear();
        self.packed.reserve(data.len() + 64);
        loop {
            let read = usize::try_from(self.deflate.total_in()).unwrap_or(usize::MAX);
            match self.deflate.compress_vec(
                data.get(read..).unwrap_or_default(),
                &mut self.packed,
                FlushCompress::Finish,
            ) {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(Status::Ok | Status::BufError) => self.packed.reserve(data.len() + 64),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Writes table and trailer.
    pub(super) fn end(mut self, catalog: Id, information: Id) -> io::Result<W> {
        let start = self.written;
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.offsets.len() + 1);
        let offsets = std::mem::take(&mut self.offsets);
        for offset in &offsets {
            table.push_str(&format!("{offset:010} 00000 n \n"));
            if table.len() > 1 << 16 {
                self.put(table.as_bytes())?;
                table.clear();
            }
        }
        self.put(table.as_bytes())?;
        let id: String = self.content.finalize_reset()[..16].iter().map(|byte| format!("{byte:02X}")).collect();
        let trailer = format!(
            "trailer\n<</Size {}/Root {catalog} 0 R/Info {information} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{start}\n%%EOF\n",
            offsets.len() + 1
        );
        self.put(trailer.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a text string: as it is where it is ASCII, else in UTF-16 (§7.9.2.2).
pub(super) fn text(text: &str) -> String {
    if text.is_ascii() && !text.contains(['(', ')', '\\', '\r']) {
        return format!("({text})");
    }
    let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{units}>")
}
