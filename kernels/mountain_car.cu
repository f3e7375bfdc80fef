// Many cars in their valleys. Twin: core/src/envs/classic/mountain_car.rs, whose order of operations is Gymnasium's.
//
//   states [cars][2]: position and velocity a step, in double precision; observations [cars][2]: the same in single precision
//
// Launch: a thread a car, any block; the grid covers `cars`. Time limits and what follows an end are not here.
#include "random.cuh"
#include "trigonometry.cuh"

struct Car {
    double position, velocity;
};

__device__ __forceinline__ void observe(const Car& car, float* observation) {
    observation[0] = (float)car.position;
    observation[1] = (float)car.velocity;
}

// Starts the cars anew whose `begins` is not zero, each from its own generator: a position in [-0.6, -0.4), at rest.
extern "C" __global__ void mountain_car_reset(const u32* __restrict__ begins, Generator* __restrict__ generators,
                                              Car* __restrict__ states, float* __restrict__ observations, u32 cars) {
    const u32 i = thread_in_grid();
    if (i >= cars || begins[i] == 0) return;
    const Car car = {-0.6 + (-0.4 - -0.6) * random(generators[i]), 0.0};
    states[i] = car;
    observe(car, observations + 2 * i);
}

// One step of every car: action 0 accelerates to the left, 1 coasts, 2 accelerates to the right. The reward is -1 each step;
// `terminated` becomes 1 where a car has reached the goal at `goal_velocity` or more.
extern "C" __global__ void mountain_car_step(const u32* __restrict__ actions, Car* __restrict__ states,
                                             float* __restrict__ observations, u32* __restrict__ terminated,
                                             double goal_velocity, u32 cars) {
    const u32 i = thread_in_grid();
    if (i >= cars) return;
    const double force = 0.001, gravity = 0.0025, speed_limit = 0.07, leftmost = -1.2, rightmost = 0.6, goal = 0.5;
    Car car = states[i];
    const double push = ((double)actions[i] - 1.0) * force + cosine(3.0 * car.position) * -gravity;
    car.velocity = clamped(car.velocity + push, -speed_limit, speed_limit);
    car.position = clamped(car.position + car.velocity, leftmost, rightmost);
    if (car.position == leftmost && car.velocity < 0.0) car.velocity = 0.0;
    terminated[i] = car.position >= goal && car.velocity >= goal_velocity ? 1 : 0;
    states[i] = car;
    observe(car, observations + 2 * i);
}
