//! Bookmarks (ISO 32000-1 §12.3.3): the headings, each below the one before it that stands higher.

use std::io::{self, Write};

use super::{File, Id, file};
use crate::page::{Page, Points, Role};

/// The headings so far.
#[derive(Debug, Default)]
pub(super) struct Outline(Vec<Heading>);

#[derive(Debug)]
struct Heading {
    depth: u8,
    title: String,
    page: Id,
    top: Points,
}

/// A heading's neighbours, by index from 1; 0 is the root.
#[derive(Debug, Clone, Copy, Default)]
struct Links {
    parent: usize,
    previous: usize,
    next: usize,
    first: usize,
    last: usize,
    children: usize,
}

impl Outline {
    pub(super) fn page(&mut self, id: Id, page: &Page) {
        for part in &page.parts {
            let Role::Heading(depth) = part.role else { continue };
            let texts = page.texts.get(part.texts.clone()).unwrap_or_default();
            let Some(first) = texts.first() else { continue };
            let words: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
            self.0.push(Heading { depth, title: words.join(" "), page: id, top: first.y + first.size });
        }
    }

    /// Writes the bookmarks, if there are headings, and returns their root.
    pub(super) fn finish<W: Write>(self, out: &mut File<W>) -> io::Result<Option<Id>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let links = self.links();
        let ids: Vec<Id> = links.iter().map(|_| out.reserve()).collect();
        let link = |name: &str, to: usize| if to == 0 { String::new() } else { format!("/{name} {} 0 R", ids[to]) };
        let Links { first, last, children, .. } = links[0];
        let ends = |first, last| link("First", first) + &link("Last", last);
        out.object(ids[0], &format!("<</Type/Outlines/Count {children}{}>>", ends(first, last)))?;
        for (i, (heading, own)) in (1..).zip(self.0.iter().zip(&links[1..])) {
            let title = file::text(&heading.title);
            let (parent, page, top) = (ids[own.parent], heading.page, heading.top);
            let mut body = format!("<</Title{title}/Parent {parent} 0 R/Dest[{page} 0 R/XYZ null {top} null]");
            body.push_str(&(link("Prev", own.previous) + &link("Next", own.next) + &ends(own.first, own.last)));
            if own.children > 0 {
                // Closed until somebody opens it.
                body.push_str(&format!("/Count -{}", own.children));
            }
            body.push_str(">>");
            out.object(ids[i], &body)?;
        }
        Ok(Some(ids[0]))
    }

    fn links(&self) -> Vec<Links> {
        let mut links = vec![Links::default(); self.0.len() + 1];
        let mut above = vec![(0, 0)];
        for (i, heading) in (1..).zip(&self.0) {
            while above.last().is_some_and(|(_, depth)| *depth >= heading.depth.max(1)) {
                above.pop();
            }
            let parent = above.last().map_or(0, |(parent, _)| *parent);
            let previous = links[parent].last;
            (links[i].parent, links[i].previous) = (parent, previous);
            if previous == 0 {
                links[parent].first = i;
            } else {
                links[previous].next = i;
            }
            links[parent].last = i;
            links[parent].children += 1;
            above.push((i, heading.depth.max(1)));
        }
        links
    }
}
