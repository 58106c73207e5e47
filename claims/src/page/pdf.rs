//! Pages as a PDF file (ISO 32000-1, version 1.7), by printpdf.
//!
//! The same pages give the same bytes: no clock, no process-wide counter, an /ID made of the content.

use lopdf::{Dictionary, Object, StringFormat};
use printpdf::{BuiltinFont, LinePoint, Op, PaintMode, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt};
use printpdf::{Rect, TextItem, TextMatrix};
use sha2::{Digest, Sha256};

use super::{Font, Frame, Line, Page, Points, Printable, Text};

/// What a file tells about itself. A title is shown by viewers and spoolers: name the form, not the person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Title.
    pub title: Printable,
    /// When the pages were made, in UTC. Left out of the file when unknown.
    pub created: Option<chrono::NaiveDateTime>,
}

/// Writes `pages` into one compressed PDF. Needs about 140 KB of memory a page: give batches some 500 pages at most.
#[must_use]
pub fn render(pages: &[Page], about: &About) -> Vec<u8> {
    let mut document = PdfDocument::new("");
    document.with_pages(pages.iter().map(sheet).collect());
    let mut file = document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new());
    "1.7".clone_into(&mut file.version);
    let information = file.add_object(information(about));
    if let Ok(Object::Reference(theirs)) = file.trailer.get(b"Info") {
        file.objects.remove(&theirs.clone());
    }
    file.trailer.set("Info", information);
    let id = Object::String(digest(&file), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    file.compress();
    let mut bytes = Vec::new();
    write(&mut file, &mut bytes);
    bytes
}

#[expect(clippy::expect_used, reason = "the only source of errors is the writer, and a vector takes everything")]
fn write(file: &mut lopdf::Document, bytes: &mut Vec<u8>) {
    file.save_to(bytes).expect("a vector takes every byte");
}

/// Takes the place of the library's own, which always claims PDF/X and dates of 1970.
fn information(about: &About) -> Dictionary {
    let mut information = Dictionary::new();
    information.set("Title", lopdf::text_string(about.title.as_str()));
    information.set("Producer", lopdf::text_string("MentalSpace"));
    if let Some(created) = about.created {
        information.set("CreationDate", Object::string_literal(created.format("D:%Y%m%d%H%M%SZ").to_string()));
    }
    information
}

/// Identifies the content, as /ID is meant to (ISO 32000-1 §14.4).
fn digest(file: &lopdf::Document) -> Vec<u8> {
    let mut hash = Sha256::new();
    for object in file.objects.values() {
        if let Object::Stream(stream) = object {
            hash.update(stream.content.len().to_be_bytes());
            hash.update(&stream.content);
        }
    }
    hash.finalize()[..16].to_vec()
}

fn sheet(page: &Page) -> PdfPage {
    let area = Rect::from_wh(pt(page.width), pt(page.height));
    let mut ops = Vec::with_capacity(2 * page.texts.len() + 4);
    page.lines.iter().for_each(|line| draw_line(line, &mut ops));
    page.frames.iter().for_each(|frame| draw_frame(frame, &mut ops));
    if !page.texts.is_empty() {
        ops.push(Op::StartTextSection);
        show(&page.texts, &mut ops);
        ops.push(Op::EndTextSection);
    }
    PdfPage { media_box: area.clone(), trim_box: area.clone(), crop_box: area, ops }
}

/// Sets the text matrix for each text: the cursor operator of PDF is relative to the text before.
fn show(texts: &[Text], ops: &mut Vec<Op>) {
    let mut current = None;
    for text in texts {
        if current != Some((text.font, text.size)) {
            current = Some((text.font, text.size));
            ops.push(Op::SetFont { font: PdfFontHandle::Builtin(builtin(text.font)), size: pt(text.size) });
        }
        let matrix = TextMatrix::Raw([1.0, 0.0, 0.0, 1.0, text.x.as_f32(), text.y.as_f32()]);
        ops.push(Op::SetTextMatrix { matrix });
        ops.push(Op::ShowText { items: vec![TextItem::Text(text.text.as_str().to_owned())] });
    }
}

fn draw_line(line: &Line, ops: &mut Vec<Op>) {
    let point = |(x, y)| LinePoint { p: Point { x: pt(x), y: pt(y) }, bezier: false };
    ops.push(Op::SetOutlineThickness { pt: pt(line.thickness) });
    ops.push(Op::DrawLine {
        line: printpdf::Line { points: vec![point(line.from), point(line.to)], is_closed: false },
    });
}

fn draw_frame(frame: &Frame, ops: &mut Vec<Op>) {
    let (x, y) = frame.corner;
    let mut rectangle = Rect::from_xywh(pt(x), pt(y), pt(frame.width), pt(frame.height));
    rectangle.mode = Some(PaintMode::Stroke);
    ops.push(Op::SetOutlineThickness { pt: pt(frame.thickness) });
    ops.push(Op::DrawRectangle { rectangle });
}

const fn builtin(font: Font) -> BuiltinFont {
    match font {
        Font::Courier => BuiltinFont::Courier,
        Font::CourierBold => BuiltinFont::CourierBold,
    }
}

const fn pt(length: Points) -> Pt {
    Pt(length.as_f32())
}
