//! What the demo tells the agent; the demo as a whole is run by `cargo xtask demo --script`.
