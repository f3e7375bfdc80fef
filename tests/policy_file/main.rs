//! The policy file: any bytes are refused or read, never a panic; every network survives writing and reading; and
//! the format is the one of the document, as a writer in another language understood it.
//!
//! `written_is_read` and `damaged_is_refused` are properties of `any_policy`; `rules_of_the_header` and
//! `rules_of_layers` break one rule of the document after another; `files_of_the_document` are from the other writer, and
//! `programs_of_some_layers` play them.

mod any_policy;
mod damage;
mod damaged_is_refused;
mod files_of_the_document;
mod policy;
mod programs_of_some_layers;
mod rules_of_layers;
mod rules_of_the_header;
mod written_is_read;
