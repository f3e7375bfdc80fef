//! Learning of distributions, implicit ones too, Munchausen targets and noise in weights against RLax and JAX
//! (tests/golden/distribution/make_distribution_golden.py), against finite differences, and on every choice of lanes.

mod implicit;
mod noise;
mod quantiles;
mod recorded;
mod targets;
