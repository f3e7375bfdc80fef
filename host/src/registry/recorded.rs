//! What traces record of an environment beside observations: actions of any kind, and bodies.
//!
//! How a trace writes these is for [`crate::replay_trace`].

use embedded_rl_core::envs::lunar_lander::Lander;
use embedded_rl_core::space::Space;

/// A kind of action that a trace can hold.
pub trait RecordedAction: Copy {
    /// An action that every environment of this kind has.
    const FIRST: Self;

    /// The recorded action; none if it is of another kind or not in `space`. Numbers are recorded as they are,
    /// components as the bits of their `f32`.
    fn read(recorded: &Recorded, space: Space<'_>) -> Option<Self>;

    /// The action as a trace records it.
    fn recorded(self) -> Recorded;

    /// The action with this number; none if actions of this kind have no numbers.
    fn numbered(number: u32) -> Option<Self>;
}

/// An action as a trace has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum Recorded {
    /// A numbered action.
    Number(i64),
    /// Bits of the components.
    Components(Vec<u32>),
}

impl core::fmt::Display for Recorded {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Components(bits) => {
                write!(f, "{:?}", bits.iter().map(|&bits| f32::from_bits(bits)).collect::<Vec<_>>())
            }
        }
    }
}

impl RecordedAction for u32 {
    const FIRST: Self = 0;

    fn read(recorded: &Recorded, space: Space<'_>) -> Option<Self> {
        let Recorded::Number(number) = *recorded else { return None };
        Self::try_from(number).ok().filter(|&action| space.contains(&[action]))
    }

    fn recorded(self) -> Recorded {
        Recorded::Number(i64::from(self))
    }

    fn numbered(number: u32) -> Option<Self> {
        Some(number)
    }
}

impl<const N: usize> RecordedAction for [f32; N] {
    const FIRST: Self = [0.0; N];

    fn read(recorded: &Recorded, space: Space<'_>) -> Option<Self> {
        let Recorded::Components(bits) = recorded else { return None };
        let action = <[u32; N]>::try_from(bits.as_slice()).ok()?.map(f32::from_bits);
        space.contains(&action).then_some(action)
    }

    fn recorded(self) -> Recorded {
        Recorded::Components(self.map(f32::to_bits).into())
    }

    fn numbered(_: u32) -> Option<Self> {
        None
    }
}

/// Bodies as `record_lunar.py` writes them: the lander and its two legs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Physics {
    /// x, y, angle and their velocities of each body.
    pub bodies: [[f32; 6]; 3],
    /// Whether each body is awake.
    pub awake: [bool; 3],
    /// Whether each leg stands on the ground.
    pub contacts: [bool; 2],
    /// Whether the hull has touched the ground.
    pub game_over: bool,
}

impl Physics {
    pub(super) fn of(lander: &Lander) -> Self {
        let bodies = &lander.world().bodies;
        Self {
            bodies: bodies.each_ref().map(|body| {
                let (at, velocity) = (body.transform.position, body.velocity);
                let angle = body.sweep.end.angle;
                [at.x, at.y, angle, velocity.linear.x, velocity.linear.y, velocity.angular]
            }),
            awake: bodies.each_ref().map(|body| body.awake),
            contacts: lander.legs_on_ground(),
            game_over: lander.has_crashed(),
        }
    }
}
