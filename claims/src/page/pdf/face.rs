//! Typefaces as objects of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use lopdf::{Dictionary, Object, ObjectId, StringFormat};
use printpdf::{FontId, Op, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Pt, Rect, TextItem};

use super::{File, Id};
use crate::page::Font;

/// Writes a typeface and what it needs to show `shown`.
pub(super) fn write<W: Write>(out: &mut File<W>, font: Font, shown: &BTreeSet<u16>) -> io::Result<Id> {
    let Some(face) = font.embedded() else {
        let id = out.reserve();
        let name = if font == Font::CourierBold { "Courier-Bold" } else { "Courier" };
        out.object(id, &format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>"))?;
        return Ok(id);
    };
    let mut document = PdfDocument::new("");
    let name = FontId(if font == Font::SansBold { "NotoSans-Bold" } else { "NotoSans" }.to_owned());
    document.resources.fonts.map.insert(name.clone(), PdfFont::new(face.parsed.clone()));
    // The library embeds what its pages show.
    let characters = face.parsed.codepoint_to_glyph.iter().filter(|(_, glyph)| shown.contains(glyph));
    let sample: String = characters.filter_map(|(c, _)| char::from_u32(*c)).collect();
    let area = Rect::from_wh(Pt(612.0), Pt(792.0));
    let ops = vec![
        Op::StartTextSection,
        Op::SetFont { font: PdfFontHandle::External(name), size: Pt(12.0) },
        Op::ShowText { items: vec![TextItem::Text(sample)] },
        Op::EndTextSection,
    ];
    document.with_pages(vec![PdfPage { media_box: area.clone(), trim_box: area.clone(), crop_box: area, ops }]);
    let theirs = document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new());
    let root = theirs.objects.iter().find(|(_, object)| is_composite_font(object)).map(|(id, _)| *id);
    let root = root.ok_or_else(|| io::Error::other("the typeface was not embedded"))?;
    Copy { theirs: &theirs, ours: BTreeMap::new() }.object(out, root)
}

fn is_composite_font(object: &Object) -> bool {
    let name = |key: &[u8]| object.as_dict().ok().and_then(|dictionary| dictionary.get(key).ok()?.as_name().ok());
    name(b"Type") == Some(b"Font") && name(b"Subtype") == Some(b"Type0")
}

/// Copies objects of another document, each once.
struct Copy<'a> {
    theirs: &'a lopdf::Document,
    ours: BTreeMap<ObjectId, Id>,
}

impl Copy<'_> {
    fn object<W: Write>(&mut self, out: &mut File<W>, id: ObjectId) -> io::Result<Id> {
        if let Some(ours) = self.ours.get(&id) {
            return Ok(*ours);
        }
        let ours = out.reserve();
        self.ours.insert(id, ours);
        let object = self.theirs.get_object(id).map_err(io::Error::other)?;
        if let Object::Stream(stream) = object {
            let mut entries = stream.dict.clone();
            entries.remove(b"Length");
            let data = match entries.remove(b"Filter") {
                Some(_) => stream.decompressed_content().map_err(io::Error::other)?,
                None => stream.content.clone(),
            };
            let entries = self.entries(out, &entries)?;
            out.stream(ours, &entries, &data)?;
        } else {
            let body = self.value(out, object)?;
            out.object(ours, &body)?;
        }
        Ok(ours)
    }

    fn entries<W: Write>(&mut self, out: &mut File<W>, dictionary: &Dictionary) -> io::Result<String> {
        let mut text = String::new();
        for (key, value) in dictionary.iter() {
            text.push_str(&name(key));
            text.push(' ');
            text.push_str(&self.value(out, value)?);
        }
        Ok(text)
    }

    fn value<W: Write>(&mut self, out: &mut File<W>, value: &Object) -> io::Result<String> {
        Ok(match value {
            Object::Null | Object::Stream(_) => "null".to_owned(),
            Object::Boolean(value) => value.to_string(),
            Object::Integer(value) => value.to_string(),
            Object::Real(value) => value.to_string(),
            Object::Name(value) => name(value),
            Object::String(value, StringFormat::Literal | StringFormat::Hexadecimal) => {
                format!("<{}>", value.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
            }
            Object::Array(values) => {
                let values: io::Result<Vec<String>> = values.iter().map(|value| self.value(out, value)).collect();
                format!("[{}]", values?.join(" "))
            }
            Object::Dictionary(dictionary) => format!("<<{}>>", self.entries(out, dictionary)?),
            Object::Reference(id) => format!("{} 0 R", self.object(out, *id)?),
        })
    }
}

fn name(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-+_.".contains(byte);
    let spell = |byte: &u8| if plain(byte) { char::from(*byte).to_string() } else { format!("#{byte:02X}") };
    format!("/{}", bytes.iter().map(spell).collect::<String>())
}
