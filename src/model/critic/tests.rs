use burn::module::Param;
use burn::tensor::{Device, Tensor};

use super::Critic;

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as::<f32>().expect("a CPU tensor can be read")
}

fn pseudo_random<const D: usize>(shape: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let n = shape.iter().product::<usize>();
    let data: Vec<f32> = (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32) * 2.0 - 1.0
        })
        .collect();
    Tensor::<1>::from_floats(data.as_slice(), device).reshape(shape)
}

fn critic(device: &Device) -> Critic {
    device.seed(7);
    Critic::new(5, 16, device)
}

#[test]
fn input_gradient_agrees_with_finite_differences() {
    let device = Device::flex();
    let critic = critic(&device);
    let x = pseudo_random([3, 5], 1, &device);
    let gradient = values(critic.input_gradient(x.clone()));
    let step = 1e-3f32;
    for sample in 0..3 {
        for input in 0..5 {
            let mut nudge = vec![0.0f32; 15];
            nudge[sample * 5 + input] = step;
            let nudge = Tensor::<1>::from_floats(nudge.as_slice(), &device).reshape([3, 5]);
            let up = values(critic.forward(x.clone() + nudge.clone()))[sample];
            let down = values(critic.forward(x.clone() - nudge))[sample];
            let difference = (up - down) / (2.0 * step);
            // f is piecewise linear: between kinks the central difference is exact up to rounding (1e-7 / 2e-3).
            assert!(
                (difference - gradient[sample * 5 + input]).abs() < 3e-4,
                "{difference} {}",
                gradient[sample * 5 + input]
            );
        }
    }
}

#[test]
fn input_gradient_agrees_with_autodiff() {
    let plain = Device::flex();
    let device = plain.clone().autodiff();
    let critic = critic(&device);
    let x = pseudo_random([4, 5], 2, &device).require_grad();
    let gradients = critic.forward(x.clone()).sum().backward();
    let expected = values(x.grad(&gradients).expect("x requires its gradient"));
    let actual = values(critic.input_gradient(x).inner());
    for (a, b) in actual.iter().zip(&expected) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
}

/// With positive weights and inputs every unit is on its linear side, and f(x) = w₃ᵀ W₂ W₁ x: the penalty and its
/// derivative have a closed form. One input, one hidden unit: f(x) = w₁ w₂ w₃ x, penalty (|w₁w₂w₃| − 1)²,
/// derivative by w₁: 2 (w₁w₂w₃ − 1) w₂ w₃.
#[test]
fn penalty_and_its_derivative_have_the_closed_form() {
    let device = Device::flex().autodiff();
    let mut critic = Critic::new(1, 1, &device);
    let (w1, w2, w3) = (0.5f32, 1.5, 2.0);
    let set = |layer: &mut burn::nn::Linear, weight: f32| {
        layer.weight = Param::from_tensor(Tensor::<2>::from_floats([[weight]], &device));
        layer.bias = Some(Param::from_tensor(Tensor::<1>::from_floats([0.1], &device)));
    };
    set(&mut critic.first, w1);
    set(&mut critic.second, w2);
    set(&mut critic.last, w3);
    let real = Tensor::<2>::from_floats([[1.0], [2.0]], &device);
    let fake = Tensor::<2>::from_floats([[3.0], [0.5]], &device);
    let mixing = Tensor::<2>::from_floats([[0.3], [0.8]], &device);
    let penalty = critic.gradient_penalty(real, fake, mixing);
    let product = w1 * w2 * w3;
    assert!((penalty.clone().into_scalar::<f32>() - (product - 1.0).powi(2)).abs() < 1e-5);
    let gradients = penalty.backward();
    let by_w1 = values(critic.first.weight.val().grad(&gradients).expect("the first weight has a gradient"))[0];
    assert!((by_w1 - 2.0 * (product - 1.0) * w2 * w3).abs() < 1e-4, "{by_w1}");
}

/// The derivative of the penalty by every weight, against central differences of the penalty itself.
#[test]
fn penalty_derivative_agrees_with_finite_differences() {
    let plain = Device::flex();
    let device = plain.clone().autodiff();
    let critic = critic(&device);
    let real = pseudo_random([6, 5], 3, &device);
    let fake = pseudo_random([6, 5], 4, &device);
    let mixing = pseudo_random([6, 1], 5, &device).abs();
    let penalty = |critic: &Critic| critic.gradient_penalty(real.clone(), fake.clone(), mixing.clone());
    let gradients = penalty(&critic).backward();
    let analytic = values(critic.second.weight.val().grad(&gradients).expect("the second weight has a gradient"));
    let weights = values(critic.second.weight.val().inner());
    let step = 2e-3f32;
    let mut compared = 0;
    for index in (0..weights.len()).step_by(17) {
        let at = |delta: f32| {
            let mut moved = weights.clone();
            moved[index] += delta;
            let mut critic = critic.clone();
            critic.second.weight =
                Param::from_tensor(Tensor::<1>::from_floats(moved.as_slice(), &device).reshape([16, 16]));
            penalty(&critic).into_scalar::<f32>()
        };
        let difference = (at(step) - at(-step)) / (2.0 * step);
        assert!((difference - analytic[index]).abs() < 2e-3, "{index}: {difference} {}", analytic[index]);
        compared += 1;
    }
    assert!(compared >= 15);
    assert!(analytic.iter().any(|g| g.abs() > 1e-3), "the comparison would be empty");
}
