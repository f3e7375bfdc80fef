//! The joints of many crafts in flight, solved side by side: one craft a lane.
//!
//! A sweep waits for the one before it, so that one craft leaves most of a processor idle; as many as a vector has
//! lanes take hardly longer. Each lane does what [`Flight::solve`] does, operation by operation. Crafts that touch the
//! ground are not here: their contacts differ in number, and they are few.

use super::island::Flight;
use super::joint_sweeps::{Motion, SWEEPS_NUMBERS, Sweeps};
use super::number::Lane;
use super::{JOINTS, VELOCITY_SWEEPS};
use crate::lanes::Lanes;
use pulp::{Simd, WithSimd};

/// The most lanes of any vector.
const MAXIMUM_LANES: usize = 16;

/// Does all velocity sweeps of every craft, to the same bits for any choice of lanes.
pub fn solve_flights(lanes: Lanes, flights: &mut [Flight]) {
    lanes.dispatch(Crowd(flights));
}

/// Crafts to be solved with one choice of vector instructions.
struct Crowd<'a>(&'a mut [Flight]);

impl WithSimd for Crowd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES == 1 {
            // A single number branches where lanes compute both sides.
            return self.0.iter_mut().for_each(Flight::solve);
        }
        for flights in self.0.chunks_mut(S::F32_LANES) {
            solve_chunk(simd, flights);
        }
    }
}

/// As many crafts as there are lanes, or fewer; the lanes left over repeat the first.
#[inline(always)]
fn solve_chunk<S: Simd>(simd: S, flights: &mut [Flight]) {
    let columns: [[[f32; SWEEPS_NUMBERS]; MAXIMUM_LANES]; JOINTS] = core::array::from_fn(|joint| {
        core::array::from_fn(|lane| flight(flights, lane).sweeps[joint].numbers())
    });
    let mut sweeps: [Sweeps<Lane<S>>; JOINTS] = core::array::from_fn(|joint| {
        Sweeps::from_numbers(core::array::from_fn(|number| {
            gather(simd, |lane| columns[joint][lane][number])
        }))
    });
    let mut hull = gather_motion(simd, |lane| flight(flights, lane).hull);
    let mut legs: [Motion<Lane<S>>; JOINTS] =
        core::array::from_fn(|joint| gather_motion(simd, |lane| flight(flights, lane).legs[joint]));

    for _ in 0..VELOCITY_SWEEPS {
        for (sweeps, leg) in sweeps.iter_mut().zip(&mut legs) {
            sweeps.solve(&mut hull, leg);
        }
    }

    scatter_motion(hull, flights, |flight| &mut flight.hull);
    for (joint, (sweeps, leg)) in sweeps.into_iter().zip(legs).enumerate() {
        scatter_motion(leg, flights, |flight| &mut flight.legs[joint]);
        let [x, y] = sweeps.point_impulse;
        scatter(x, flights, |flight| &mut flight.sweeps[joint].point_impulse[0]);
        scatter(y, flights, |flight| &mut flight.sweeps[joint].point_impulse[1]);
        scatter(sweeps.limit_impulse, flights, |flight| &mut flight.sweeps[joint].limit_impulse);
        scatter(sweeps.motor_impulse, flights, |flight| &mut flight.sweeps[joint].motor_impulse);
    }
}

#[inline(always)]
fn flight(flights: &[Flight], lane: usize) -> &Flight {
    flights.get(lane).unwrap_or(&flights[0])
}

/// A vector of one number of each lane.
#[inline(always)]
fn gather<S: Simd>(simd: S, number: impl Fn(usize) -> f32) -> Lane<S> {
    let mut numbers = [0.0; MAXIMUM_LANES];
    for (lane, place) in numbers[..S::F32_LANES].iter_mut().enumerate() {
        *place = number(lane);
    }
    Lane { simd, values: S::as_simd_f32s(&numbers[..S::F32_LANES]).0[0] }
}

#[inline(always)]
fn gather_motion<S: Simd>(simd: S, motion: impl Fn(usize) -> Motion<f32>) -> Motion<Lane<S>> {
    Motion {
        linear: [0, 1].map(|axis| gather(simd, |lane| motion(lane).linear[axis])),
        angular: gather(simd, |lane| motion(lane).angular),
    }
}

/// Puts each lane's number where it belongs in its craft.
#[inline(always)]
fn scatter<S: Simd>(
    vector: Lane<S>,
    flights: &mut [Flight],
    place: impl Fn(&mut Flight) -> &mut f32,
) {
    let mut numbers = [0.0; MAXIMUM_LANES];
    S::as_mut_simd_f32s(&mut numbers[..S::F32_LANES]).0[0] = vector.values;
    for (flight, number) in flights.iter_mut().zip(numbers) {
        *place(flight) = number;
    }
}

#[inline(always)]
fn scatter_motion<S: Simd>(
    motion: Motion<Lane<S>>,
    flights: &mut [Flight],
    place: impl Fn(&mut Flight) -> &mut Motion<f32>,
) {
    let Motion { linear: [x, y], angular } = motion;
    scatter(x, flights, |flight| &mut place(flight).linear[0]);
    scatter(y, flights, |flight| &mut place(flight).linear[1]);
    scatter(angular, flights, |flight| &mut place(flight).angular);
}
