//! Pages as a PDF file (ISO 32000-1, version 1.7).
//!
//! The same pages give the same bytes: no clock, no process-wide counter, an /ID made of the content. A file is written
//! page after page, so memory does not grow with it but for some twenty bytes a page. Pages with parts are tagged, and
//! their headings are bookmarks. Embedded typefaces are written by printpdf.

mod content;
mod face;
mod file;
mod outline;
mod structure;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use self::content::Content;
use self::file::File;
use self::outline::Outline;
use self::structure::Structure;
use self::tree::Tree;
use super::{Font, Page, Printable, Raster};

/// What a file tells about itself. A title is shown by viewers and spoolers: name the form, not the person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Title.
    pub title: Printable,
    /// When the pages were made, in UTC. Left out of the file when unknown.
    pub created: Option<chrono::NaiveDateTime>,
}

/// Writes `pages` into one compressed PDF.
#[must_use]
pub fn render(pages: &[Page], about: &About) -> Vec<u8> {
    in_memory(|| {
        let mut writer = Writer::new(Vec::new(), about)?;
        pages.iter().try_for_each(|page| writer.page(page))?;
        writer.finish()
    })
}

/// Writes a file into memory, where nothing but our own typefaces could be at fault.
#[expect(clippy::expect_used, reason = "a vector takes every byte, and the typefaces are part of the crate")]
pub(crate) fn in_memory(write: impl FnOnce() -> io::Result<Vec<u8>>) -> Vec<u8> {
    write().expect("memory takes every byte")
}

/// The number of an object in a file.
type Id = u32;

/// Writes a file page by page.
///
/// Reading aids of tagged pages (bookmarks, structure) are kept until the end; forms have none.
#[derive(Debug)]
pub struct Writer<W> {
    file: File<W>,
    about: About,
    catalog: Id,
    resources: Id,
    tree: Tree,
    outline: Outline,
    structure: Structure,
    /// The codes shown so far, of each typeface.
    shown: BTreeMap<Font, BTreeSet<u16>>,
    pictures: BTreeMap<Raster, Id>,
    backgrounds: Vec<Id>,
    content: Content,
}

/// A drawing that many pages share, see [`Writer::background`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Background(usize);

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// As `out`.
    pub fn new(out: W, about: &About) -> io::Result<Self> {
        let mut file = File::begin(out)?;
        let (catalog, resources) = (file.reserve(), file.reserve());
        Ok(Self {
            tree: Tree::new(&mut file),
            structure: Structure::default(),
            file,
            about: about.clone(),
            catalog,
            resources,
            outline: Outline::default(),
            shown: BTreeMap::new(),
            pictures: BTreeMap::new(),
            backgrounds: Vec::new(),
            content: Content::default(),
        })
    }

    /// Writes a drawing once that any number of pages can lie upon; its parts are decoration.
    ///
    /// # Errors
    /// As the writer.
    pub fn background(&mut self, page: &Page) -> io::Result<Background> {
        self.draw(page, None)?;
        let id = self.file.reserve();
        let head = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources {} 0 R",
            page.width, page.height, self.resources
        );
        self.file.stream(id, &head, self.content.bytes())?;
        self.backgrounds.push(id);
        Ok(Background(self.backgrounds.len() - 1))
    }

    /// Writes a page.
    ///
    /// # Errors
    /// As the writer.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        self.page_on(page, None)
    }

    /// Writes a page upon a background, or upon nothing.
    ///
    /// # Errors
    /// As the writer.
    pub fn page_on(&mut self, page: &Page, background: Option<Background>) -> io::Result<()> {
        self.draw(page, background)?;
        let content = self.file.reserve();
        self.file.stream(content, "", self.content.bytes())?;
        let id = self.file.reserve();
        self.outline.page(id, page);
        let parents = self.structure.page(&mut self.file, id, page)?;
        self.tree.page(&mut self.file, id, page, content, parents)
    }

    fn draw(&mut self, page: &Page, background: Option<Background>) -> io::Result<()> {
        for picture in &page.pictures {
            if !self.pictures.contains_key(&picture.raster) {
                let id = picture_object(&mut self.file, &picture.raster)?;
                self.pictures.insert(picture.raster.clone(), id);
            }
        }
        for text in &page.texts {
            let font = text.text.font();
            if font.embedded().is_some() {
                self.shown.entry(font).or_default().extend(text.text.codes());
            } else {
                self.shown.entry(font).or_default();
            }
        }
        let pictures = &self.pictures;
        self.content.draw(page, background.map(|background| background.0), |raster| pictures.get(raster).copied());
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// As the writer.
    pub fn finish(mut self) -> io::Result<W> {
        let file = &mut self.file;
        let pages = self.tree.finish(file, self.resources)?;
        let mut fonts = String::new();
        for (font, shown) in &self.shown {
            let id = face::write(file, *font, shown)?;
            fonts.push_str(&format!("/{} {id} 0 R", content::font_name(*font)));
        }
        let mut drawings = String::new();
        for (index, id) in self.backgrounds.iter().enumerate() {
            drawings.push_str(&format!("/B{index} {id} 0 R"));
        }
        for id in self.pictures.values() {
            drawings.push_str(&format!("/P{id} {id} 0 R"));
        }
        file.object(self.resources, &format!("<</Font<<{fonts}>>/XObject<<{drawings}>>>>"))?;
        let outlines = self.outline.finish(file)?.map_or_else(String::new, |id| format!("/Outlines {id} 0 R"));
        let structure = self.structure.finish(file)?;
        let catalog = format!(
            "<</Type/Catalog/Pages {pages} 0 R/Lang(en-US)/ViewerPreferences<</DisplayDocTitle true>>{outlines}{structure}>>"
        );
        file.object(self.catalog, &catalog)?;
        let mut information = format!("<</Title{}/Producer(MentalSpace)", file::text(self.about.title.as_str()));
        if let Some(created) = self.about.created {
            information.push_str(&format!("/CreationDate({})", created.format("D:%Y%m%d%H%M%SZ")));
        }
        information.push_str(">>");
        let about = file.reserve();
        file.object(about, &information)?;
        self.file.end(self.catalog, about)
    }
}

fn picture_object<W: Write>(file: &mut File<W>, raster: &Raster) -> io::Result<Id> {
    let id = file.reserve();
    let space = if raster.is_coloured() { "DeviceRGB" } else { "DeviceGray" };
    let head = format!(
        "/Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace/{space}/BitsPerComponent 8",
        raster.width(),
        raster.height()
    );
    file.stream(id, &head, raster.pixels())?;
    Ok(id)
}
