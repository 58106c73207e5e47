//! The logical structure (ISO 32000-1 §14.7): one element for each part of a page, in reading order, then one for each
//! picture.

use std::io::{self, Write};

use super::{File, Id, file};
use crate::page::{Page, Role};

/// The elements so far, if any page had parts.
#[derive(Debug, Default)]
pub(super) struct Structure(Option<Tagged>);

#[derive(Debug)]
struct Tagged {
    root: Id,
    document: Id,
    elements: Vec<Id>,
    /// Of each page, the object that lists its elements.
    pages: Vec<Id>,
}

impl Structure {
    /// Writes the elements of a page; returns its number among the tagged ones.
    pub(super) fn page<W: Write>(&mut self, out: &mut File<W>, id: Id, page: &Page) -> io::Result<Option<usize>> {
        if page.parts.is_empty() {
            return Ok(None);
        }
        let tagged = self.0.get_or_insert_with(|| Tagged {
            root: out.reserve(),
            document: out.reserve(),
            elements: Vec::new(),
            pages: Vec::new(),
        });
        let mut own = String::new();
        let parts = page.parts.iter().map(|part| name(part.role).to_owned());
        let figures = page.pictures.iter().map(|picture| format!("Figure/Alt{}", file::text(&picture.meaning)));
        for (mark, kind) in parts.chain(figures).enumerate() {
            let (element, document) = (out.reserve(), tagged.document);
            out.object(element, &format!("<</Type/StructElem/S/{kind}/P {document} 0 R/Pg {id} 0 R/K {mark}>>"))?;
            own.push_str(&format!("{element} 0 R "));
            tagged.elements.push(element);
        }
        let list = out.reserve();
        out.object(list, &format!("[{}]", own.trim_end()))?;
        tagged.pages.push(list);
        Ok(Some(tagged.pages.len() - 1))
    }

    /// Writes the root and returns what the catalog says of it.
    pub(super) fn finish<W: Write>(self, out: &mut File<W>) -> io::Result<String> {
        let Some(Tagged { root, document, elements, pages }) = self.0 else { return Ok(String::new()) };
        let kids: Vec<String> = elements.iter().map(|element| format!("{element} 0 R")).collect();
        out.object(document, &format!("<</Type/StructElem/S/Document/P {root} 0 R/K[{}]>>", kids.join(" ")))?;
        let lists: Vec<String> = pages.iter().enumerate().map(|(i, list)| format!("{i} {list} 0 R")).collect();
        let parents = out.reserve();
        out.object(parents, &format!("<</Nums[{}]>>", lists.join(" ")))?;
        let next = pages.len();
        let body =
            format!("<</Type/StructTreeRoot/K {document} 0 R/ParentTree {parents} 0 R/ParentTreeNextKey {next}>>");
        out.object(root, &body)?;
        Ok(format!("/StructTreeRoot {root} 0 R/MarkInfo<</Marked true>>"))
    }
}

/// Returns the standard structure type of a role.
pub(super) const fn name(role: Role) -> &'static str {
    match role {
        Role::Heading(0 | 1) => "H1",
        Role::Heading(2) => "H2",
        Role::Heading(3) => "H3",
        Role::Heading(4) => "H4",
        Role::Heading(5) => "H5",
        Role::Heading(_) => "H6",
        Role::Paragraph => "P",
    }
}
