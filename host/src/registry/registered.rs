//! What every environment with a name is beyond its rules: its state for traces, its map, its pictures, its plan.
//!
//! Each is a default that says no, and the environments that have one say so here. Names and options are in the table
//! of [`registry`](super).

use super::recorded::{Physics, RecordedAction};
use super::{LARGEST_GRID, LARGEST_LAKE, StackedBreakout};
use crate::draw::Drawn;
use crate::floor_plan::{FloorPlan, OnFloor};
use crate::solve::{Question, Solution, solve_model};
use core::ops::Range;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::finite::FiniteModel;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::{Gridworld, Viewed};
use embedded_rl_core::envs::lunar_lander::{LunarLander, LunarLanderContinuous};
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::pixel_grid::PixelGrid;
use embedded_rl_core::envs::toy_text::{Blackjack, CliffWalking, FrozenLake, Taxi};
use embedded_rl_core::preprocess::Flattened;

/// What every environment in the table is.
pub trait Registered: Env<Action: RecordedAction> + Clone {
    /// How far a step's state may be from Gymnasium's, where [`Registered::state`] has one.
    const TOLERANCE: Tolerance = Tolerance::LastPlaces(1.0);
    /// How far a step's reward may be from Gymnasium's.
    const REWARD_TOLERANCE: Tolerance = Tolerance::Bits;

    /// The state that Gymnasium keeps in `f64`, for tasks whose arithmetic is continuous.
    fn state(&mut self) -> &mut [f64] {
        &mut []
    }

    /// Whether a numbered state has this action.
    fn can(&self, _state: u32, _action: u32) -> bool {
        true
    }

    /// What an arm of a bandit pays on average now.
    fn arm_value(&self, _arm: u32) -> Option<f64> {
        None
    }

    /// The arm of a bandit that pays most now.
    fn best_arm(&self) -> Option<u32> {
        None
    }

    /// Where everything is, for tasks whose states are cells.
    fn floor_plan(&self) -> Option<FloorPlan> {
        None
    }

    /// The best policy, for tasks whose rules are a table. `limit` is how long an episode of playing it may be.
    fn solve(&self, _limit: Option<u32>, _question: &Question) -> Option<Solution> {
        None
    }

    /// What can be seen of it, where that is drawn.
    fn drawn(&self) -> Option<&dyn Drawn> {
        None
    }

    /// The bodies behind the observations, for tasks that have some.
    fn physics(&self) -> Option<Physics> {
        None
    }
}

/// The part of a value that depends on whose sine, cosine and square computed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// None.
    Bits,
    /// So many units in the last place of the value or, where it is smaller, of one.
    LastPlaces(f64),
    /// An absolute difference.
    Absolute(f64),
}

impl<E: Registered> Registered for TimeLimit<E> {
    const TOLERANCE: Tolerance = E::TOLERANCE;
    const REWARD_TOLERANCE: Tolerance = E::REWARD_TOLERANCE;

    fn state(&mut self) -> &mut [f64] {
        self.env.state()
    }

    fn can(&self, state: u32, action: u32) -> bool {
        self.env.can(state, action)
    }

    fn arm_value(&self, arm: u32) -> Option<f64> {
        self.env.arm_value(arm)
    }

    fn best_arm(&self) -> Option<u32> {
        self.env.best_arm()
    }

    fn floor_plan(&self) -> Option<FloorPlan> {
        self.env.floor_plan()
    }

    fn solve(&self, _: Option<u32>, question: &Question) -> Option<Solution> {
        self.env.solve(Some(self.limit()), question)
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        self.env.drawn()
    }

    fn physics(&self) -> Option<Physics> {
        self.env.physics()
    }
}

impl Registered for CartPole {
    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for MountainCar {
    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for MountainCarContinuous {
    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Pendulum {
    /// The sine is multiplied by 15 before it is rounded twice and added.
    const TOLERANCE: Tolerance = Tolerance::LastPlaces(2.0);
    /// Two squares in it are the C library's, one in a thousand of which is a last place away.
    const REWARD_TOLERANCE: Tolerance = Tolerance::LastPlaces(2.0);

    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Flattened<Docking, 2> {
    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Acrobot {
    /// Four evaluations of the equations add up their rounding errors.
    const TOLERANCE: Tolerance = Tolerance::Absolute(1e-12);

    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for LunarLander {
    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }

    fn physics(&self) -> Option<Physics> {
        Some(Physics::of(self.lander()))
    }
}

impl Registered for LunarLanderContinuous {
    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }

    fn physics(&self) -> Option<Physics> {
        Some(Physics::of(self.lander()))
    }
}

impl Registered for FrozenLake<LARGEST_LAKE> {
    fn floor_plan(&self) -> Option<FloorPlan> {
        Some(OnFloor::floor_plan(self))
    }

    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        let floor = Registered::floor_plan(self);
        Some(Solution { floor, ..solve_model(self, limit, question) })
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for CliffWalking {
    fn floor_plan(&self) -> Option<FloorPlan> {
        Some(OnFloor::floor_plan(self))
    }

    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        let floor = Registered::floor_plan(self);
        Some(Solution { floor, ..solve_model(self, limit, question) })
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Taxi {
    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        Some(solve_model(self, limit, question))
    }
}
impl Registered for Blackjack {}
impl Registered for Gridworld<LARGEST_GRID> {
    fn floor_plan(&self) -> Option<FloorPlan> {
        Some(OnFloor::floor_plan(self))
    }

    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        let floor = Registered::floor_plan(self);
        Some(Solution { floor, ..solve_model(self, limit, question) })
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Viewed<LARGEST_GRID> {
    fn floor_plan(&self) -> Option<FloorPlan> {
        Some(OnFloor::floor_plan(self))
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for PixelGrid<LARGEST_GRID> {
    fn floor_plan(&self) -> Option<FloorPlan> {
        Some(OnFloor::floor_plan(self))
    }

    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for Breakout {
    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(self)
    }
}

impl Registered for StackedBreakout {
    fn drawn(&self) -> Option<&dyn Drawn> {
        Some(&self.env.game)
    }
}

impl Registered for MarkovChain<'static, 4> {
    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        Some(solve_model(self, limit, question))
    }
}

impl Registered for BanditRooms {
    fn arm_value(&self, arm: u32) -> Option<f64> {
        let Range { start, end } = self.interval(arm);
        Some((start + end) / 2.0)
    }

    fn best_arm(&self) -> Option<u32> {
        Some(self.best())
    }
}

impl Registered for GaussianBandit {
    fn arm_value(&self, arm: u32) -> Option<f64> {
        self.values().get(arm as usize).copied()
    }

    fn best_arm(&self) -> Option<u32> {
        Some(self.best())
    }
}

impl Registered for Mdp<'static, 3, 3> {
    fn can(&self, state: u32, action: u32) -> bool {
        self.is_possible(state, action)
    }

    fn solve(&self, limit: Option<u32>, question: &Question) -> Option<Solution> {
        Some(solve_model(self, limit, question))
    }
}
