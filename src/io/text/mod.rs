//! Delimited text: tables of annotations, and matrices of numbers.

mod dialect;
mod lines;
mod number;
mod records;
mod table;

pub(super) use lines::Lines;
pub(super) use number::{Field, has_decimal_comma, parse as parse_number};
pub(super) use records::{Record, Records, text};
pub(super) use table::{ColumnBuilder, Header, read_table};
