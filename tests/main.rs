//! The whole of Cardea on real parts: one test binary, one module for each part of the story.

mod harness;

mod provider_itself;
mod readers;
