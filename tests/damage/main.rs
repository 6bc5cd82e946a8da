//! Every real file of the field, damaged in every way, and files made to do harm: an error with a code or an answer that
//! agrees with itself, in bounded memory and time, and never a panic.
//!
//! The allocator of these tests counts, so they run one at a time.

mod attacks;
mod attacks_hdf5;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/damage.rs"]
mod damage;
mod pack;
mod real;
mod trial;

#[global_allocator]
static ALLOCATOR: damage::Counting = damage::Counting;
