//! The `.resitu` file: written, read, damaged and forged.

mod attacks;
mod round_trip;
mod support;
