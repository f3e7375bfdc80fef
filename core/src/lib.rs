#![no_std]
#![forbid(unsafe_code)]
//! Reinforcement learning that runs the same, bit for bit, from a host down to a microcontroller.
//!
//! No allocation, no unsafe code, no clock, no global state: memory and randomness are arguments. The tour, in the
//! order data flows:
//!
//! # What is acted in
//!
//! An [`env::Env`] is reset and stepped; it writes observations into the caller's slice and says how an episode
//! [ended](env::Ending). Its [`space`]s say what goes in and out. [`envs`] has CartPole and the others as Gymnasium
//! has them, seed for seed. Randomness comes from [`rng`], mathematics from [`math`].
//!
//! # What acts
//!
//! [`preprocess`] normalises an observation, a network ([`nn`]) gives each action a value, a [`policy`] chooses one.
//! Networks know nothing of reinforcement learning, and policies nothing of networks.
//!
//! # What learns
//!
//! [`replay`] makes a transition of a step, the one place where an ending becomes a discount, and keeps it.
//! [`bellman`] says what a value should have been ([`branches`] where actions have components). [`dqn`] puts these together: its agent decides when to learn, its
//! learner does it. Agents that learn from each step as it comes share the shape [`agent::Agent`]:
//! [`bandit_agents`], [`tabular`] and [`linear`] ones. [`dynamic_programming`] plans from a task's rules, without a step.
//!
//! Without values: [`policy_search`] tries parameters, [`imitation`] does as it is shown, [`reinforce`] makes likelier what
//! brought more, with the [`returns`] of whole episodes.
//!
//! # What turns the wheel
//!
//! [`run`] alone knows both an environment and an agent. [`weights`] takes a trained network into a file that
//! firmware reads in place.

pub mod env;
pub mod envs;
pub mod lanes;
pub mod math;
pub mod physics;
pub mod rng;
pub mod space;

pub mod nn;
pub mod policy;
pub mod preprocess;

pub mod agent;
pub mod bandit_agents;
pub mod bellman;
pub mod branches;
pub mod distribution;
pub mod dqn;
pub mod dynamic_programming;
pub mod imitation;
mod in_parts;
pub mod linear;
pub mod policy_search;
pub mod reinforce;
pub mod replay;
pub mod returns;
pub mod tabular;

pub mod run;
pub mod weights;
