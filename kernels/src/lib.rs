//! The CUDA text of the twins of core's functions. Empty until the first kernel; nothing else belongs here.
