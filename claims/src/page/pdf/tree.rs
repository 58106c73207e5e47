//! The page tree (ISO 32000-1 §7.7.3): what all pages share stands at its root.

use std::io::{self, Write};

use super::{File, Id};
use crate::page::{Page, Points};

/// Pages of a branch.
const BRANCH: usize = 64;

/// Root, branches and pages.
#[derive(Debug)]
pub(super) struct Tree {
    root: Id,
    /// Finished branches and their pages.
    branches: Vec<(Id, usize)>,
    open: Option<(Id, Vec<Id>)>,
    /// The size of the first page; others name their own where it differs.
    size: Option<(Points, Points)>,
}

impl Tree {
    pub(super) fn new<W: Write>(file: &mut File<W>) -> Self {
        Self { root: file.reserve(), branches: Vec::new(), open: None, size: None }
    }

    pub(super) fn page<W: Write>(
        &mut self,
        file: &mut File<W>,
        id: Id,
        page: &Page,
        content: Id,
        structure: Option<usize>,
    ) -> io::Result<()> {
        let (branch, pages) = self.open.get_or_insert_with(|| (file.reserve(), Vec::new()));
        let size = (page.width, page.height);
        let mut entries = String::new();
        if *self.size.get_or_insert(size) != size {
            entries = format!("/MediaBox[0 0 {} {}]", page.width, page.height);
        }
        if let Some(number) = structure {
            entries.push_str(&format!("/StructParents {number}/Tabs/S"));
        }
        file.object(id, &format!("<</Type/Page/Parent {branch} 0 R/Contents {content} 0 R{entries}>>"))?;
        pages.push(id);
        if pages.len() == BRANCH {
            return self.close(file);
        }
        Ok(())
    }

    fn close<W: Write>(&mut self, file: &mut File<W>) -> io::Result<()> {
        let Some((branch, pages)) = self.open.take() else { return Ok(()) };
        let kids: Vec<String> = pages.iter().map(|page| format!("{page} 0 R")).collect();
        let (root, kids, count) = (self.root, kids.join(" "), pages.len());
        self.branches.push((branch, count));
        file.object(branch, &format!("<</Type/Pages/Parent {root} 0 R/Count {count}/Kids[{kids}]>>"))
    }

    /// Writes the root.
    pub(super) fn finish<W: Write>(mut self, file: &mut File<W>, resources: Id) -> io::Result<Id> {
        self.close(file)?;
        let letter = Page::letter();
        let (width, height) = self.size.unwrap_or((letter.width, letter.height));
        let kids: Vec<String> = self.branches.iter().map(|(branch, _)| format!("{branch} 0 R")).collect();
        let count: usize = self.branches.iter().map(|(_, pages)| pages).sum();
        let root = format!(
            "<</Type/Pages/Count {count}/Kids[{}]/MediaBox[0 0 {width} {height}]/Resources {resources} 0 R>>",
            kids.join(" ")
        );
        file.object(self.root, &root)?;
        Ok(self.root)
    }
}
