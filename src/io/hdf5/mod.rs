//! HDF5 by `hdf5-pure`, with every size checked before it is believed.

mod array;
mod container;
mod direct;
mod guard;
mod pages;

pub(super) use container::Container;
