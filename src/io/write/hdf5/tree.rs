//! Groups, arrays and their attributes: small things that are held until the end and written bottom up.

use super::{
    DEFLATE_LEVEL, Element, Hdf5,
    header::{self, Header},
    heap::Heap,
};
use crate::io::{IoError, Sink};

/// A value beside an object.
#[derive(Debug, Clone)]
pub(in crate::io::write) enum Attribute {
    Text(String),
    Texts(Vec<String>),
    Integers(Vec<i64>),
    Truth(bool),
    /// A list without an element, which HDF5 gives a type nevertheless; anndata writes numbers there, and so do we.
    Nothing,
}

/// The shape of an array.
pub(super) enum Shape {
    Scalar,
    Of(Vec<u64>),
}

/// Where the elements of an array lie.
pub(super) enum Layout {
    Whole {
        address: u64,
        size: u64,
    },
    Chunked {
        index: u64,
        edges: Vec<u32>,
    },
    /// A single text, kept in the header itself.
    Text(String),
}

/// The elements of all texts of a tree, in the order in which its headers are written.
type Elements<'a> = std::slice::ChunksExact<'a, u8>;

/// An array whose elements are written.
pub(in crate::io::write) struct Dataset {
    element: Element,
    shape: Shape,
    layout: Layout,
    attributes: Vec<(&'static str, Attribute)>,
}

/// A group under construction.
#[derive(Default)]
pub(in crate::io::write) struct Group {
    attributes: Vec<(&'static str, Attribute)>,
    children: Vec<(String, Node)>,
}

enum Node {
    Group(Group),
    Dataset(Dataset),
}

impl Dataset {
    pub(super) fn new(element: Element, shape: Shape, layout: Layout) -> Self {
        Self { element, shape, layout, attributes: Vec::new() }
    }

    /// A single number.
    pub(in crate::io::write) fn scalar<S: Sink>(
        out: &mut Hdf5<S>,
        element: Element,
        bytes: &[u8],
    ) -> Result<Self, IoError> {
        let layout = Layout::Whole { address: out.append(bytes)?, size: bytes.len() as u64 };
        Ok(Self::new(element, Shape::Scalar, layout))
    }

    /// A single text.
    pub(in crate::io::write) fn text(text: &str) -> Self {
        Self::new(Element::Text, Shape::Scalar, Layout::Text(text.to_owned()))
    }

    pub(in crate::io::write) fn with(mut self, name: &'static str, value: Attribute) -> Self {
        self.attributes.push((name, value));
        self
    }

    /// Its texts, in the order in which [`Dataset::write`] takes their elements.
    fn texts<'a>(&'a self, texts: &mut Vec<&'a str>) {
        if let Layout::Text(text) = &self.layout {
            texts.push(text);
        }
        texts_of(&self.attributes, texts);
    }

    fn write<S: Sink>(self, out: &mut Hdf5<S>, texts: &mut Elements) -> Result<u64, IoError> {
        let mut header = Header::new();
        let shape = match &self.shape {
            Shape::Scalar => None,
            Shape::Of(shape) => Some(shape.as_slice()),
        };
        header.message(header::DATASPACE, &header::dataspace(shape))?;
        header.message(header::DATATYPE, &self.element.message())?;
        match self.layout {
            Layout::Whole { address, size } => {
                // No fill value; space is taken late.
                header.message(header::FILL_VALUE, &[3, 0x0a])?;
                let mut layout = vec![3, 1];
                layout.extend(address.to_le_bytes());
                layout.extend(size.to_le_bytes());
                header.message(header::LAYOUT, &layout)?;
            }
            Layout::Text(_) => {
                header.message(header::FILL_VALUE, &[3, 0x09])?;
                let mut layout = vec![3, 0];
                layout.extend((Element::Text.size() as u16).to_le_bytes());
                layout.extend(take(texts, 1));
                header.message(header::LAYOUT, &layout)?;
            }
            Layout::Chunked { index, edges } => {
                // No fill value; space is taken chunk by chunk.
                header.message(header::FILL_VALUE, &[3, 0x0b])?;
                let mut layout = vec![3, 2, edges.len() as u8 + 1];
                layout.extend(index.to_le_bytes());
                layout.extend(edges.iter().flat_map(|edge| edge.to_le_bytes()));
                layout.extend((self.element.size() as u32).to_le_bytes());
                header.message(header::LAYOUT, &layout)?;
                header.message(header::FILTERS, &header::filters(self.element, DEFLATE_LEVEL))?;
            }
        }
        write_attributes(&mut header, &self.attributes, texts)?;
        out.append(&header.finish()?)
    }
}

impl Group {
    pub(in crate::io::write) fn set(&mut self, name: &'static str, value: Attribute) {
        self.attributes.push((name, value));
    }

