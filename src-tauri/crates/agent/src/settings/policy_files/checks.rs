//! What must hold of the files as they are delivered, looked at without the code that wrote them.

mod editor;
mod names;
mod sample;

use std::fs;

use roxmltree::{Document, Node};

/// The template and its words.
struct Texts {
    admx: String,
    adml: String,
}

impl Texts {
    fn read() -> Self {
        let read = |name: &str| fs::read_to_string(super::folder().join(name)).unwrap();
        Self {
            admx: read("cardea.admx"),
            adml: read("en-GB/cardea.adml"),
        }
    }

    fn parse(&self) -> (Document<'_>, Document<'_>) {
        (
            Document::parse(&self.admx).unwrap(),
            Document::parse(&self.adml).unwrap(),
        )
    }
}

/// Every element of a name.
fn all<'a>(document: &'a Document<'_>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    let elements = document.descendants();
    elements.filter(move |node| node.has_tag_name_of(name))
}

/// The elements inside of this one.
fn inside<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

/// What is filled in for a policy; nothing for one that is enabled or disabled only.
fn elements<'a>(policy: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    let elements = inside(policy).find(|node| node.has_tag_name_of("elements"));
    elements.into_iter().flat_map(inside)
}

/// An attribute that must be there.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name)
        .unwrap_or_else(|| panic!("{node:?} has no {name}"))
}

trait Named {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Named for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
