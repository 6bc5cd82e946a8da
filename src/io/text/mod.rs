//! Delimited text: tables of annotations, and matrices of numbers.

mod dialect;
mod number;
mod records;
mod table;

pub(super) use table::{Header, read_table};