    pub(in crate::io::write) fn add(&mut self, name: &str, group: Group) {
        self.children.push((name.to_owned(), Node::Group(group)));
    }

    pub(in crate::io::write) fn array(&mut self, name: &str, dataset: Dataset) {
        self.children.push((name.to_owned(), Node::Dataset(dataset)));
    }

    /// Writes the tree: its texts, then every header after those it points to. Gives the address of its own.
    pub(super) fn write_tree<S: Sink>(self, out: &mut Hdf5<S>) -> Result<u64, IoError> {
        let mut texts = Vec::new();
        self.texts(&mut texts);
        let (mut heap, mut elements) = (Heap::default(), Vec::new());
        for text in texts {
            heap.push(text)?;
            if heap.is_full() {
                elements.append(&mut heap.write(out)?);
            }
        }
        elements.append(&mut heap.write(out)?);
        self.write(out, &mut elements.chunks_exact(Element::Text.size()))
    }

    /// Its texts, in the order in which [`Group::write`] takes their elements.
    fn texts<'a>(&'a self, texts: &mut Vec<&'a str>) {
        for (_, child) in &self.children {
            match child {
                Node::Group(group) => group.texts(texts),
                Node::Dataset(dataset) => dataset.texts(texts),
            }
        }
        texts_of(&self.attributes, texts);
    }

    fn write<S: Sink>(self, out: &mut Hdf5<S>, texts: &mut Elements) -> Result<u64, IoError> {
        let mut header = Header::new();
        header.message(header::LINK_INFO, &header::link_info())?;
        header.message(header::GROUP_INFO, &[0, 0])?;
        for (name, child) in self.children {
            let address = match child {
                Node::Group(group) => group.write(out, texts)?,
                Node::Dataset(dataset) => dataset.write(out, texts)?,
            };
            header.message(header::LINK, &header::link(&name, address)?)?;
        }
        write_attributes(&mut header, &self.attributes, texts)?;
        out.append(&header.finish()?)
    }
}

fn texts_of<'a>(attributes: &'a [(&'static str, Attribute)], texts: &mut Vec<&'a str>) {
    for (_, value) in attributes {
        match value {
            Attribute::Text(text) => texts.push(text),
            Attribute::Texts(list) => texts.extend(list.iter().map(String::as_str)),
            _ => {}
        }
    }
}

fn write_attributes(
    header: &mut Header,
    attributes: &[(&'static str, Attribute)],
    texts: &mut Elements,
) -> Result<(), IoError> {
    for (name, value) in attributes {
        let list = |length: usize| Some([length as u64]);
        let (element, shape, data) = match value {
            Attribute::Text(_) => (Element::Text, None, take(texts, 1)),
            Attribute::Texts(values) => (Element::Text, list(values.len()), take(texts, values.len())),
            Attribute::Integers(values) => {
                (Element::I64, list(values.len()), values.iter().flat_map(|value| value.to_le_bytes()).collect())
            }
            Attribute::Truth(value) => (Element::Bool, None, vec![u8::from(*value)]),
            Attribute::Nothing => (Element::F64, list(0), Vec::new()),
        };
        let shape = shape.as_ref().map(|shape| shape.as_slice());
        header.message(header::ATTRIBUTE, &header::attribute(name, element, shape, &data))?;
    }
    Ok(())
}

/// The next `n` elements.
fn take(texts: &mut Elements, n: usize) -> Vec<u8> {
    texts.by_ref().take(n).flatten().copied().collect()
}
