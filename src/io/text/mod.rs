//! Delimited text: tables of annotations, and matrices of numbers.

mod dialect;
mod lines;
mod number;
mod records;
mod table;

pub(super) use lines::Lines;
pub(super) use records::{Records, text};
pub(super) use table::{Header, read_table};
